"""Who looks stuck though he is reachable: what one picture makes of it, of a process, a core and a snapshot, and what it keeps quiet about."""

import pytest

import go_programs
from conftest import FLAVOURS, RELEASES
from cores import gcore
from goshawk_command import FINDINGS, FINE, goshawk, leaks
from judgement import differences_in_counts
from running_program import running
from stopped_program import stop_at_rest
from test_programs import assert_none

BUILDS = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]}, key=go_programs.minor)
UNTIMED = {"GOGC": "off"}  # without a collection nobody's wait is timed: what a core says of every program
each_build = pytest.mark.parametrize("built_by", BUILDS)
each_flavour = pytest.mark.parametrize("flavour", FLAVOURS)
WHOLE_PATH = {"dwarf": "held by main.visitors", "stripped": "held by a global at 0x"}


def by_confidence(report, confidence):
    return [finding for finding in report["findings"] if finding["confidence"] == confidence]


def told(report):
    return {goid: (f["confidence"], f["rule"]) for f in report["findings"] for goid in f["goids"]}


def assert_crowd_is_suspected(report, target, flavour):
    assert_none(differences_in_counts(report))
    (finding,) = report["findings"]
    assert finding["confidence"] == "suspected" and finding["rule"] == "goroutine/blocked-receive"
    assert finding["goids"] == sorted(target.goids("growing"))
    assert report["checked"]["alive"] == report["checked"]["goroutines"], "who is suspected counts as alive"
    assert any("of its own" in sentence and "10 minutes" not in sentence for sentence in finding["evidence"])
    assert any(sentence.startswith(WHOLE_PATH[flavour]) for sentence in finding["evidence"]), finding["evidence"]
    place = WHOLE_PATH[flavour].removeprefix("held by ")
    kept = f"all {finding['count']} are kept in one place, a registry of some kind: {place}"
    assert any(sentence.startswith(kept) for sentence in finding["evidence"]), finding["evidence"]


@each_flavour
@each_build
def test_a_crowd_behind_a_map(built_by, flavour, tmp_path):
    with running("many_behind_a_map", "leaky", built_by, flavour, environment=UNTIMED) as target:
        report = leaks(target.pid)
        assert_crowd_is_suspected(report, target, flavour)
        assert any(sentence.startswith("this may be wrong, and it counts as alive") for sentence in report["findings"][0]["evidence"])
        assert goshawk("leaks", target.pid, "--fail-on", "suspected").code == FINDINGS
        assert goshawk("leaks", target.pid, "--fail-on", "likely").code == FINE
        text = goshawk("leaks", target.pid).out.decode()
        assert "is suspected" in text or "are suspected" in text
        assert f"goshawk leaks {target.pid} --samples 3 --every 5s" in text.splitlines()[-1]
        assert max(len(line) for line in text.splitlines() if "/" not in line) <= 100  # a path is not broken
        stop_at_rest(target)
        core, picture = gcore(target, tmp_path), tmp_path / "picture"
        assert goshawk("snapshot", target.pid, "-o", picture).code == FINE
        for other in (core, picture):
            assert_crowd_is_suspected(leaks(other), target, flavour)
            assert "--samples" not in goshawk("leaks", other).out.decode()


@each_build
def test_a_crowd_that_has_just_come(built_by):
    """A collection times all that wait: nobody has waited for long."""
    with running("many_behind_a_map", "leaky", built_by) as target:
        target.command("gc")
        assert leaks(target.pid)["findings"] == []


@each_flavour
@each_build
def test_crowds_at_work(built_by, flavour, tmp_path):
    """Workers on one queue, and goroutines of which somebody has each at hand."""
    with running("many_behind_a_map", "fixed", built_by, flavour, environment=UNTIMED) as target:
        assert leaks(target.pid)["findings"] == []
        stop_at_rest(target)
        assert leaks(gcore(target, tmp_path))["findings"] == []
    with running("many_behind_a_map", "fixed", built_by, flavour) as target:
        assert target.command("wake")["left"] == []


@each_flavour
@each_build
def test_a_timer_that_nothing_sets_again(built_by, flavour, tmp_path):
    with running("timer_never_set_again", "leaky", built_by, flavour) as target:
        expected = {goid: ("likely", "goroutine/blocked-receive") for goid in target.goids("likely")}
        report = leaks(target.pid)
        assert len(expected) == 2 and told(report) == expected
        assert all(any("Reset" in sentence for sentence in finding["evidence"]) for finding in report["findings"])
        assert all(finding["evidence"][-1].startswith("held by ") for finding in report["findings"])
        assert_none(differences_in_counts(report))
        target.command("gc")
        assert told(leaks(target.pid)) == expected
        stop_at_rest(target)
        core, picture = gcore(target, tmp_path), tmp_path / "picture"
        assert goshawk("snapshot", target.pid, "-o", picture).code == FINE
        assert told(leaks(core)) == told(leaks(picture)) == expected


@each_flavour
@each_build
def test_a_timer_that_is_pending(built_by, flavour):
    with running("timer_never_set_again", "fixed", built_by, flavour) as target:
        assert leaks(target.pid)["findings"] == []


@each_flavour
@each_build
def test_a_timer_that_is_set_again_later(built_by, flavour):
    """One that has fired says nothing; that a ticker was stopped is a suspicion, and a wrong one here."""
    with running("set_again_later", "fixed", built_by, flavour) as target:
        report = leaks(target.pid)
        assert sorted((f["confidence"], f["count"], f["blocked_at"]["function"]) for f in report["findings"]) == [
            ("suspected", 1, "main.awaitTicker"), ("suspected", 1, "main.awaitTickerOrNobody")
        ]
        assert target.command("wake")["left"] == []


@each_flavour
@each_build
def test_handlers_behind_a_hub(built_by, flavour):
    with running("subscribers_of_a_hub", "leaky", built_by, flavour, environment=UNTIMED) as target:
        report = leaks(target.pid)
        assert told(report) == {goid: ("suspected", "goroutine/blocked-receive") for goid in target.goids("growing")}
        assert_none(differences_in_counts(report))


@each_flavour
@each_build
def test_idle_subscribers_and_connections(built_by, flavour):
    """They end with their requests; of a client's idle connections each writer is in the hands of its reader."""
    with running("subscribers_of_a_hub", "fixed", built_by, flavour, environment=UNTIMED) as target:
        report = leaks(target.pid)
        assert report["checked"]["goroutines"] > 4000 and report["findings"] == []
        assert target.command("wake")["left"] == []


@each_flavour
@each_build
def test_results_in_a_registry(built_by, flavour, tmp_path):
    """Who was to take the results has returned; they are only kept. A handful of others, whose parents live, counts for nothing."""
    with running("results_in_a_registry", "leaky", built_by, flavour, environment=UNTIMED) as target:
        stop_at_rest(target)
        for report in (leaks(target.pid), leaks(gcore(target, tmp_path))):
            assert_none(differences_in_counts(report))
            if go_programs.minor(built_by) < 21:  # it does not say who started a goroutine
                assert report["findings"] == []
                continue
            (finding,) = report["findings"]
            assert told(report) == {goid: ("suspected", "goroutine/abandoned-result") for goid in target.goids("growing")}
            assert any("who started it has returned" in sentence for sentence in finding["evidence"]), finding["evidence"]


@each_flavour
@each_build
def test_results_that_are_waited_for(built_by, flavour):
    with running("results_in_a_registry", "fixed", built_by, flavour, environment=UNTIMED) as target:
        assert leaks(target.pid)["findings"] == []
        assert target.command("wake")["left"] == []
