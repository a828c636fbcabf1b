"""Against the runtime's own goroutineleak profile (Go 1.27, and 1.26 with the experiment): the same goroutines, but for the
known differences, each with its reason and direction. A difference that is not listed fails, and so does one that has gone."""

import re

import pytest

import go_programs
from conftest import OWN_TEST, RELEASES, SHARING
from goshawk_command import leaks
from judgement import proven_goids
from running_program import running
from runtime_dump import parse_dump
from test_programs import RESTLESS

ONLY_THE_RUNTIME = {
    "weak_pointer": "a weak pointer to the object may become strong again: the profile's verdict is wrong",
    "linked_park": "who parked it by name wakes it by its g, whatever the wait reason says: the profile's verdict is wrong",
    "c_callbacks": "it waits inside of a C callback, and C may hand back what it was given",
    "service_of_init": "the only one of its go statement, at the program's start, in select {}: shown apart, not as a leak",
    "main_parked": "main waits for ever on purpose: shown apart, not as a leak",
    "main_waits_for_leaked": "main waits for ever: shown apart",
}
ONLY_OURS = {
    "pulled_and_dropped": "the runtime takes every coroutine for alive",
    "pull_never_stopped": "the same",
    "element_in_closure": "the runtime reaches the channel through the element that the waiting sender itself sends",
    "deferred_and_panicking": "the runtime reaches it through the deferred calls of the leaked goroutine itself",
}
SOMETIMES_ONLY_OURS = {
    "stopped_after_func": "the runtime reaches what a stopped timer's function has until it takes that timer out of its heap: at once only at the heap's end",
}
EITHER = {"tiny_mutex": "a tiny slot's neighbour decides, for both in their own way"}

OF_ONE_RELEASE = ("main_select", "stale_vector_registers")
DIFFERENT = {*ONLY_THE_RUNTIME, *ONLY_OURS, *SOMETIMES_ONLY_OURS, *EITHER, *OF_ONE_RELEASE}


# 1.27 excuses goroutine 1 in select {}, 1.26 does not; we show it apart in both.
def is_only_the_runtimes(program, release):
    return program.name in ONLY_THE_RUNTIME or (program.name == "main_select" and go_programs.minor(release) == 26)


# 1.27 scans all saved vector registers, 1.26 none; we do where the code ahead may still use them.
def is_only_ours(program, release):
    return program.name in ONLY_OURS or (program.name == "stale_vector_registers" and go_programs.minor(release) >= 27)


def has_profile(release, flavour):
    return go_programs.minor(release) >= 27 or (go_programs.minor(release) == 26 and flavour == "leakprofile")


def cases():
    return [
        pytest.param(release, flavour, program, mode, id=f"{release}-{flavour}-{program.name}-{mode}")
        for release in RELEASES
        for flavour in ("dwarf", "stripped", "leakprofile")
        if has_profile(release, flavour) and not (flavour == "leakprofile" and go_programs.minor(release) >= 27)
        for program in go_programs.programs()
        if program.obeys and program.exists_in(release) and program.name not in (*RESTLESS, *OWN_TEST, *EITHER) and program.folder != SHARING
        for mode in program.modes
    ]


def test_documented():
    """docs/limits.md has each difference, and no other."""
    limits = (go_programs.TESTS.parent / "docs/limits.md").read_text()
    section = re.search(r"^## Where it differs from the runtime's own `goroutineleak` profile$(.*?)^## ", limits, re.M | re.S)
    rows = re.findall(r"^\|[^|]*\|([^|]*)\|", section[1], re.M)[2:]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(DIFFERENT)
    assert set(named) <= {program.name for program in go_programs.programs()}


def runtime_verdict(target):
    dump = parse_dump(target.command("leakprofile")["leakprofile"])
    return {goid for goid, goroutine in dump.items() if goroutine.leaked}


@pytest.mark.parametrize("built_by, flavour, program, mode", cases())
def test_same_verdict(built_by, flavour, program, mode):
    with running(program.name, mode, built_by, flavour) as target:
        ours = set(proven_goids(leaks(target.pid)))
        theirs = runtime_verdict(target)
        only_theirs, only_ours = theirs - ours, ours - theirs
        if mode == "leaky":
            assert bool(only_theirs) == is_only_the_runtimes(program, built_by), f"only the runtime says {sorted(only_theirs)}"
            if program.name not in SOMETIMES_ONLY_OURS:
                assert bool(only_ours) == is_only_ours(program, built_by), f"only goshawk says {sorted(only_ours)}"
        else:
            assert not only_ours, f"only goshawk says {sorted(only_ours)}"
            assert not only_theirs or is_only_the_runtimes(program, built_by), f"only the runtime says {sorted(only_theirs)}"
        after = set(proven_goids(leaks(target.pid)))
        assert after == ours, "another verdict once the runtime has marked its leaked goroutines"
