"""A thread in a signal handler of C's, on a stack that C set: what it interrupted stands in the kernel's frame there."""

import ctypes
import os
import signal
from pathlib import Path

import pytest

from goshawk_command import leaks
from judgement import differences_of_leaks
from running_program import running

libc = ctypes.CDLL(None, use_errno=True)
SYS_TGKILL = {"x86_64": 234, "aarch64": 131}[os.uname().machine]


def send(target):
    (holder,) = [t for t in target.threads() if Path(f"/proc/{target.pid}/task/{t}/comm").read_text() == "holder\n"]
    assert libc.syscall(SYS_TGKILL, target.pid, holder, signal.SIGUSR2) == 0
    return Path(f"/proc/{target.pid}/task/{holder}/wchan")


@pytest.mark.parametrize("mode", ["leaky", "fixed"])
def test_registers_on_a_stack_of_c(release, mode):
    with running("c_signal_stack", mode, release) as target:
        waits_in = send(target)
        while "sigtimedwait" not in waits_in.read_text():
            pass
        report = leaks(target.pid)
        differences = differences_of_leaks(report, target)
        assert not differences, "\n" + "\n".join(differences)
        assert not report["picture"]["quiet"]
        send(target)
        assert target.command("wake")["left"] == [] or mode == "leaky"
