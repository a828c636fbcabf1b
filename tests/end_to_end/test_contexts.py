"""Who has probably made a context that nobody cancels. And what could cancel others and will not: contexts of a whole application that main has (directly, wrapped, in a struct, or only by
their cancel function), and an HTTP client's table of requests."""

import re

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


def made(report):
    """Of each finding: what is said of who made its context."""
    return sorted(next((line for line in f["evidence"] if line.startswith("the context ") and " made by " in line), "") for f in report["findings"])


@each_flavour
@pytest.mark.parametrize("built_by", RELEASES)
def test_who_made_it(built_by, flavour):
    with running("lost_cancel", "leaky", built_by, flavour) as target:
        report = leaks(target.pid)
    (finding,) = report["findings"]
    (told,) = made(report)
    place = re.search(r"made by main\.lostCancel, which calls context\.WithCancel \(contexts\.go:(\d+)\) and started this goroutine", told)
    assert "ctx, cancel := context.WithCancel(context.Background())" in source_line("patterns/contexts.go", place[1])
    assert finding["advice"].startswith(f"call the cancel function that main.lostCancel gets from context.WithCancel (contexts.go:{place[1]})")


@each_flavour
@pytest.mark.parametrize("built_by", RELEASES)
def test_who_made_it_and_handed_it_over(built_by, flavour):
    with running("lost_cancel_handed_over", "leaky", built_by, flavour) as target:
        report = leaks(target.pid)
    (finding,) = report["findings"]
    (told,) = made(report)
    place = re.search(
        r"made by main\.handleRequest, which calls context\.WithCancel \(contexts\.go:(\d+)\) and calls main\.beginWatching, "
        r"which leads to main\.watchUntilDone, which started this goroutine",
        told,
    )
    assert place, told
    assert "context.WithCancel(context.WithValue(server" in source_line("patterns/contexts.go", place[1])
    assert finding["advice"].startswith("call the cancel function that main.handleRequest gets from context.WithCancel")


def source_line(path, number):
    return (go_programs.PROGRAMS / path).read_text().splitlines()[int(number) - 1]


@each_flavour
@each_build
def test_who_made_it_of_a_member_of_an_errgroup(built_by, flavour, tmp_path):
    """Its creator is the group's Go. Of a core and a saved picture the same is told."""
    with running("group_never_waited_for", "leaky", built_by, flavour) as target:
        core, picture = gcore(target, tmp_path), tmp_path / "picture"
        assert goshawk("snapshot", target.pid, "-o", picture).code == FINE
        told = [made(report) for report in (leaks(target.pid), leaks(core), leaks(picture))]
    assert told[0] == told[1] == told[2]
    assert any("errgroup.WithContext (groups.go:" in line for line in told[0]), told[0]


@each_flavour
def test_who_may_have_made_what_only_the_channel_is_left_of(newest, flavour):
    with running("lost_context", "leaky", newest, flavour) as target:
        (finding,) = leaks(target.pid)["findings"]
    assert finding["rule"] == "goroutine/blocked-receive"
    assert any(line.startswith("if it is the Done channel of a context, that was probably made by main.lostContext, ") for line in finding["evidence"])
    assert "call the cancel function that main.lostContext gets from context.WithCancel (contexts.go:" in finding["advice"]


@each_flavour
def test_nobody_made_what_is_no_context(newest, flavour):
    with running("blocked_receive", "leaky", newest, flavour) as target:
        assert [line for f in leaks(target.pid)["findings"] for line in f["evidence"] if " made by " in line] == []
