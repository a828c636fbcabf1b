"""What could cancel others and will not: contexts of a whole application that main has (directly, wrapped, in a struct, or only by
their cancel function), and an HTTP client's table of requests."""

import pytest

import go_programs
from conftest import FLAVOURS, RELEASES
from cores import gcore
from goshawk_command import FINE, goshawk, leaks
from judgement import differences_in_counts
from running_program import running
from stopped_program import stop_at_rest
from test_programs import assert_none

BUILDS = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]}, key=go_programs.minor)
each_build = pytest.mark.parametrize("built_by", BUILDS)
each_flavour = pytest.mark.parametrize("flavour", FLAVOURS)


def told(report):
    return {goid: (f["confidence"], f["rule"]) for f in report["findings"] for goid in f["goids"]}


@each_flavour
@each_build
def test_children_whose_cancel_function_was_dropped(built_by, flavour, tmp_path):
    with running("children_of_mains_contexts", "leaky", built_by, flavour) as target:
        stop_at_rest(target)
        core, picture = gcore(target, tmp_path), tmp_path / "picture"
        assert goshawk("snapshot", target.pid, "-o", picture).code == FINE
        expected = {goid: ("likely", "goroutine/lost-cancel") for goid in target.goids("likely")}
        assert len(expected) == 4
        for report in (leaks(target.pid), leaks(core), leaks(picture)):
            assert told(report) == expected
            assert_none(differences_in_counts(report))


@each_flavour
@each_build
def test_connections_whose_response_nobody_has(built_by, flavour, tmp_path):
    with running("response_body_of_a_shared_client", "leaky", built_by, flavour) as target:
        stop_at_rest(target)
        core, picture = gcore(target, tmp_path), tmp_path / "picture"
        assert goshawk("snapshot", target.pid, "-o", picture).code == FINE
        expected = {goid: ("likely", "goroutine/blocked-select") for goid in target.goids("likely")}
        assert len(expected) == 4
        for report in (leaks(target.pid), leaks(core), leaks(picture)):
            assert told(report) == expected
            assert {finding["title"] for finding in report["findings"]} == {"HTTP response whose body is never closed"}


@each_flavour
@each_build
@pytest.mark.parametrize("name", ["children_of_mains_contexts", "children_of_mains_sessions"])
def test_children_that_somebody_ends(built_by, flavour, name):
    with running(name, "fixed", built_by, flavour) as target:
        assert leaks(target.pid)["findings"] == []
        assert target.command("wake")["left"] == []
