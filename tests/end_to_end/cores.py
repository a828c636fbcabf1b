"""Core files of running programs, as the kernel and as gdb write them."""

import resource
import subprocess
from pathlib import Path

CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")

# The kernel hands a core to a program instead of writing it where the process was (systemd-coredump, apport).
NO_KERNEL_CORES = CORE_PATTERN.read_text()[0] in "|/"


def let_crash(target, directory):
    """Ends a program that was started in `directory` with GOTRACEBACK=crash, and returns the kernel's core."""
    resource.prlimit(target.pid, resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    target.die_with_dump()
    target.process.wait()
    (core,) = Path(directory).glob("core*")
    return core


# Of a program that reserves terabytes gdb would write on until the disk is full.
LARGEST_CORE_BYTES = 6 << 30


def gcore(target, directory):
    prefix = Path(directory) / "gcore"
    limit = f"--fsize={LARGEST_CORE_BYTES}"
    subprocess.run(["prlimit", limit, "gcore", "-o", prefix, str(target.pid)], check=True, capture_output=True)
    return Path(f"{prefix}.{target.pid}")
