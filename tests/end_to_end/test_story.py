"""The story of one goroutine: goshawk leaks TARGET --goroutine ID."""

import json
import re

import pytest

from conftest import RELEASES
from goshawk_command import FINE, UNREADABLE, USAGE, goshawk, leaks
from running_program import running

SPREAD = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]})


def story(target, goid, *options):
    outcome = goshawk("leaks", target, "--goroutine", goid, "--format", "json", *options)
    assert outcome.code == FINE, outcome.err
    return json.loads(outcome.out)["goroutine"]


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("built_by", SPREAD)
def test_leaked(built_by, flavour):
    with running("abandoned_result", "leaky", built_by, flavour) as target:
        for goid in target.goids("leaked"):
            told = story(target.pid, goid)
            assert told["fate"] == "leaked" and told["goid"] == goid
            assert goid in told["finding"]["goids"]
            assert told["state"] == "chan send" and told["stack"][-1]["function"].startswith("main.handle")
            assert "channel of *main.holder" in told["waits_on"][0]["what"]
            assert "unreachable" in told["reasons"][0]


@pytest.mark.parametrize("built_by", SPREAD)
def test_alive_by_others(built_by):
    """Who waits for a goroutine that can still wake it: each link to the root is told."""
    with running("held_by_live_goroutines", "leaky", built_by) as target:
        decided = {finding_goid for finding in leaks(target.pid)["findings"] for finding_goid in finding["goids"]}
        stories = [story(target.pid, goid) for goid in target.goids("wakes") - decided]
    assert stories and all(told["fate"] == "alive" and told["finding"] is None for told in stories)
    by_goroutine = [told for told in stories if "reachable from the stack of goroutine" in told["reasons"][0]]
    assert by_goroutine, [told["reasons"] for told in stories]
    for told in by_goroutine:
        holder = re.search(r"the stack of goroutine (\d+)", told["reasons"][0])[1]
        assert told["reasons"][1].startswith(f"goroutine {holder}, in main."), told["reasons"]


# {program: what ends the path to one that it leaves waiting, whether anybody tells what begins it}.
PATHS = {
    "forgotten_subscribers": ("main.deafBus (main.bus).subscribers[...][...]", "(map[string][]chan *main.job)[...][...]"),
    "pending_requests_map": ("main.pending[...]", "(map[int]chan *main.job)[...]"),
    "pools_of_old_configurations": ("main.oldPools[...] (*main.pool).tasks", "(*main.pool).tasks"),
    "observers_in_a_list": ("(*list.Element).Value (*main.observer).changes", "(*main.observer).changes"),
}


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("built_by", SPREAD)
def test_types_on_the_way(built_by, flavour):
    with running(",".join(PATHS), "leaky", built_by, flavour) as target:
        one_of = {claim["program"]: goid for goid, claim in target.claims.items()}
        for name, (of_fields, of_stripped) in PATHS.items():
            reason = story(target.pid, one_of[name])["reasons"][0]
            element = "func()" if "Pools" in of_fields else "*main.job"
            if flavour == "dwarf":
                assert reason.startswith("what it waits on is reachable from main."), reason
                assert reason.endswith(f"{of_fields} (chan {element})"), reason
            else:
                assert re.search(r"from a global at 0x[0-9a-f]+ \((used by|near what) main\.\S.*\) -> ", reason), reason
                assert reason.endswith(f"{of_stripped} (chan {element})"), reason


def test_held_by_a_timer(newest):
    with running("held_by_timers", "leaky", newest) as target:
        reasons = [story(target.pid, goid)["reasons"][0] for goid in target.goids("alive")]
    assert any(reason.startswith("what it waits on is reachable from a pending timer") for reason in reasons), reasons


def test_main_reads(newest):
    with running("abandoned_result", "leaky", newest) as target:
        told = story(target.pid, 1)
        assert told["fate"] == "alive" and told["reasons"] == ["it is in a system call or in C code"]


def test_text_and_pictures(newest, tmp_path):
    with running("abandoned_result", "leaky", newest) as target:
        goid = min(target.goids("leaked"))
        live = goshawk("leaks", target.pid, "--goroutine", goid).out.decode()
        assert live.startswith(f"Goroutine {goid} will never run again\n")
        for part in ("waits ", "verdict proven, goroutine/abandoned-result", "fix ", "The process stood still for"):
            assert part in live, live
        saved = tmp_path / "picture"
        assert goshawk("snapshot", target.pid, "-o", saved).code == FINE
    of_live, of_saved = live.splitlines(), goshawk("leaks", saved, "--goroutine", goid).out.decode().splitlines()
    changes = {0, *(i for i, line in enumerate(of_live) if line.startswith(("in process", "The process stood still")))}
    assert len(of_saved) == len(of_live)
    assert [line for i, line in enumerate(of_saved) if i not in changes] == [line for i, line in enumerate(of_live) if i not in changes]


def test_mistakes(newest):
    with running("abandoned_result", "leaky", newest) as target:
        nobody = goshawk("leaks", target.pid, "--goroutine", 999999)
        assert nobody.code == UNREADABLE and nobody.out == b"" and "no goroutine 999999" in nobody.err
        for arguments in (["x"], ["0"], ["1-3"], ["1", "--format", "pprof"], ["1", "--fail-on", "proven"], ["1", "--rule", "mutex"]):
            outcome = goshawk("leaks", target.pid, "--goroutine", *arguments)
            assert outcome.code == USAGE and outcome.out == b"", (arguments, outcome)
