"""A few programs that meet most of what is read: waits of every kind, and what only the heap, timers, finalizers and weak
pointers keep alive. For builds and runtimes that are too many to run everything on."""

import os

import go_programs
from goshawk_command import goroutines, leaks
from judgement import differences_of_leaks, differences_of_lists
from running_program import RunningProgram
from runtime_dump import parse_dump

NAMES = ("abandoned_result", "blocked_select", "mutex_never_released", "cond_never_signalled", "held_in_the_heap",
         "held_by_finalizer", "held_by_timers", "held_by_cleanup", "weak_pointer")


G, NOT_G = b"\x0a*runtime.g", b"\x0a*runtime.Q"  # a length, the text


def without_type_names(executable, into):
    """A copy in which no type is called runtime.g, so that no type descriptor is believed. The program itself never asks."""
    image = executable.read_bytes()
    assert image.count(G) >= 1, "the type's name is not there"
    into.write_bytes(image.replace(G, NOT_G))
    os.chmod(into, 0o755)
    return into


def telling_programs(release):
    return [p for p in go_programs.programs() if p.name in NAMES and p.exists_in(release)]


def judge(target):
    """What goshawk says of it, by the program's own declaration and by the runtime's own dump; and the remarks it made."""
    report = leaks(target.pid)
    differences = differences_of_leaks(report, target)
    dump = parse_dump(target.command("dump")["dump"])
    differences += differences_of_lists(goroutines(target.pid)["goroutines"], dump, but=target.never_at_rest())
    return differences, set(report["doubts"])


def judge_all(executable, release):
    """Every one of them, leaky and fixed."""
    differences, remarks = [], set()
    for program in telling_programs(release):
        for mode in program.modes:
            target = RunningProgram(executable, program.name, mode)
            try:
                found, made = judge(target)
            finally:
                target.end()
            differences += [f"{program.name} {mode}: {line}" for line in found]
            remarks |= made
    return differences, remarks
