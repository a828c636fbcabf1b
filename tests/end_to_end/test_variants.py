"""The ways of building and running a Go program that change what a reader meets: position-independent executables, cgo's external
linking, the timers' old behaviour, one processor. A few telling programs each."""

import pytest

import go_programs
from conftest import RELEASES
from goshawk_command import goroutines, leaks
from judgement import differences_of_leaks, differences_of_lists
from running_program import running
from runtime_dump import parse_dump

TELLING = ["abandoned_result", "mutex_never_released", "cond_never_signalled", "held_by_globals", "held_in_the_heap", "held_by_live_goroutines", "shapes_of_calls"]
OF_TIMERS = ["stopped_timer", "stopped_after_func", "after_in_select", "tickers", "held_by_timers", "context_timeout_pending"]
# Where the form of executables changed: the oldest, the middle and the newest.
BUILDS = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]})
CHOICE_OF_TIMERS = range(23, 27)  # before: the old ones only; after: the new ones only


def modes(names):
    return [pytest.param(name, mode, id=f"{name}-{mode}") for name in names for mode in go_programs.program(name).modes]


def judge(target):
    differences = differences_of_leaks(leaks(target.pid), target)
    dump = parse_dump(target.command("dump")["dump"])
    differences += differences_of_lists(goroutines(target.pid)["goroutines"], dump, but=target.never_at_rest())
    assert not differences, "\n" + "\n".join(differences[:20])


@pytest.mark.parametrize("flavour", ["pie", "cgo"])
@pytest.mark.parametrize("built_by", BUILDS)
@pytest.mark.parametrize("name, mode", modes(TELLING))
def test_build(built_by, flavour, name, mode):
    with running(name, mode, built_by, flavour) as target:
        judge(target)


@pytest.mark.parametrize("built_by", [r for r in RELEASES if go_programs.minor(r) in CHOICE_OF_TIMERS])
@pytest.mark.parametrize("name, mode", modes(OF_TIMERS))
def test_old_timers(built_by, name, mode):
    with running(name, mode, built_by, environment={"GODEBUG": "asynctimerchan=1"}) as target:
        judge(target)


@pytest.mark.parametrize("name, mode", modes(TELLING))
def test_one_processor(newest, name, mode):
    with running(name, mode, newest, environment={"GOMAXPROCS": "1", "GOGC": "1"}) as target:
        judge(target)


@pytest.mark.parametrize("mode", ["leaky", "fixed"])
def test_great_crowd(newest, mode):
    """A hundred thousand goroutines: every single one is judged."""
    with running("crowd", mode, newest, environment={"CROWD": "100000"}) as target:
        differences = differences_of_leaks(leaks(target.pid), target)
        assert not differences, "\n" + "\n".join(differences[:20])
        listed = {g["goid"] for g in goroutines(target.pid)["goroutines"]}
        assert target.claims.keys() <= listed
