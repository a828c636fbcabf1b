"""What of a heap grows, in a program that lets one kind of thing grow at a time (tests/programs/memory/steady.go); and its twins, which
do as much and keep no more."""

import json
import signal

import pytest

from go_programs import minor
from goshawk_command import FINE, UNREADABLE, USAGE, goshawk
from running_program import running
from several_pictures import Watching, watch, watch_json
from stopped_program import stop_at_rest
from test_heap_balance import SOME, some_releases

N = 3000
both_flavours = pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
# By command: the rule, the end of the place, and of the type.
KINDS = {
    "map": ("heap/growing-map", ".sessions", "map[int]*main.visitor"),
    "flags": ("heap/growing-map", ".flags", "map[string]bool"),
    "slice": ("heap/growing-slice", "main.desk.events", "[]main.event"),
    "sums": ("heap/growing-slice", "main.desk.sums", "[]uint64"),
    "list": ("heap/growing-type", None, "main.chained"),
    "variable": ("heap/growing-slice", None, "[]main.event"),
}

# Of one of each, with what hangs on it.
ELEMENT_BYTES = {"map": 112, "flags": 17, "slice": 16, "sums": 8, "list": 256, "variable": 16}


def growing(report):
    return [one for one in report["findings"] if one["rule"].startswith("heap/growing-")]


def steady(some, flavour="dwarf"):
    return running("steady", "fixed", some, flavour, environment={"NO_COLLECTION": "1"})


def steps(target, command, times):
    return [lambda: target.command(command)] * times


def counts_of(one):
    return [sample["count"] for sample in one["growth"]]


@some_releases
@both_flavours
@pytest.mark.parametrize("kind", KINDS)
def test_what_grows(some, flavour, kind):
    rule, place, type_name = KINDS[kind]
    with steady(some, flavour) as target:
        report = watch_json(target.pid, steps(target, f"{kind} {N}", 2), command="heap", every="1s")
    if kind == "variable" and flavour == "stripped" and minor(some) < 22:
        (one,) = growing(report)  # of what type its elements are is not known
        assert (one["rule"], one["type"], one["count"]) == ("heap/growing-type", None, 0), one
        assert one["place"].startswith("a global at 0x"), one
        return
    (one,) = growing(report)
    assert (one["rule"], one["type"], one["confidence"]) == (rule, type_name, "suspected"), one
    assert place is None or one["place"].endswith(place), one
    counts = counts_of(one)
    assert [b - a for a, b in zip(counts, counts[1:])] == [N, N], one
    assert one["cost"]["retained_bytes"] >= 2 * N * ELEMENT_BYTES[kind] * 0.5, "room for more grows in steps"
    assert len(report["pictures"]) == 3 and all(picture["pause_ns"] > 0 for picture in report["pictures"])
    assert one["rate"] > 0


@some_releases
@pytest.mark.parametrize("kind", [*KINDS, "waste"])
def test_twins_keep_no_more(some, kind):
    with steady(some) as target:
        report = watch_json(target.pid, steps(target, f"{kind} fixed {N // 3}", 2), command="heap", every="1s")
        assert growing(report) == []
        screen = watch(target.pid, steps(target, f"{kind} fixed {N // 3}", 1), command="heap", every="1s")
    assert screen.code == FINE
    # Tables of a map may grow where some entries go and others come.
    said = ["Nothing: no map, no slice and no type"] + ["No map, slice or type can be told"] * (kind in ("map", "flags"))
    assert any(words in " ".join(screen.out.decode().split()) for words in said), screen.out.decode()


@some_releases
def test_what_came_with_the_entries(some):
    with steady(some) as target:
        report = watch_json(target.pid, steps(target, f"map {N}", 2), command="heap", every="1s")
        (one,) = growing(report)
        came = {row["type"]: row["objects"] for row in one["came_with"]}
        assert came["main.visitor"] == 2 * N, one
        screen = " ".join(watch(target.pid, steps(target, f"map {N}", 1), command="heap", every="1s").out.decode().split())
    assert f"with them came {N:,} × main.visitor" in screen, screen
    assert screen.startswith("What grew from each picture to the next in process ") and " 2 pictures in" in screen, screen
    assert " in memory (RSS): " in screen and "total" not in screen, "the balance is one line"


def test_steady_growth_in_five_pictures_is_likely():
    with steady(SOME[-1], "stripped") as target:
        report = watch_json(target.pid, steps(target, f"list {N}", 4), command="heap", every="1s")
        (one,) = growing(report)
        assert (one["confidence"], counts_of(one)[-1] - counts_of(one)[0]) == ("likely", 4 * N)
        halting = [*steps(target, f"list {N}", 3), lambda: target.command("list 20")]
        (one,) = growing(watch_json(target.pid, halting, command="heap", every="1s"))
        assert one["confidence"] == "suspected", "it may have come to its end"


def test_a_process_that_ends_meanwhile_loses_nothing():
    with steady(SOME[-1]) as target:
        def kill():
            target.process.kill()
            target.process.wait()

        report = watch_json(target.pid, [*steps(target, f"map {N}", 1), kill], command="heap", every="1s")
    (one,) = growing(report)
    assert counts_of(one)[1] - counts_of(one)[0] == N
    assert any("there is no picture 3 of 3" in doubt for doubt in report["doubts"]), report["doubts"]


def test_a_process_that_ends_before_the_second_picture_is_told_as_by_one():
    def kill():
        target.process.kill()
        target.process.wait()

    with steady(SOME[-1]) as target:
        target.command(f"map {20 * N}")
        told = watch(target.pid, [kill], command="heap", every="1s")
    text = told.out.decode()
    assert told.code == UNREADABLE, told
    assert "goshawk: what grows is not told: " in told.err and "there is no picture 2 of 2" in " ".join(text.split()), told
    assert "What grows is not told: there is no second picture" in text, text
    assert " 100 %  total\n" in text and "main.desk" in text and "Types of the " in text, "all of picture 1"
    with steady(SOME[-1]) as target:
        told = watch(target.pid, [kill], "--format", "json", command="heap", every="1s")
    report = json.loads(told.out)
    assert told.code == UNREADABLE and len(report["pictures"]) == 1 and report["balance"] and report["types"], told


def test_a_stopped_process_is_said_not_to_grow():
    with steady(SOME[-1]) as target:
        stop_at_rest(target)
        nothing = [lambda: None]
        screen = " ".join(watch(target.pid, nothing, command="heap", every="1s").out.decode().split())
        report = watch_json(target.pid, nothing, command="heap", every="1s")
        target.process.send_signal(signal.SIGCONT)
        assert target.command(f"map {N}")
    assert "The process was stopped by a signal for all of it: nothing can grow" in screen, screen
    assert [picture["stopped"] for picture in report["pictures"]] == [True, True]


def test_the_wait_can_be_cut_short():
    with steady(SOME[-1]) as target:
        watching = Watching(target.pid, 100, "1h", command="heap")
        watching.change_after(1, lambda: target.command(f"map {N}"))
        watching.process.send_signal(signal.SIGINT)
        outcome = watching.finish()
    assert outcome.code == FINE, outcome.err
    assert "2 pictures in" in outcome.out.decode() and "heap/growing-map" in outcome.out.decode()


def test_what_one_picture_is_asked_for():
    with steady(SOME[-1]) as target:
        for question in (["--object", "main.desk"], ["--allocations"]):
            outcome = goshawk("heap", target.pid, "--samples", "3", *question)
            assert outcome.code == USAGE, outcome
        assert goshawk("heap", target.pid, "--samples", "1").code == USAGE
