"""--max-pause: what is predicted to take longer is refused before anything stops, what does take longer is given up. --max-memory: the
same of Goshawk itself."""

import json
import os
import re
import time

import pytest

from goshawk_command import FINE, UNREADABLE, USAGE, goshawk, goshawk_json
from running_program import running
from test_ways import children

HEAP_MB = 768


@pytest.fixture
def large(newest):
    with running("memory", "fixed", newest) as target:
        target.command(f"pointers {HEAP_MB}")
        yield target


@pytest.fixture
def crowded(newest):
    with running("crowd", "fixed", newest, environment={"CROWD": "100000"}) as target:
        yield target


def await_no_twin(target):
    """Goshawk has ended in the middle of it: its keeper has the twin collected."""
    deadline = time.monotonic() + 60
    while children(target.pid):
        assert time.monotonic() < deadline, children(target.pid)
        time.sleep(0.01)


def predicted(target):
    """Milliseconds beside a twin, as a copy and read ahead, as the doctor tells them."""
    (found,) = [one["found"] for one in goshawk_json("doctor", target.pid)["conditions"] if one["name"] == "predicted pause"]
    duration = r"([\d.]+) (ms|s|seconds?)"
    assert (match := re.fullmatch(rf"{duration} beside a twin, {duration} as a copy, {duration} read ahead", found)), found
    return [float(match[i]) * (1 if match[i + 1] == "ms" else 1000) for i in (1, 3, 5)]


def test_what_would_take_longer_is_refused_before_the_stop(large):
    began = time.monotonic()
    outcome = goshawk("leaks", large.pid, "--max-pause", "3", "--timings")
    assert outcome.code == UNREADABLE and outcome.out == b""
    assert re.search(r"would stand still for longer than --max-pause 3.0 ms: predicted \d+ ms read ahead, \d+ ms beside a twin, \d+ ms as a copy; it was not "
                     rf"stopped; allow --max-pause \d+, or list its goroutines without a stop: goshawk goroutines {large.pid} --no-stop", outcome.err), outcome.err
    assert "let it go on" not in outcome.err and time.monotonic() - began < 30
    for command in (["heap"], ["snapshot", "-o", "/dev/null"], ["leaks", "--way", "twin"], ["leaks", "--way", "copy"]):
        outcome = goshawk(command[0], large.pid, *command[1:], "--max-pause", "3ms")
        assert outcome.code == UNREADABLE and "--max-pause 3.0 ms: predicted" in outcome.err, (command, outcome.err)
        assert ("beside a twin" in outcome.err, "as a copy" in outcome.err) == (command[-1] != "copy", command[-1] != "twin")
    assert goshawk("goroutines", large.pid, "--no-stop", "--max-pause", "3").code == FINE


def test_what_is_suggested_suffices(large):
    """The limit that a refusal names is one that is kept, or that is told when it is not."""
    outcome = goshawk("leaks", large.pid, "--max-pause", "3")
    limit = float(re.search(r"allow --max-pause (\d+)", outcome.err)[1])
    outcome = goshawk("leaks", large.pid, "--max-pause", limit, "--format", "json")
    assert outcome.code == FINE, outcome.err
    import json
    pause_ms = json.loads(outcome.out)["picture"]["longest_pause_ns"] / 1e6
    assert (pause_ms <= limit) == ("longer than --max-pause" not in outcome.err), (pause_ms, outcome.err)


def test_the_prediction_is_of_the_right_size(large):
    """It is of a machine that does nothing else: where others want the processors too, what is measured is so much longer."""
    slack = 4 * max(1.0, os.getloadavg()[0] / os.cpu_count())
    twin, copy, track = predicted(large)
    took = {
        way: min(goshawk_json("leaks", large.pid, "--way", way)["picture"]["longest_pause_ns"] for _ in range(4)) / 1e6 for way in ("track", "twin", "copy")
    }
    assert took["track"] / slack < track < took["track"] * 4, (track, took)
    assert took["twin"] / slack < twin < took["twin"] * 4, (twin, took)
    assert took["copy"] / slack < copy < took["copy"] * 4, (copy, took)


def test_it_is_read_ahead_where_a_twin_takes_too_long(large):
    """What is predicted differs from one measurement to the next where others want the processors, and a stop may then be longer too."""
    twin, _, track = predicted(large)
    outcomes = [goshawk("leaks", large.pid, "--max-pause", f"{(track + twin) / 2:.1f}ms", "--format", "json") for _ in range(3)]
    pictures = [json.loads(outcome.out)["picture"] for outcome in outcomes if outcome.code == FINE]
    assert "track" in [picture["way"] for picture in pictures] and "copy" not in [picture["way"] for picture in pictures], (pictures, twin, track)


def test_what_is_never_read_ahead_says_so(large):
    for command in ("goroutines", "heap"):
        outcome = goshawk(command, large.pid, "--way", "track", "--max-pause", "1s")
        assert outcome.code == UNREADABLE and "this is not read ahead; --way track" in outcome.err, outcome.err


def test_goroutines_are_copied_where_a_twin_takes_too_long(large):
    twin, _, _ = predicted(large)
    report = goshawk_json("goroutines", large.pid, "--max-pause", f"{twin * 0.7:.1f}ms")
    assert report["picture"]["way"] == "copy", report["picture"]
    assert re.fullmatch(r"the stop to make one is predicted to take \d+ ms, more than --max-pause", report["picture"]["way_reason"])


def test_a_stop_that_takes_longer_is_given_up(crowded):
    """How long goroutines take is not known before. The process is let go at the limit, twice, and is none the worse for it."""
    limit = 25
    outcome = goshawk("goroutines", crowded.pid, "--way", "copy", "--max-pause", limit)
    assert outcome.code == UNREADABLE and outcome.out == b"", outcome.err
    found = re.search(r"takes longer than --max-pause 25.0 ms: it was let go after ([\d.]+) ms, the second time; allow more, or list", outcome.err)
    assert found, outcome.err
    assert limit <= float(found[1]) < 40 * limit
    crowded.command("ping")
    report = goshawk_json("goroutines", crowded.pid, "--way", "copy", "--max-pause", "60s")
    assert len(report["goroutines"]) >= 100_000


@pytest.mark.parametrize("value, said", [("0", "allows no stop at all"), ("soon", "--max-pause"), ("-3", "--max-pause"), ("", "--max-pause")])
def test_what_is_no_limit(value, said):
    outcome = goshawk("leaks", 1, f"--max-pause={value}")
    assert outcome.code == USAGE and said in outcome.err, outcome.err


def test_files_do_not_stop(large, tmp_path):
    saved = tmp_path / "a.snapshot"
    assert goshawk("snapshot", large.pid, "-o", saved).code == FINE
    outcome = goshawk("leaks", saved, "--max-pause", "20")
    assert outcome.code == USAGE and "--max-pause is for processes" in outcome.err
    assert goshawk("diff", saved, saved, "--max-pause", "20").code == USAGE
    assert goshawk("diff", saved, large.pid, "--max-pause", "20s").code == FINE


def test_what_wants_more_memory_is_refused_before_the_heap_is_read(large):
    """By a forecast, while the process runs on; what a list of goroutines wants is far less."""
    for command in ("leaks", "heap"):
        outcome = goshawk(command, large.pid, "--max-memory", "100MB", "--timings")
        assert outcome.code == UNREADABLE and outcome.out == b"", outcome.err
        assert re.search(r"this heap wants about \d+MB of memory, more than --max-memory 100MB; allow more; ", outcome.err), outcome.err
        assert "read heap spans" in outcome.err and "decode the heap" not in outcome.err, outcome.err
    assert goshawk("goroutines", large.pid, "--max-memory", "100MB").code == FINE


@pytest.mark.parametrize("command", ["leaks", "heap"])
def test_the_forecast_is_of_the_right_size(large, command):
    """What it names is enough, and not far more than is taken."""
    outcome = goshawk(command, large.pid, "--max-memory", "100MB")
    forecast = int(re.search(r"wants about (\d+)MB", outcome.err)[1])
    outcome = goshawk(command, large.pid, "--max-memory", f"{forecast}MB", "--timings")
    assert outcome.code == FINE, outcome.err
    peak = float(re.search(r"^peak memory: ([\d.]+) MB$", outcome.err, re.M)[1])
    assert forecast / 2 < peak < forecast * 1.1, (peak, forecast)


def test_what_reading_ahead_takes_more_is_in_it(large):
    """Where that is not allowed, a twin is made, which wants less."""
    forecast = int(re.search(r"wants about (\d+)MB", goshawk("leaks", large.pid, "--max-memory", "100MB").err)[1])
    picture = goshawk_json("leaks", large.pid, "--max-memory", f"{forecast}MB")["picture"]
    assert (picture["way"], picture["way_reason"]) == ("twin", "goshawk has not the memory for that"), picture
    outcome = goshawk("leaks", large.pid, "--way", "track", "--max-memory", f"{forecast}MB")
    assert outcome.code == UNREADABLE and "goshawk has not the memory for that; --way track" in outcome.err, outcome.err
    outcome = goshawk("leaks", large.pid, "--max-memory", f"{2 * forecast}MB", "--timings", "--format", "json")
    assert json.loads(outcome.out)["picture"]["way"] == "track"
    peak = float(re.search(r"^peak memory: ([\d.]+) MB$", outcome.err, re.M)[1])
    assert peak < 1.5 * forecast


def test_where_the_forecast_is_wrong_it_is_kept_all_the_same(large):
    """Who holds what is asked for by `goshawk PID` only, and is not in the forecast of a proof."""
    forecast = int(re.search(r"wants about (\d+)MB", goshawk(large.pid, "--max-memory", "100MB").err)[1])
    outcome = goshawk(large.pid, "--max-memory", f"{forecast}MB")
    assert outcome.code == UNREADABLE and outcome.out == b""
    assert f"goshawk has come to --max-memory {forecast}MB, against its forecast, and gave up" in outcome.err, outcome.err
    large.command("ping")
    await_no_twin(large)
    assert goshawk(large.pid, "--max-memory", "4GB").code == FINE


@pytest.mark.parametrize("value", ["0", "much", "-1MB", "1e9XB"])
def test_what_is_no_amount_of_memory(value):
    outcome = goshawk("leaks", 1, f"--max-memory={value}")
    assert outcome.code == USAGE and "is no amount of memory" in outcome.err, outcome.err


def test_a_snapshot_has_a_limit_too(large, tmp_path):
    saved = tmp_path / "a.snapshot"
    assert goshawk("snapshot", large.pid, "-o", saved).code == FINE
    outcome = goshawk("leaks", saved, "--max-memory", "40MB")
    assert outcome.code == UNREADABLE and "goshawk has come to --max-memory 40MB" in outcome.err, outcome.err
