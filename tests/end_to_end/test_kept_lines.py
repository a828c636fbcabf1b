"""What the heap holds in ways of Go's own, in a program that knows how much of each it has (tests/programs/memory/kept.go)."""

import pytest

from go_programs import minor
from goshawk_command import FINE, goshawk, goshawk_json
from running_program import running
from test_heap_balance import SOME, some_releases

SPARE = (64 << 10) + 32  # the slot of a main.spare and of its room

both_flavours = pytest.mark.parametrize("flavour", ["dwarf", "stripped"])


def releases_from(first):
    return pytest.mark.parametrize("some", [release for release in SOME if minor(release) >= first])


def pools_of(target, new):
    return [pool for pool in goshawk_json("heap", target)["pools"] if pool["new"] == new]


@some_releases
@both_flavours
def test_a_pool_of_a_variable(some, flavour):
    with running("kept", "fixed", some, flavour) as target:
        assert pools_of(target.pid, "main.anotherSpare") == []
        target.command("pool 100")
        (pool,) = pools_of(target.pid, "main.anotherSpare")
        screen = " ".join(goshawk("heap", target.pid).out.decode().split())
        target.command("collect 1")
        (older,) = pools_of(target.pid, "main.anotherSpare")
        target.command("collect 1")
        assert pools_of(target.pid, "main.anotherSpare") == []
    name = "main.spares" if flavour == "dwarf" else None
    assert (pool["place"], pool["type"], pool["pools"]) == (name, "*main.spare", 1)
    assert (pool["values"], pool["victim_values"], pool["victim_bytes"]) == (100, 0, 0)
    assert 99 * SPARE < pool["bytes"] < 99 * SPARE + 20_000  # somebody has the first; the rest are the pool's own arrays
    assert (older["values"], older["victim_values"]) == (100, 100)
    assert older["bytes"] == older["victim_bytes"] == pool["bytes"]
    assert f"{name or 'the pool of main.anotherSpare'}: 100 values, mostly *main.spare" in screen, screen
    assert "Kept for reuse in sync.Pools: 6.2 MB, which the next two collections free" in screen, screen


@some_releases
@both_flavours
def test_a_pool_in_a_struct(some, flavour):
    with running("kept", "fixed", some, flavour) as target:
        target.command("desk 10")
        (pool,) = [pool for pool in goshawk_json("heap", target.pid)["pools"] if pool["type"] == "*main.spare"]
    assert (pool["place"], pool["new"], pool["values"]) == ("main.counter.spares", None, 10)
    assert 10 * SPARE < pool["bytes"] < 10 * SPARE + 20_000


@some_releases
@both_flavours
def test_pending_timers_with_where_they_were_made(some, flavour):
    with running("kept", "fixed", some, flavour) as target:
        target.command("timers 40")
        heap = goshawk_json("heap", target.pid)
        screen = " ".join(goshawk("heap", target.pid).out.decode().split())
    assert [one for one in heap["findings"] if one["rule"].startswith("timer/")] == []
    (line,) = [line for line in heap["pending_timers"] if line["function"] == "main.startTimers.func1"]
    assert (line["ticks"], line["timers"]) == (False, 40)
    assert 40 * SPARE < line["bytes"] < 40 * (SPARE + 300)
    assert 0 < line["longest_ns"] <= 3600 * 10**9
    (made,) = line["created_in"]
    assert made["on_behalf_of"]["function"] == "main.startTimers" and made["at"]["function"].startswith("time.")
    assert "40 timers for main.startTimers.func1; the last of them fires in 1 hour" in screen, screen
    assert "created in main.startTimers (kept.go:" in screen, screen


@releases_from(23)
@both_flavours
def test_unique_handles(some, flavour):
    with running("kept", "fixed", some, flavour) as target:
        target.command("unique 2000")
        lines = {line["type"]: line for line in goshawk_json("heap", target.pid)["unique_handles"]}
        screen = " ".join(goshawk("heap", target.pid).out.decode().split())
    texts, corners = lines["string"], lines["main.corner"]
    assert (texts["handles"], texts["unheld"]) == (2000, 1000)
    assert (corners["handles"], corners["unheld"]) == (2000, 0)
    assert 1000 * (16 + 112) <= texts["value_bytes"] <= 1000 * (16 + 112) + 20_000
    assert corners["value_bytes"] == 2000 * 16
    assert texts["map_bytes"] > 2000 * 32 and corners["map_bytes"] > 2000 * 32
    assert "string: 2,000 values, 1,000 of them without a handle any more" in screen, screen


@releases_from(24)
@both_flavours
def test_weak_pointers(some, flavour):
    with running("kept", "fixed", some, flavour) as target:
        target.command("weak 1000")
        lines = goshawk_json("heap", target.pid)["weak_pointers"]
        screen = " ".join(goshawk("heap", target.pid).out.decode().split())
    # What nothing else leads to is of unknown type.
    parcels = {line["type"]: line for line in lines if line["objects"] >= 500}
    for name, unheld in (("main.parcel", 0), (None, 500)):
        assert (parcels[name]["objects"], parcels[name]["bytes"], parcels[name]["unheld"]) == (500, 500 * 1024, unheld), lines
    assert "500 × main.parcel" in screen and "nothing else leads to any: the next collection frees them" in screen, screen


@some_releases
def test_a_snapshot_says_the_same(some, tmp_path):
    file = tmp_path / "picture"
    commands = ["pool 50", "desk 10", "timers 20"] + ["unique 100"] * (minor(some) >= 23) + ["weak 100"] * (minor(some) >= 24)
    with running("kept", "fixed", some) as target:
        for command in commands:
            target.command(command)
        live = goshawk_json("heap", target.pid)
        assert goshawk("snapshot", target.pid, "--with-heap", "-o", file).code == FINE
    saved = goshawk_json("heap", file)
    for kind in ("pools", "unique_handles", "weak_pointers"):
        assert saved[kind] == live[kind], kind
    assert len(saved["pools"]) >= 2 and len(saved["pending_timers"]) == len(live["pending_timers"]) >= 1
    for one, other in zip(saved["pending_timers"], live["pending_timers"]):
        assert {**one, "longest_ns": None} == {**other, "longest_ns": None}
