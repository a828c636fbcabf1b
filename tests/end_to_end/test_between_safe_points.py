"""Pictures taken exactly there where a value is in no place that a stack map names: an instruction of the code in question is
replaced by a jump to itself (by the test, in the target's memory), so that a thread stands on it, and put back afterwards.
The program wakes all that it starts: whatever is proven is wrong."""

import os
import re
import subprocess
import time

import pytest

import go_programs
from goshawk_command import goshawk, leaks
from running_program import RunningProgram

JUMP_TO_ITSELF = b"\xeb\xfe"
INSTRUCTIONS = 5  # of each function, evenly spread
PLACES = {
    "result": ["runtime.duffcopy", "main.byResult"],
    "register": ["main.wakeSlowly", "main.byRegister"],
    "reflect": ["runtime.reflectcallmove", "runtime.callRet", "reflect.Value.call"],
    "barrier": ["runtime.wbMove", "runtime.typedmemmove", "main.byBarrier"],
}


def instructions(executable, function):
    """Addresses of a function's instructions that are as long as the jump; none when this release has no such function."""
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", f"--disassemble={function}", executable], capture_output=True, text=True, check=True).stdout
    addresses = [int(found[1], 16) for found in re.finditer(r"^\s*([0-9a-f]+):\s+\w", listing, re.M)]
    return [address for address, following in zip(addresses, addresses[1:]) if following - address >= len(JUMP_TO_ITSELF)]


def spread(addresses):
    step = max(1, len(addresses) // INSTRUCTIONS)
    return addresses[::step][:INSTRUCTIONS]


def stands_in(target, function):
    return function.encode() in goshawk("goroutines", target.pid, "--all").out


@pytest.mark.parametrize("path", PLACES)
def test_nothing_is_proven(release, path):
    executable = go_programs.build(release, "dwarf")
    target = RunningProgram(executable, "in_transit", "fixed", {"IN_TRANSIT": path})
    met = 0
    try:
        with open(f"/proc/{target.pid}/mem", "r+b", buffering=0) as memory:
            for function in PLACES[path]:
                for address in spread(instructions(executable, function)):
                    held = os.pread(memory.fileno(), 2, address)
                    os.pwrite(memory.fileno(), JUMP_TO_ITSELF, address)
                    try:
                        time.sleep(0.01)  # somebody comes by, or nobody: counted below
                        report = leaks(target.pid)
                        met += stands_in(target, function)
                    finally:
                        os.pwrite(memory.fileno(), held, address)
                    assert not report["findings"], f"proven at {function} {address:#x}: {report['findings']}"
        assert target.command("ping")
    finally:
        target.end()
    assert met >= INSTRUCTIONS / 2, f"the program stood at only {met} of the places"
