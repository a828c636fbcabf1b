"""What goroutines wait for at the network, and until when: as the program itself says it."""

import re

import pytest

from conftest import RELEASES
from cores import gcore
from goshawk_command import FINE, goroutines, goshawk, leaks
from running_program import running
from several_pictures import watch_json
from test_growth import grow, told_by_growth

SPREAD = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]})
HOUR_NS = 3600 * 10**9


def told_waits(report):
    """{goid: the wait for the network}, of those that have one."""
    return {g["goid"]: w for g in report["goroutines"] for w in g["waits_on"] if "descriptor" in w}


def declared_ends(target):
    """What the program says; JSON's keys are texts."""
    return {int(goid): end for goid, end in target.command("ends")["did"].items()}


def check_deadline(wait, seconds):
    if seconds == 0:
        assert (wait["deadline"], wait["deadline_in_ns"]) == ("none", None)
    else:
        assert wait["deadline"] == "ahead" and seconds * 10**9 - HOUR_NS < wait["deadline_in_ns"] <= seconds * 10**9


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("built_by", RELEASES)
def test_what_each_waits_for(built_by, flavour):
    with running("network_ends", "fixed", built_by, flavour) as target:
        ends, waits = declared_ends(target), told_waits(goroutines(target.pid))
        assert len(ends) == 7 and ends.keys() <= waits.keys()
        for goid, end in ends.items():
            told = waits[goid]
            assert (told["kind"], told["protocol"]) == (end["kind"], end["protocol"])
            assert (told["local"] or "", told["remote"] or "") == (end["local"], end["remote"])
            check_deadline(told, end["seconds"])
        by_descriptor = {told["descriptor"]: told["address"] for told in waits.values()}
        assert len(by_descriptor) == len(set(by_descriptor.values())) == len({told["address"] for told in waits.values()})
        assert target.command("wake")["left"] == []


@pytest.mark.parametrize("built_by", SPREAD)
def test_saved_and_in_a_core(built_by, tmp_path):
    with running("network_ends", "fixed", built_by, "stripped") as target:
        ends = declared_ends(target)
        for name, options in (("picture", ["--with-strings"]), ("without", [])):
            assert goshawk("snapshot", target.pid, "-o", tmp_path / name, *options).code == FINE
        core = gcore(target, tmp_path)
        exe = f"/proc/{target.pid}/exe"
        of_core = told_waits(goroutines(core, "--exe", exe))
        live = told_waits(goroutines(target.pid))
    saved, without = (told_waits(goroutines(tmp_path / name)) for name in ("picture", "without"))
    for goid, wait in live.items():
        of_internet = wait["protocol"] in ("tcp", "udp")
        assert without[goid]["protocol"] == wait["protocol"]
        assert without[goid]["local"] == (wait["local"] if of_internet else None), "a path is the program's own string"
    for goid, end in ends.items():
        for name in ("kind", "protocol", "local", "remote", "descriptor", "deadline"):
            assert saved[goid][name] == live[goid][name]
        check_deadline(saved[goid], end["seconds"])
        assert of_core[goid]["descriptor"] == live[goid]["descriptor"] and of_core[goid]["deadline"] == live[goid]["deadline"]
        assert (of_core[goid]["kind"] == "write") == (end["kind"] == "write")
        assert [of_core[goid][name] for name in ("protocol", "local", "remote", "deadline_in_ns")] == [None] * 4


def test_in_words(newest):
    with running("network_ends", "fixed", newest) as target:
        ends = declared_ends(target)
        listed = goshawk("goroutines", target.pid).out.decode()
        for goid, end in ends.items():
            story = goshawk("leaks", target.pid, "--goroutine", goid).out.decode()
            story = " ".join(story.split())
            assert ("no deadline" in story) == (end["seconds"] == 0), story
            for address in (end["local"], end["remote"]):
                assert address in story and (address in listed or address == end["local"]), (listed, story)
        assert "none has a deadline" in listed or "it has no deadline" in listed


def test_a_wait_that_will_time_out_is_no_growth(newest):
    """Of two kinds that grow alike at one place, only those without a deadline are likely leaked."""
    with running("network_readers", "leaky", newest) as target:
        report = watch_json(target.pid, [lambda: grow(target)] * 3)
        (finding,) = told_by_growth(report)
        assert (finding["rule"], finding["confidence"], set(finding["goids"])) == ("goroutine/io-wait", "likely", target.goids("growing"))
        assert len(target.goids("growing")) == len(target.goids("wakes")) >= 4
        network, count = finding["network"], finding["count"]
        assert (network["without_deadline"], network["with_deadline"], network["not_told"]) == (count, 0, 0)
        assert sum(end["count"] for end in network["ends"]) == count and all(end["end"].startswith("tcp 127.0.0.1:") for end in network["ends"])
        assert "none has a deadline" in " ".join(finding["evidence"])
        waits = told_waits(goroutines(target.pid))
        assert {waits[goid]["deadline"] for goid in target.goids("wakes")} == {"ahead"}
        assert {waits[goid]["deadline"] for goid in target.goids("growing")} == {"none"}


@pytest.mark.parametrize("program, mode", [("network_ends", "fixed"), ("network_readers", "leaky"), ("io_wait", "fixed")])
def test_one_picture_accuses_nobody(newest, program, mode):
    with running(program, mode, newest) as target:
        assert leaks(target.pid)["findings"] == []


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("built_by", SPREAD)
def test_who_is_at_the_other_end_of_an_unclosed_response(built_by, flavour):
    """Its goroutines wait for each other, not for the network: they are told as ever, and their finding names the peer."""
    with running("response_body_not_closed", "leaky", built_by, flavour) as target:
        findings = [f for f in leaks(target.pid)["findings"] if "body" in f["advice"].lower()]
        assert len(findings) == 2, "readers and writers of the connections"
        for finding in findings:
            assert re.fullmatch(r"their connections are to tcp 127\.0\.0\.1:\d+ \(2\)", finding["evidence"][-1]), finding["evidence"]
        listed = {g["goid"]: g["waits_on"] for g in goroutines(target.pid)["goroutines"]}
        assert not any("descriptor" in wait for f in findings for goid in f["goids"] for wait in listed[goid])
