"""Is what goshawk says of somebody else's program true? What can be known from outside:

- The program's own dump (net/http/pprof, debug=2) names the same goroutines with the same states and frames. Ours is taken
  before and after its own: what is the same in both of ours must be so in its own.
- Stopped as a whole, the pid, a core and a snapshot of it tell the same.
- Whatever is called leaked is still there, in the same place, after more work.
"""

import json
import os
import signal
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "end_to_end"))

from cores import gcore  # noqa: E402
from goshawk_command import FINE, goroutines, goshawk, goshawk_json, leaks  # noqa: E402
from judgement import proven_goids, stacks_differ, without_what_differs  # noqa: E402
from runtime_dump import parse_dump  # noqa: E402

ATTEMPTS = 10
OWN_REQUEST = ("runtime/pprof.writeGoroutineStacks", "net/http.(*connReader).")  # beginnings of functions


@dataclass
class Comparison:
    same: int = 0
    moving: int = 0  # not the same in both of our lists: nothing to compare
    differences: tuple = ()


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def our_dump(pid):
    outcome = goshawk("goroutines", pid, "--all")
    assert outcome.code == FINE, outcome.err
    return parse_dump(outcome.out.decode())


def alike(one, other):
    return (one.state, one.created_by, one.locked) == (other.state, other.created_by, other.locked) and not (
        stacks_differ(one.frames, other) and stacks_differ(other.frames, one))


def compare_once(pid, url):
    before, theirs, after = our_dump(pid), parse_dump(fetch(url).decode()), our_dump(pid)
    differences = []
    settled = [goid for goid in before.keys() & after.keys() if alike(before[goid], after[goid])]
    same = 0
    for goid in settled:
        if goid not in theirs:
            differences.append(f"goroutine {goid} is not in its own dump")
        elif not alike(before[goid], theirs[goid]):
            differences.append(f"goroutine {goid}: {before[goid].state} {before[goid].frames[:2]}, its own dump: {theirs[goid].state} {theirs[goid].frames[:2]}")
        else:
            same += 1
    for goid in theirs.keys() - before.keys() - after.keys():
        if not any(frame.function.startswith(OWN_REQUEST) for frame in theirs[goid].frames):
            differences.append(f"goroutine {goid} is in its own dump alone: {theirs[goid].frames[:2]}")
    return Comparison(same, len(before.keys() | after.keys()) - len(settled), tuple(differences))


def compare_with_own_dump(pid, url):
    """What differs once may have moved and come back; a wrong reading differs at every attempt."""
    for _ in range(ATTEMPTS):
        comparison = compare_once(pid, url)
        if not comparison.differences:
            return comparison
        time.sleep(0.2)
    return comparison


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    while any(state_of(task) != "T" for task in Path(f"/proc/{pid}/task").iterdir()):
        time.sleep(0.001)


def state_of(task):
    return (task / "stat").read_text().rsplit(")", 1)[1].split()[0]


def differences_of_ways(pid, target, directory):
    """Of the stopped process, its core and its snapshot."""
    stop(pid)
    try:
        ways = {"pid": pid, "core": gcore(target, directory), "snapshot": directory / "a.gosnap"}
        outcome = goshawk("snapshot", pid, "-o", ways["snapshot"])
        assert outcome.code == FINE, outcome.err
        told = {
            way: [without_what_differs(goshawk_json(command, where, "--all")) for command in ("leaks", "goroutines")]
            for way, where in ways.items()
        }
    finally:
        os.kill(pid, signal.SIGCONT)
    (directory / f"gcore.{pid}").unlink()
    return [f"the {way} tells something else than the process: {first_difference(told['pid'], told[way])}" for way in ("core", "snapshot") if told[way] != told["pid"]]


def first_difference(one, other):
    ours, theirs = (json.dumps(what, indent=1).splitlines() for what in (one, other))
    return next((f"{a.strip()} | {b.strip()}" for a, b in zip(ours, theirs) if a != b), "one has more")


def leaked_places(pid):
    """What is proven to be leaked: {goid: (rule, stack)}."""
    rules = proven_goids(leaks(pid))
    return {g["goid"]: (rules[g["goid"]], [(f["function"], f["line"]) for f in g["stack"]]) for g in goroutines(pid)["goroutines"] if g["goid"] in rules}


def differences_of_leaked(before, pid):
    """A leaked goroutine never runs again: where it was, it is."""
    now = {g["goid"]: [(f["function"], f["line"]) for f in g["stack"]] for g in goroutines(pid)["goroutines"]}
    return [f"FALSE PROOF: goroutine {goid} was called leaked ({rule}) and moved on" for goid, (rule, stack) in before.items() if now.get(goid) != stack]
