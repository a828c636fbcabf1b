"""Goroutines that libraries are known to keep: told with a reason where they live, and as leaks where they add up."""

import re

import pytest

from conftest import RELEASES
from goshawk_command import goshawk, leaks
from running_program import running
from several_pictures import watch_json
from test_growth import grow, told_by_growth

SPREAD = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]})
LOOPS = ("net/http.(*persistConn).readLoop", "net/http.(*persistConn).writeLoop")


def in_dump(target, function):
    """Whose stack has that function, as the runtime itself says."""
    blocks = target.command("dump")["dump"].split("\n\n")
    return {int(re.match(r"goroutine (\d+)", block)[1]) for block in blocks if f"\n{function}(" in block}


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("built_by", SPREAD)
def test_idle_connections(built_by, flavour):
    with running("transport_for_each_request", "leaky", built_by, flavour) as target:
        report = leaks(target.pid)
        background = {b["function"]: b for b in report["background"]}
        accused = {goid for finding in report["findings"] for goid in finding["goids"]}
        for loop in LOOPS:
            assert set(background[loop]["goids"]) == in_dump(target, loop) != set()
            assert background[loop]["count"] == len(background[loop]["goids"])
            assert not accused & set(background[loop]["goids"])
        served = set(background["net/http.(*conn).serve"]["goids"])
        assert served <= in_dump(target, "net/http.(*conn).serve") and len(served) == background[LOOPS[0]]["count"]
        text = goshawk("leaks", target.pid, "--all").out.decode()
        assert f"Known background, alive: {len(served)} goroutines in net/http.(*persistConn).readLoop" in " ".join(text.split())
        assert "Known background" not in goshawk("leaks", target.pid).out.decode()
        assert "known background: net/http: keeps a server's connection open" in " ".join(goshawk("goroutines", target.pid).out.decode().split())
        goid = min(background[LOOPS[0]]["goids"])
        story = " ".join(goshawk("leaks", target.pid, "--goroutine", goid).out.decode().split())
        assert f"Goroutine {goid} is alive" in story and "it is known background: net/http: keeps a client's connection open" in story


def test_what_grows_is_told_all_the_same(newest):
    with running("transport_for_each_request", "leaky", newest) as target:
        report = watch_json(target.pid, [lambda: grow(target)] * 3)
        told = {goid for finding in told_by_growth(report) for goid in finding["goids"] if finding["confidence"] == "likely"}
        assert told >= in_dump(target, LOOPS[0]) != set()
        assert not {b["function"] for b in report["background"]} & set(LOOPS)


@pytest.mark.parametrize("built_by", SPREAD)
def test_what_adds_up_is_proven_all_the_same(built_by):
    opener = "database/sql.(*DB).connectionOpener"
    with running("database_for_each_request", "leaky", built_by) as target:
        report = leaks(target.pid)
        proven = {goid for finding in report["findings"] if finding["confidence"] == "proven" for goid in finding["goids"]}
        assert in_dump(target, opener) == proven and len(proven) > 1
        assert report["background"] == [] and report["parked"] == []
