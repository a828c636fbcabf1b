"""What is in use and need not be, in a program that knows how much of each it has (tests/programs/memory/unneeded.go); and its twins,
of which nothing is said."""

import time

import pytest

from conftest import RELEASES
from go_programs import minor
from goshawk_command import FINE, goshawk, goshawk_json
from running_program import running
from test_heap_balance import SOME, some_releases

LINE = 64 << 10
HELD = "heap/retained"

both_flavours = pytest.mark.parametrize("flavour", ["dwarf", "stripped"])


def unneeded(target):
    return [f for f in goshawk_json("heap", target)["findings"] if f["rule"] != HELD]


def ask(some, command, flavour="dwarf", **options):
    """What is found in the program, and in its twin; the program's screen and what a snapshot of it says."""
    name, number = command.split()
    with running("unneeded", "fixed", some, flavour, **options) as target:
        assert unneeded(target.pid) == []
        target.command(f"{name} fixed {number}")
        twin = unneeded(target.pid)
    with running("unneeded", "fixed", some, flavour, **options) as target:
        target.command(command)
        found = unneeded(target.pid)
        screen = goshawk("heap", target.pid)
    assert screen.code == FINE
    assert twin == [], twin
    return found, screen.out.decode()


@some_releases
@both_flavours
def test_ten_bytes_of_a_long_string(some, flavour):
    found, screen = ask(some, "strings 100", flavour)
    (one,) = found
    assert (one["rule"], one["confidence"], one["count"]) == ("heap/pinned-array", "likely", 100)
    assert one["place"] == "main.record.key"
    assert one["total_bytes"] == 100 * LINE and one["used_bytes"] == 100 * 10
    assert one["cost"]["retained_bytes"] == 100 * (LINE - 10)
    assert "main.record.key: 100 × string of 6.3 MB, of which 1,000 bytes is used" in " ".join(screen.split()), screen


@some_releases
@both_flavours
@pytest.mark.parametrize("command, place", [("texts", "map[int]string values"), ("names", "map[string]int keys")])
def test_ten_bytes_of_a_long_string_in_a_map(some, flavour, command, place):
    (one,), _ = ask(some, f"{command} 50", flavour)
    assert (one["rule"], one["confidence"], one["place"]) == ("heap/pinned-array", "likely", place)
    assert one["count"] == 50 and one["used_bytes"] == 50 * 10


@some_releases
@both_flavours
def test_the_head_of_a_buffer(some, flavour):
    (one,), _ = ask(some, "heads 50", flavour)
    assert (one["confidence"], one["place"], one["type"]) == ("likely", "main.record.head", "[]uint8")
    assert one["count"] == 50 and one["used_bytes"] == 50 * 16


@some_releases
def test_room_behind_the_length_may_be_filled_again(some):
    (one,), screen = ask(some, "buffers 50")
    assert (one["rule"], one["confidence"], one["place"]) == ("heap/pinned-array", "suspected", "[]uint8")
    assert one["count"] == 50 and one["cost"]["retained_bytes"] == 50 * (LINE - 16)
    assert "the rest is room behind the length of slices" in " ".join(screen.split())
    assert one["advice"].endswith("a copy of what is used (slices.Clone, bytes.Clone)"), "slices.Clip frees nothing"


@some_releases
@both_flavours
def test_one_element_of_many(some, flavour):
    (one,), _ = ask(some, "points 50", flavour)
    assert (one["confidence"], one["place"]) == ("likely", "main.record.last")
    assert one["count"] == 50 and one["used_bytes"] == 50 * 16


@some_releases
def test_the_end_of_a_queue_in_a_variable(some):
    (one,), _ = ask(some, "queue 100000")
    # The slice leads into the middle: of what it is a part, an array or a struct with one, nobody says.
    assert (one["confidence"], one["place"], one["type"]) == ("likely", "main.queue", None)
    assert one["count"] == 1 and one["used_bytes"] == 160


@some_releases
def test_what_several_use_together_is_used(some):
    with running("unneeded", "fixed", some) as target:
        target.command("shared 50")
        assert unneeded(target.pid) == []


@some_releases
@both_flavours
def test_maps_that_were_large_once(some, flavour):
    found, screen = ask(some, "maps 200000", flavour)
    maps = {one["type"]: one for one in found}
    assert set(maps) == {"map[int][8]int", "map[string]*main.record"}, found
    for one in found:
        assert (one["rule"], one["confidence"], one["count"]) == ("heap/oversized-map", "suspected", 1)
        assert one["entries"] == 10 and one["used_bytes"] <= 2048
        assert one["place"].endswith({"map[int][8]int": ".ofUsers", "map[string]*main.record": ".ofNames"}[one["type"]]), one
    users = maps["map[int][8]int"]
    assert users["total_bytes"] > 200000 * 72 and users["cost"]["retained_bytes"] > 0.99 * users["total_bytes"]
    assert ".ofUsers (map[int][8]int) with 10 entries in tables of" in " ".join(screen.split())


@some_releases
@both_flavours
def test_room_in_channels_that_nobody_needs(some, flavour):
    found, screen = ask(some, "room 100000", flavour)
    channels = {one["type"]: one for one in found}
    assert set(channels) == {"chan main.tick", "chan *main.record"}, found
    for one, size in ((channels["chan main.tick"], 256), (channels["chan *main.record"], 8)):
        assert (one["rule"], one["confidence"], one["count"]) == ("heap/channel-room", "suspected", 1)
        assert (one["channels"]["queued"], one["channels"]["capacity"]) == (3, 100000)
        assert (one["total_bytes"], one["used_bytes"]) == (100000 * size, 3 * size)
        assert one["cost"]["retained_bytes"] == 99997 * size
    assert channels["chan main.tick"]["place"].endswith(".events") and channels["chan *main.record"]["place"].endswith(".jobs")
    assert "(chan main.tick) with a buffer of 24 MB: 3 of 100,000 queued" in " ".join(screen.split()), screen


@some_releases
@both_flavours
def test_a_channel_that_is_full(some, flavour):
    (one,), screen = ask(some, "backlog 2000", flavour)
    assert (one["rule"], one["confidence"], one["type"]) == ("heap/channel-backlog", "suspected", "chan *main.record")
    assert one["place"].endswith(".jobs")
    use = one["channels"]
    assert (use["queued"], use["capacity"], use["closed"]) == (2000, 2000, 0)
    assert use["senders"] == {"count": 3, "function": "main.putJob"} and use["receivers"]["count"] == 0
    assert 2000 * (1024 + 64) <= use["held_bytes"] <= 2000 * (1024 + 64) + 1000
    assert one["cost"]["retained_bytes"] == use["held_bytes"] + 2000 * 8
    assert ": full with 2,000 queued, which hold 2.1 MB; 3 goroutines wait to send in main.putJob" in " ".join(screen.split()), screen


@some_releases
@both_flavours
def test_what_is_queued_in_a_closed_channel(some, flavour):
    (one,), screen = ask(some, "events 900", flavour)
    assert (one["rule"], one["type"]) == ("heap/channel-backlog", "chan main.tick")
    use = one["channels"]
    assert (use["queued"], use["capacity"], use["held_bytes"], use["closed"]) == (600, 900, 0, 1)
    assert one["total_bytes"] == 900 * 256 and one["cost"]["retained_bytes"] == 600 * 256
    assert "600 of 900 queued; nobody waits to send, nobody waits to receive; closed" in " ".join(screen.split()), screen


def has_old_timers(release):
    return minor(release) < 27


def old_timers(release):
    """Before 1.23 there are no others, since 1.27 a program does not even start that asks for them."""
    return {"GODEBUG": "asynctimerchan=1"} if has_old_timers(release) else {}


@some_releases
@both_flavours
def test_time_after_in_a_loop(some, flavour):
    found, screen = ask(some, "after 2000", flavour, environment=old_timers(some))
    if not has_old_timers(some):
        assert found == []
        return
    (one,) = found
    assert (one["rule"], one["confidence"], one["type"]) == ("timer/after-in-loop", "likely", "time.Timer")
    assert 2000 <= one["count"] <= 2001 and 2000 <= one["unreferenced"] <= 2001
    assert one["cost"]["retained_bytes"] >= 2000 * 200
    assert "fires in 59 minutes" in " ".join(screen.split()) or "fires in 1 hour" in " ".join(screen.split()), screen


@pytest.mark.parametrize("some", [release for release in SOME if minor(release) >= 23])
def test_the_new_timers_go_by_themselves(some):
    with running("unneeded", "fixed", some, environment={"GODEBUG": "asynctimerchan=0"}) as target:
        target.command("after 2000")
        target.command("tickers 100")
        assert unneeded(target.pid) == []


@some_releases
def test_functions_that_will_be_called(some):
    (one,), _ = ask(some, "functions 1500")
    assert (one["rule"], one["confidence"]) == ("timer/after-in-loop", "suspected")
    assert one["place"] == "main.startFunctions.func1" and one["count"] == 1500 and one["unreferenced"] is None
    assert one["cost"]["retained_bytes"] > 1500 * 1024


@some_releases
@both_flavours
def test_tickers_that_nobody_can_stop(some, flavour):
    found, _ = ask(some, "tickers 100", flavour, environment=old_timers(some))
    if not has_old_timers(some):
        assert found == []
        return
    (one,) = found
    assert (one["rule"], one["confidence"], one["type"]) == ("timer/unstopped-ticker", "likely", "time.Ticker")
    assert one["count"] == 100 and one["unreferenced"] == 100


@pytest.mark.parametrize("some", [release for release in RELEASES if minor(release) >= 24])
@both_flavours
def test_tickers_that_weak_pointers_lead_to_can_be_stopped(some, flavour):
    found, _ = ask(some, "weakly 100", flavour, environment=old_timers(some))
    assert found == []


@some_releases
@both_flavours
def test_finalizers_behind_one_that_waits(some, flavour):
    (one,), screen = ask(some, "finalizers 3000", flavour)
    assert (one["rule"], one["confidence"]) == ("heap/finalizer", "suspected")  # it may be over in a moment
    assert one["place"] == "main.blockFinalizers.func1" and one["goid"]
    assert one["cost"]["retained_bytes"] > 3000 * 1024
    assert f"goroutine {one['goid']}, which runs them, waits in main.blockFinalizers.func1" in " ".join(screen.split())


@pytest.mark.parametrize("some", [RELEASES[0], RELEASES[-1]])
def test_finalizers_behind_one_that_waits_for_a_minute(some):
    with running("unneeded", "fixed", some) as target:
        target.command("finalizers 30")
        began = time.monotonic()
        (one,) = unneeded(target.pid)
        while one["confidence"] != "likely" and time.monotonic() < began + 90:
            time.sleep(5)
            (one,) = unneeded(target.pid)
        waited = time.monotonic() - began
    assert (one["rule"], one["confidence"], one["place"]) == ("heap/finalizer", "likely", "main.blockFinalizers.func1")
    assert waited > 55


@some_releases
def test_slow_finalizers_are_not_stuck(some):
    (one,), _ = ask(some, "slow 1500")
    assert (one["rule"], one["confidence"], one["place"]) == ("heap/finalizer", "suspected", "main.runSlowFinalizers.func1")


@pytest.mark.parametrize("some", [release for release in RELEASES if minor(release) >= 25])
@both_flavours
def test_behind_a_cleanup_that_waits_are_cleanups_only(some, flavour, tmp_path):
    file = tmp_path / "picture"
    with running("unneeded", "fixed", some, flavour, environment={"GOMAXPROCS": "2"}) as target:
        target.command("finalizers fixed 300")
        target.command("cleanups 200")
        (one,) = unneeded(target.pid)
        assert (one["rule"], one["confidence"]) == ("heap/finalizer", "suspected")
        assert one["place"] == "main.blockCleanups.func1"
        behind = one["count"]
        assert behind >= 200
        target.command("finalizers 2000")
        (one,) = unneeded(target.pid)
        assert one["place"] == "main.blockFinalizers.func1"
        assert 2000 <= one["count"] <= 2 * 2000 + 10  # and their closures
        assert goshawk("snapshot", target.pid, "--with-heap", "-o", file).code == FINE
        assert unneeded(file) == [one]


@pytest.mark.parametrize("some", [release for release in RELEASES if minor(release) >= 24])
def test_cleanups_that_run(some):
    with running("unneeded", "fixed", some) as target:
        target.command("cleanups fixed 3000")
        assert unneeded(target.pid) == []


@some_releases
@both_flavours
def test_a_finalizer_reads_all_of_an_array(some, flavour):
    found, _ = ask(some, "read 50", flavour)
    assert found == []


@some_releases
def test_descriptors_after_a_spike(some):
    (one,), screen = ask(some, "spike 20000")
    assert (one["rule"], one["confidence"]) == ("heap/dead-goroutines", "likely")
    assert 20000 <= one["count"] < 20500 and one["cost"]["retained_bytes"] > 20000 * 300
    assert "descriptors of goroutines that have ended" in " ".join(screen.split())


@some_releases
def test_a_snapshot_says_the_same(some, tmp_path):
    file = tmp_path / "picture"
    with running("unneeded", "fixed", some) as target:
        for command in ("strings 100", "maps 200000", "functions 1500", "finalizers 3000", "spike 20000", "backlog 2000",
                        "events 90000"):
            target.command(command)
        found = unneeded(target.pid)
        assert goshawk("snapshot", target.pid, "--with-heap", "-o", file).code == FINE
    assert len(found) == 8, found
    assert unneeded(file) == found
