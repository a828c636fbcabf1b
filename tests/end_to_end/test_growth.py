"""Several pictures: what grows is told, what only comes and goes is not, and what interrupts them is said."""

import json
import re
import signal

import pytest

import corpus
import go_programs
from conftest import FLAVOURS, REMARKS
from goshawk_command import FINDINGS, FINE, UNREADABLE, USAGE, goshawk, goshawk_json
from judgement import differences_in_counts, false_proofs, false_suspicions
from running_program import running
from several_pictures import Watching, watch, watch_json
from test_corpus import BUILDS, LEAST_SHARE, documented_shares, programs_listed_under
from test_programs import assert_none

PICTURES = 4

# {who starts them: why they grow with a leak}: they declare nothing, for a library starts them.
GROW_ALONG = {
    "net/http.(*Server).Serve": "the server's end of a connection that its client leaks",
    "net/http/httptest.(*Server).goServe": "the server itself, one for each time that the leak is planted",
    "net/http.(*Transport).dialConn": "the client's end of those connections that other programs of the process keep",
}


def nothing():
    """No change."""


def told_by_growth(report):
    return [f for f in report["findings"] if f["growth"] is not None and f["confidence"] != "proven" and f["growth"]["came"] > 0]


def grow(target):
    target.claims = {claim["goid"]: claim for claim in target.command("grow")["claims"]}


@pytest.mark.parametrize("built_by", BUILDS)
def test_corpus_is_told(built_by):
    """All but a twentieth of the leaks are proven or likely: each goroutine in the second picture after it came, at the latest."""
    coverage = corpus.Coverage()
    for names in (corpus.together(built_by, go_programs.LEAKY), *corpus.APART):
        with running(names, go_programs.LEAKY, built_by) as target:
            there = []

            def change():
                there[:] = target.claims
                grow(target)

            report = watch_json(target.pid, [change] * (PICTURES - 1))
            assert_none(wrongly_told(report, target))
            target.claims = {goid: claim for goid, claim in target.claims.items() if goid in there}
            coverage.add(report, target)
    REMARKS.append(f"corpus, {PICTURES} pictures, Go {built_by}: {len(coverage.leaks)} leaks, {coverage.today:.1%} proven or likely")
    untold = sorted(name for name, leak in coverage.leaks.items() if not all(word in (corpus.PROVEN, corpus.LIKELY) for _, word in leak))
    assert coverage.today >= LEAST_SHARE, f"{coverage.today:.3f}, not told: {untold}"
    assert documented_shares(built_by)[2] == f"{coverage.today * 100:.1f} %"
    if built_by == BUILDS[-1]:
        assert programs_listed_under("Leaks that several pictures tell") == set(untold), f"docs/limits.md: not told are {untold}"


def wrongly_told(report, target):
    """Proven is what leaks for certain; likely is what leaks, with a rule that is right for it."""
    differences = false_proofs(report, target) + differences_in_counts(report)
    along = {
        goid for f in told_by_growth(report) if f["created_at"] and f["created_at"]["function"] in GROW_ALONG for goid in f["goids"]
    } - target.claims.keys()
    for goid, (confidence, rule) in sorted(corpus.told(report).items()):
        claim = target.claims.get(goid, {"verdict": "not declared"})
        leaks = claim["verdict"] in ("leaked", "likely", "growing")
        if confidence == corpus.LIKELY and not leaks and goid not in along:
            differences.append(f"{corpus.description(target, goid)}, told was {confidence} {rule}")
        elif leaks and rule not in claim.get("rules", [rule]):
            differences.append(f"{corpus.description(target, goid)}, told was {rule}")
    return differences


@pytest.mark.parametrize("built_by", BUILDS)
def test_correct_twins_are_not_told(built_by):
    for names in (corpus.together(built_by, go_programs.FIXED), *corpus.APART):
        with running(names, go_programs.FIXED, built_by) as target:
            report = watch_json(target.pid, [lambda: target.command("gc"), nothing, nothing], every="50ms")
            assert_none(false_proofs(report, target) + false_suspicions(report, target) + differences_in_counts(report))
            assert told_by_growth(report) == []


@pytest.mark.parametrize("mode", (go_programs.LEAKY, go_programs.FIXED))
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_under_load(newest, flavour, mode):
    """HTTP servers and clients, pools, pipelines, at full speed: much comes and goes, in whatever interval."""
    with running("load", mode, newest, flavour) as target:
        for every, samples in (("5ms", 8), ("50ms", 6), ("300ms", 4)):
            report = goshawk_json("leaks", target.pid, "--all", "--every", every, "--samples", samples)
            assert_none(false_proofs(report, target) + false_suspicions(report, target) + differences_in_counts(report))
            assert len(report["pictures"]) == samples
            assert told_by_growth(report) == []


def test_a_load_that_rises(newest):
    with running("load_that_rises", "fixed", newest) as target:
        def turn():
            target.command("turn")

        report = watch_json(target.pid, [turn] * 3)
        assert [p["goroutines"] for p in report["pictures"]] == sorted({p["goroutines"] for p in report["pictures"]}), "it did not rise"
        assert report["findings"] == []
        report = watch_json(target.pid, [lambda: target.command("burst"), nothing, nothing])
        assert report["findings"] == []
        # The same without an end is what a leak looks like.
        report = watch_json(target.pid, [lambda: target.command("burst")] * 3)
        assert [f["confidence"] for f in report["findings"]] == ["likely"]


def test_what_is_told_of_growth(newest):
    with running("read_without_deadline", "leaky", newest) as target:
        report = watch_json(target.pid, [lambda: grow(target)] * 2)
        (finding,) = report["findings"]
        assert (finding["rule"], finding["confidence"], finding["count"]) == ("goroutine/io-wait", "likely", 6)
        assert set(finding["goids"]) == target.goids("growing")
        growth = finding["growth"]
        assert [sample["count"] for sample in growth["samples"]] == [2, 4, 6]
        assert (growth["stayed"], growth["came"], growth["gone"]) == (2, 4, 0)
        seconds = [sample["seconds"] for sample in growth["samples"]]
        assert seconds[0] == 0 and seconds == sorted(set(seconds)) == [p["seconds"] for p in report["pictures"]]
        assert finding["rate"] == pytest.approx(4 / seconds[-1])
        assert all(picture["pause_ns"] > 0 for picture in report["pictures"])
        assert report["checked"]["likely"] == 6

        outcome = watch(target.pid, [lambda: grow(target)] * 2, "--fail-on", "likely")
        assert outcome.code == FINDINGS
        assert "grew 6 → 8 → 10 in" in outcome.out.decode()
        lines = outcome.out.decode().splitlines()
        assert max(len(line) for line in lines if not line.startswith("in process ")) <= 100

        # Two pictures are too few for more than a suspicion, and one shows nothing of it.
        report = watch_json(target.pid, [lambda: grow(target)])
        assert [f["confidence"] for f in report["findings"]] == ["suspected"]
        assert report["checked"]["likely"] == 0
        alone = goshawk_json("leaks", target.pid)
        assert alone["findings"] == []
        assert report["picture"]["bytes_read"] < 1.5 * alone["picture"]["bytes_read"], "that of earlier pictures is in it"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_who_holds_what_grows(newest, flavour):
    """The path by which one of them is held, in the finding and in the story of one: which one picture cannot tell."""
    end = r"(main\.deafBus \(main\.bus\)\.subscribers|a global at 0x\w+ \((?:used by|near what) main\..*?\) -> \(map\[string\]\[\]chan \*main\.job\))\[\.\.\.\]\[\.\.\.\]"
    held = re.compile(f"held by {end} \\(chan \\*main\\.job\\)")
    with running("forgotten_subscribers", "leaky", newest, flavour) as target:
        goid = min(target.claims)
        alone = goshawk("leaks", target.pid, "--goroutine", goid).out.decode()
        assert alone.startswith(f"Goroutine {goid} is alive\n")
        assert "one picture does not tell whether there are more and more" in " ".join(alone.split())
        assert f"goshawk leaks {target.pid} --goroutine {goid} --samples 3 --every 5s" in " ".join(alone.split())
        (finding,) = watch_json(target.pid, [lambda: grow(target)] * 2)["findings"]
        assert finding["confidence"] == "likely" and any(held.fullmatch(sentence) for sentence in finding["evidence"]), finding["evidence"]
        outcome = watch(target.pid, [lambda: grow(target)] * 2, "--goroutine", str(goid))
        told = outcome.out.decode()
        assert told.startswith(f"Goroutine {goid} is likely leaked: there are more and more of its kind\n"), outcome
        assert "held by" in told and "grew" in told and "--samples" not in told
        steady = watch(target.pid, [nothing] * 2, "--goroutine", str(goid)).out.decode()
        assert steady.startswith(f"Goroutine {goid} is alive\n") and "in 3 pictures over" in steady


def test_ctrl_c_takes_the_last_picture_at_once(newest):
    with running("busy_loop", "leaky", newest) as target:
        watching = Watching(target.pid, 100, "1h", "--format", "json")
        watching.change_after(1, lambda: grow(target))
        watching.process.send_signal(signal.SIGINT)
        outcome = watching.finish()
        assert outcome.code == FINE, outcome.err
        report = json.loads(outcome.out)
        assert len(report["pictures"]) == 2
        assert [(f["rule"], f["confidence"]) for f in report["findings"]] == [("goroutine/runaway", "suspected")]


def test_the_process_ends_meanwhile(newest):
    with running("read_without_deadline", "leaky", newest) as target:
        def kill():
            target.process.kill()
            target.process.wait()

        report = watch_json(target.pid, [lambda: grow(target), lambda: grow(target), kill])
        (finding,) = report["findings"]
        assert (finding["rule"], finding["confidence"], finding["count"]) == ("goroutine/io-wait", "likely", 6)
        assert report["checked"]["leaked"] == 0
        assert any("no picture 4 of 4" in doubt and "exited" in doubt for doubt in report["doubts"]), report["doubts"]


def test_the_process_executes_itself_meanwhile(newest):
    """Its number, its executable and its goroutines' numbers are those of before: it is another program all the same."""
    with running("load_that_rises", "fixed", newest) as target:
        def burst():
            target.command("burst")

        def become():
            assert target.command("become")["ready"] is True

        report = watch_json(target.pid, [burst, burst, become])
        assert [f["confidence"] for f in report["findings"]] == ["likely"]
        assert len(report["pictures"]) == 3
        assert any("no picture 4 of 4" in doubt and "executed another program" in doubt for doubt in report["doubts"]), report["doubts"]
        assert goshawk("leaks", target.pid).code == FINE, "the new program is there"


def test_the_process_ends_after_the_first(newest):
    with running("busy_loop", "leaky", newest) as target:
        def kill():
            target.process.kill()
            target.process.wait()

        outcome = watch(target.pid, [kill])
        assert outcome.code == UNREADABLE
        assert "exited" in outcome.err


@pytest.mark.parametrize("options, hint", [
    (["--samples", "1"], "2 to 1000"), (["--samples", "1001"], "2 to 1000"), (["--samples", "x"], "2 to 1000"),
    (["--every", "0s"], "1ms"), (["--every", "often"], "90s"), (["--samples", "3", "--every", "8d"], "7d"),
])
def test_what_makes_no_sense(newest, options, hint):
    with running("busy_loop", "fixed", newest) as target:
        outcome = goshawk("leaks", target.pid, *options)
        assert outcome.code == USAGE
        assert hint in outcome.err


def test_a_snapshot_is_one_instant(newest, tmp_path):
    with running("busy_loop", "fixed", newest) as target:
        assert goshawk("snapshot", target.pid, "-o", tmp_path / "picture").code == FINE
    outcome = goshawk("leaks", tmp_path / "picture", "--samples", 3)
    assert outcome.code == USAGE
    assert "one instant" in outcome.err
