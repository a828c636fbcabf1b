"""An hour of watching a service that leaks a goroutine a minute, and its correct twin, at a sample in ten seconds.

Neither of script/test nor with sleeps to be in time: time is what is tested. script/test-all runs it; the same with everything faster,
in GOSHAWK_TEST_HOUR seconds: GOSHAWK_TEST_HOUR=120 pytest watched_hour.py. With GOSHAWK_SANITIZED, a build with a leak checker watches too.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

import go_programs
from goshawk_command import FINDINGS, FINE, GOSHAWK

HOUR = 3600
SECONDS = float(os.environ.get("GOSHAWK_TEST_HOUR", HOUR))
SANITIZED = os.environ.get("GOSHAWK_SANITIZED")
EVERY, LEAK_EVERY = (f"{seconds * SECONDS / HOUR * 1000:.0f}ms" for seconds in (10, 60))
SETTLED, LAST = 0.25, 0.95  # of the time: what it allocates at first is there
LEAK_FOUND = 99  # LeakSanitizer's exit code


def resident_kb(process):
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())[1])


class Watched:
    def __init__(self, folder, name, *options, watchers):
        self.executable = folder / f"{name}-{os.getpid()}"
        shutil.copy(go_programs.build(go_programs.releases()[-1], "dwarf", "shop"), self.executable)
        self.process = subprocess.Popen([self.executable, "-parked", "100", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"
        self.watchers = [self.watch(folder, name, goshawk) for goshawk in watchers]
        self.resident = []

    def watch(self, folder, name, goshawk):
        out = open(folder / f"{name}-{Path(goshawk).parent.name}.out", "wb+")
        environment = {**os.environ, "XDG_STATE_HOME": str(folder / f"state-{len(os.listdir(folder))}"), "LSAN_OPTIONS": f"exitcode={LEAK_FOUND}"}
        command = [goshawk, "watch", str(self.process.pid), "--every", EVERY, "--for", f"{SECONDS}s", "--max-pause", "1000"]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=environment), out

    def measure(self):
        self.resident.append(resident_kb(self.watchers[0][0]))

    def end(self):
        self.codes = [watcher.wait(timeout=HOUR) for watcher, _ in self.watchers]
        self.outputs = []
        for _, out in self.watchers:
            out.seek(0)
            self.outputs.append(out.read().decode())
            out.close()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hour")
    watchers = [GOSHAWK, *([SANITIZED] if SANITIZED else [])]
    leaking = Watched(folder, "leaking", "-abandon", LEAK_EVERY, watchers=watchers)
    correct = Watched(folder, "correct", watchers=watchers)
    for share in (SETTLED, LAST):
        time.sleep(max(0, SECONDS * (share - (SETTLED if share == LAST else 0))))
        leaking.measure()
        correct.measure()
    leaking.end()
    correct.end()
    return leaking, correct


def test_a_goroutine_a_minute_is_proven_within_the_hour(both):
    leaking, _ = both
    assert leaking.codes[0] == FINDINGS, leaking.outputs[0]
    (alert,) = [line for line in leaking.outputs[0].splitlines() if "  ALERT  " in line]
    assert "goroutines started in main.abandon" in alert and "proven leaked" in alert
    print(f"after {LEAK_EVERY} each: {alert}")


def test_its_correct_twin_gives_no_alarm(both):
    _, correct = both
    assert correct.codes[0] == FINE and "grow" not in correct.outputs[0], correct.outputs[0]


def test_the_watcher_itself_does_not_grow(both):
    _, correct = both
    early, late = correct.resident
    assert late - early < 1024, correct.resident


@pytest.mark.skipif(not SANITIZED, reason="there is no build with a leak checker: GOSHAWK_SANITIZED")
def test_the_watcher_itself_does_not_leak(both):
    for watched, code in zip(both, (FINDINGS, FINE), strict=True):
        assert watched.codes[1] == code and "Sanitizer" not in watched.outputs[1], watched.outputs[1]
