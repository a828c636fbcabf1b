"""What goshawk leaves behind in a target: nothing. Not when it is done, and not when it is killed at any moment."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from goshawk_command import GOSHAWK, leaks
from running_program import READ_SYSCALLS, running

MOMENTS = int(os.environ.get("GOSHAWK_TEST_KILLS", "300"))
SETTLING_SECONDS = 5


def signal_masks(target):
    """Of every thread: signals pending, blocked, ignored and caught."""
    return {thread: [target.status(key, thread) for key in ("SigPnd", "SigBlk", "SigIgn", "SigCgt")] for thread in target.threads()}


def blocked_reads(target):
    """Of every thread that is blocked in read(): the file, the buffer, the stack pointer and the program counter."""
    calls = {thread: Path(f"/proc/{target.pid}/task/{thread}/syscall").read_text().split() for thread in target.threads()}
    return {thread: call for thread, call in calls.items() if call[0] in READ_SYSCALLS}


def await_same(read, expected):
    """Idle threads of Go wake now and then for a moment, and block signals meanwhile."""
    deadline = time.monotonic() + SETTLING_SECONDS
    while (now := read()) != expected:
        assert time.monotonic() < deadline, f"{now}, not {expected}"
        time.sleep(0.001)


def steady(read):
    """What three readings in a row say."""
    last = [read(), None, None]
    while not last[0] == last[1] == last[2]:
        time.sleep(0.001)
        last = [read(), *last[:2]]
    return last[0]


def is_free(target):
    """Nobody traces any thread, and none is stopped."""
    for thread in target.threads():
        try:
            if target.status("TracerPid", thread) != "0" or target.status("State", thread)[0] in "tT":
                return False
        except OSError:
            pass  # the thread has ended
    return True


def await_free(target):
    deadline = time.monotonic() + SETTLING_SECONDS
    while not is_free(target):
        assert time.monotonic() < deadline, [(t, target.status("State", t), target.status("TracerPid", t)) for t in target.threads()]
        time.sleep(0.001)


def test_threads_are_as_they_were(release):
    with running("in_syscall", "fixed", release) as target:
        masks = steady(lambda: signal_masks(target))
        reads = steady(lambda: blocked_reads(target))
        assert len(reads) == 2, "two threads of this program read"
        maps = Path(f"/proc/{target.pid}/maps").read_text()
        files = sorted(os.listdir(f"/proc/{target.pid}/fd"))
        for _ in range(5):
            leaks(target.pid)
            assert is_free(target)
        await_same(lambda: signal_masks(target), masks)
        await_same(lambda: blocked_reads(target), reads)
        assert Path(f"/proc/{target.pid}/maps").read_text() == maps
        assert sorted(os.listdir(f"/proc/{target.pid}/fd")) == files
        assert target.command("wake")["left"] == []


@pytest.mark.parametrize("name, mode", [("load", "leaky"), ("in_syscall", "fixed"), ("ends_threads", "leaky"), ("starts_processes", "leaky")])
def test_killed_at_any_moment(newest, name, mode):
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    with running(name, mode, newest) as target:
        started = time.monotonic()
        leaks(target.pid)
        duration = time.monotonic() - started
        for _ in range(MOMENTS // 4):
            tool = subprocess.Popen([GOSHAWK, "leaks", str(target.pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0, duration * 1.2))  # the moment
            tool.send_signal(chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
            tool.wait(timeout=30)
            await_free(target)
            assert target.command("ping"), f"seed {seed}"
        if mode == "fixed":
            assert target.command("wake")["left"] == []
        assert target.process.poll() is None


def test_no_child_is_left(newest):
    with running("starts_processes", "leaky", newest) as target:
        for _ in range(20):
            leaks(target.pid)
        assert target.command("ping")
    leftovers = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "stat=,comm="], capture_output=True, text=True).stdout
    assert not [line for line in leftovers.splitlines() if line.startswith("Z")], leftovers
