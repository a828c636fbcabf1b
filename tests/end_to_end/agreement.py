"""One program asked in every way: the runtime's own list and the declared truth, then pid, core and snapshot of the same instant."""

from cores import gcore
from goshawk_command import FINE, goroutines, goshawk, leaks
from judgement import differences_of_leaks, differences_of_lists, without_what_differs
from runtime_dump import parse_dump
from stopped_program import stop_at_rest


def differences_from_truth(target):
    differences = differences_of_leaks(leaks(target.pid), target)
    dump = parse_dump(target.command("dump")["dump"])
    return differences + differences_of_lists(goroutines(target.pid)["goroutines"], dump, but=target.never_at_rest())


def differences_between_ways(target, directory, core=True):
    """Leaves the program stopped. gdb may write gigabytes, which are removed at once."""
    stop_at_rest(target)
    wanted = [without_what_differs(command(target.pid)) for command in (leaks, goroutines)]
    snapshot = directory / "snapshot"
    outcome = goshawk("snapshot", target.pid, "-o", snapshot, "--with-strings")
    assert outcome.code == FINE, outcome.err
    differences = differences_of_leaks(leaks(snapshot), target)
    ways = {"snapshot": snapshot}
    if core:
        ways["core"] = gcore(target, directory)
    for way, path in ways.items():
        for command, right in zip((leaks, goroutines), wanted):
            answer = without_what_differs(command(path))
            if answer != right:
                differences.append(f"{command.__name__} of the {way} is another one: {first_difference(right, answer)}")
        path.unlink()
    return differences


def first_difference(right, wrong, place=""):
    if isinstance(right, dict) and isinstance(wrong, dict):
        for key in sorted(right.keys() | wrong.keys()):
            if right.get(key) != wrong.get(key):
                return first_difference(right.get(key), wrong.get(key), f"{place}.{key}")
    if isinstance(right, list) and isinstance(wrong, list) and len(right) == len(wrong):
        for number, (one, other) in enumerate(zip(right, wrong)):
            if one != other:
                return first_difference(one, other, f"{place}[{number}]")
    return f"{place}: {str(right)[:300]}, not {str(wrong)[:300]}"
