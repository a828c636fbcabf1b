"""What is read ahead of a stop is the stopped process: `goshawk doctor --way track` compares it with a twin of the same instant, each byte that
was read and each object's references. The programs allocate, collect, map, unmap and give memory back meanwhile; whoever dies when, the
process goes on, untracked. GOSHAWK_TEST_FAULTS: how many times as many rounds."""

import json
import os
import random
import subprocess
import time
from pathlib import Path

import pytest

from goshawk_command import FINE, GOSHAWK, UNREADABLE, goshawk
from running_program import running

TIMES = int(os.environ.get("GOSHAWK_TEST_FAULTS", "1"))
PER_STEP = 300


def is_untracked(pid):
    flags = [line for line in Path(f"/proc/{pid}/smaps").read_text().splitlines() if line.startswith("VmFlags:")]
    return not any(" uw" in line for line in flags) and not files_of_tracking(pid)


def files_of_tracking(pid):
    files = []
    for file in Path(f"/proc/{pid}/fd").iterdir():
        try:
            files.append(os.readlink(file))
        except OSError:
            pass  # closed meanwhile
    return [file for file in files if "userfaultfd" in file]


def compare(pid):
    """Whether there was a picture: it was the stopped process then. None: it wrote faster than it could be read, or it never rested."""
    outcome = goshawk("doctor", pid, "--way", "track", "--format", "json")
    report = json.loads(outcome.out)
    if outcome.code == UNREADABLE:
        told = report["error"]
        assert "differ" not in told and "other references" not in told, told
        return None
    assert outcome.code == FINE, outcome.err
    assert any(condition["name"] == "read ahead" and "no byte" in condition["found"] for condition in report["conditions"]), report["conditions"]
    return report["picture"]


@pytest.mark.parametrize("megabytes", [16, 128])
def test_it_is_the_stopped_process(newest, megabytes):
    with running("memory", "fixed", newest) as target:
        target.command(f"pointers {megabytes}")
        target.command(f"change {PER_STEP}")
        rounds = 5 * TIMES
        pictures = [picture for picture in (compare(target.pid) for _ in range(rounds)) if picture]
        print(f"{len(pictures)} of {rounds} pictures compared")
        assert len(pictures) >= rounds / 5
        assert is_untracked(target.pid) and target.command("stats")


def test_whoever_looks_is_killed(newest):
    """At any moment of it."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    with running("memory", "fixed", newest) as target:
        target.command("pointers 16")
        target.command(f"change {PER_STEP}")
        for _ in range(12 * TIMES):
            tool = subprocess.Popen([GOSHAWK, "leaks", str(target.pid), "--way", "track"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0, 0.25))
            tool.kill()
            tool.wait(timeout=30)
            deadline = time.monotonic() + 30
            while not is_untracked(target.pid) or target.status("TracerPid") != "0":
                assert time.monotonic() < deadline, f"seed {seed}: something of it stays"
                time.sleep(0.001)
            assert target.command("stats"), f"seed {seed}"


def test_it_ends_while_it_is_looked_at(newest):
    chance = random.Random(3)
    for _ in range(3 * TIMES):
        with running("memory", "fixed", newest) as target:
            target.command("pointers 32")
            tool = subprocess.Popen([GOSHAWK, "leaks", str(target.pid), "--way", "track"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            time.sleep(chance.uniform(0, 0.2))
            target.process.kill()
            _, told = tool.communicate(timeout=60)
            assert tool.returncode in (FINE, UNREADABLE), told
            assert target.process.wait(timeout=10) == -9, "its exit is its parent's"
