"""Programs of another architecture under qemu's user mode, and the cores that they leave.

The machine code, the registers and the memory are arm64's, and so is the core: qemu writes it from the emulated side, with
all threads halted. What an emulator cannot give is said in docs/limits.md.
"""

import ctypes
import errno
import os
import resource
import shutil
import signal
from contextlib import contextmanager
from pathlib import Path

import go_programs
from running_program import RunningProgram

LIBRARIES = "/usr/aarch64-linux-gnu"  # of the cross compiler, for programs with C
SYS_TGKILL = {"x86_64": 234, "aarch64": 131}[os.uname().machine]
HANDED_ON = b"\n-----\n"  # runtime/signal_unix.go sighandler
libc = ctypes.CDLL(None, use_errno=True)
EMULATOR = shutil.which("qemu-aarch64") or "qemu-aarch64"  # not there: starting it fails, and says so


class EmulatedProgram(RunningProgram):
    """Its host threads wait in the host's own read when its goroutine waits for commands, so its handshake is the same."""

    def __init__(self, executable, name, mode, environment=None, **options):
        super().__init__(executable, name, mode, {"QEMU_LD_PREFIX": LIBRARIES, **(environment or {})}, under=(EMULATOR,), **options)


def ask_to_dump(pid, thread):
    if libc.syscall(SYS_TGKILL, pid, thread, signal.SIGQUIT) != 0 and ctypes.get_errno() != errno.ESRCH:  # it has ended
        raise OSError(ctypes.get_errno(), "tgkill")


def die_with_core(target):
    """By SIGQUIT. The runtime hands it on from thread to thread by their signal masks, which the emulator does not give to the
    host, so that each would wait for the other for seconds: once the first has begun, all others are told, each by itself."""
    target.process.send_signal(signal.SIGQUIT)
    said, told = b"", False
    while chunk := os.read(target.process.stderr.fileno(), 1 << 16):
        said += chunk
        if not told and HANDED_ON in said:
            told = True
            for thread in target.threads():
                ask_to_dump(target.pid, thread)
    target.process.wait()
    assert told, said[-2000:]


def let_crash(target, directory):
    """Ends an emulated program that was started in `directory` with GOTRACEBACK=crash, and returns its core."""
    resource.prlimit(target.pid, resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    Path(f"/proc/{target.pid}/coredump_filter").write_text("0")  # the kernel's core of the emulator itself is of no use
    die_with_core(target)
    (core,) = Path(directory).glob("qemu_*.core")
    return core


@contextmanager
def crashed(name, mode, release, flavour, directory):
    """A program that ended at rest, its executable, its core, and the runtime's own list from a moment before."""
    with started(name, mode, release, flavour, directory) as (target, executable):
        dump = target.command("dump")["dump"]
        core = let_crash(target, directory)
        yield target, executable, core, dump
        core.unlink()  # 90 MB each


@contextmanager
def core_at_some_instant(name, mode, release, flavour, directory, environment=None):
    with started(name, mode, release, flavour, directory, environment) as (target, executable):
        core = let_crash(target, directory)
        yield target, executable, core
        core.unlink()


@contextmanager
def started(name, mode, release, flavour, directory, environment=None):
    executable = go_programs.build(release, flavour, go_programs.program(name).folder)
    target = EmulatedProgram(executable, name, mode, {"GOTRACEBACK": "crash", **(environment or {})}, cwd=directory)
    try:
        yield target, executable
    finally:
        target.end()
