"""Pictures taken exactly there where a value is in no place that a stack map names: an instruction of the code in question is
replaced by a jump to itself (by the test, in the target's memory), so that a thread stands on it, and put back afterwards.
The program wakes all that it starts: whatever is proven is wrong."""

import os
import re
import subprocess
import time

import pytest

import go_programs
from conftest import by_turns
from goshawk_command import leaks
from program_counter import program_counter
from running_program import RunningProgram

JUMP_TO_ITSELF = b"\xeb\xfe"
INSTRUCTIONS = 5  # of each function, evenly spread
BEFORE = {"runtime.wbMove": "runtime.typedmemmove"}  # what did its work in older releases
PLACES = {
    "result": ["runtime.duffcopy", "main.byResult"],
    "register": ["main.wakeSlowly", "main.byRegister"],
    "reflect": ["runtime.reflectcallmove", "runtime.callRet", "reflect.Value.call"],
    "barrier": ["runtime.wbMove", "main.byBarrier"],
    "systemstack": ["runtime.(*mheap).alloc.func1", "main.bySystemStack"],
    "worker": ["runtime.gcBgMarkWorker"],
}
ROUNDS = 10  # at most: until somebody was met in each function


def instructions(executable, function):
    """Addresses of a function's instructions that are as long as the jump; none when this release has no such function."""
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", f"--disassemble={function}", executable], capture_output=True, text=True, check=True).stdout
    addresses = [int(found[1], 16) for found in re.finditer(r"^\s*([0-9a-f]+):\s+\w", listing, re.M)]
    return [address for address, following in zip(addresses, addresses[1:]) if following - address >= len(JUMP_TO_ITSELF)]


def spread(addresses):
    step = max(1, len(addresses) // INSTRUCTIONS)
    return addresses[::step][:INSTRUCTIONS]


def somebody_stands_at(target, address):
    for thread in os.listdir(f"/proc/{target.pid}/task"):
        if program_counter(int(thread)) == address:
            return True
    return False


def met_at(target, memory, address):
    """Whether somebody stood there while a picture was taken. Nothing of it may be proven."""
    held = os.pread(memory.fileno(), 2, address)
    os.pwrite(memory.fileno(), JUMP_TO_ITSELF, address)
    try:
        time.sleep(0.01)  # somebody comes by, or nobody: counted by the caller
        report = leaks(target.pid)
        met = somebody_stands_at(target, address)
    finally:
        os.pwrite(memory.fileno(), held, address)
    assert not report["findings"], f"proven at {address:#x}: {report['findings']}"
    return met


@pytest.mark.parametrize("release, path", by_turns(PLACES, at_once=3))
def test_nothing_is_proven(release, path):
    executable = go_programs.build(release, "dwarf")
    target = RunningProgram(executable, "in_transit", "fixed", {"IN_TRANSIT": path})
    places = {function: instructions(executable, function) or instructions(executable, BEFORE.get(function, function)) for function in PLACES[path]}
    met = dict.fromkeys((function for function in places if places[function]), 0)
    try:
        with open(f"/proc/{target.pid}/mem", "r+b", buffering=0) as memory:
            for _ in range(ROUNDS):
                for function in met:
                    met[function] += sum(met_at(target, memory, address) for address in spread(places[function]))
                if all(met.values()):
                    break
        assert target.command("ping")
    finally:
        target.end()
    assert met and all(met.values()), f"how many of the places of each function the program was met at: {met}"
