"""Every byte of RSS in one line of `goshawk heap`: against the kernel's count, and the runtime's of itself. Each part is made large
by a program that makes just that one large. The oldest, a middle and the newest release, unless all are asked for
(GOSHAWK_TEST_BALANCE=all): where things lie is bound by other tests for all."""

import os

import pytest

from conftest import RELEASES
from cores import gcore
from goshawk_command import FINE, goshawk, goshawk_json
from running_program import running
from stopped_program import stop_at_rest

MB = 1 << 20
SOME = RELEASES if os.environ.get("GOSHAWK_TEST_BALANCE") == "all" else sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]})
PART_OF_SUM = 0.01  # what the kernel's own quick count may be off, and what changes between two looks

some_releases = pytest.mark.parametrize("some", SOME)


def balance(target):
    report = goshawk_json("heap", target)
    lines = {line["name"]: line["bytes"] for line in report["balance"]}
    assert len(lines) == len(report["balance"]), "a line is there twice"
    assert sum(lines.values()) == report["memory"]["total_bytes"]
    return report, lines


def rss(target):
    """By another count of the kernel's than the one that goshawk adds up."""
    with open(f"/proc/{target.pid}/smaps_rollup") as file:
        (line,) = [line for line in file if line.startswith("Rss:")]
    return int(line.split()[1]) * 1024


def lines_that_sum(target):
    """The balance of a program that stands still, and what it is compared with."""
    stop_at_rest(target)
    report, lines = balance(target.pid)
    for kernel in (rss(target), int(target.status("VmRSS").split()[0]) * 1024):
        assert abs(report["memory"]["total_bytes"] - kernel) <= PART_OF_SUM * kernel, (report["memory"], kernel)
    assert lines["not_told_apart"] == 0
    return lines


def grown(before, after):
    """Which line has grown most, and by how much."""
    return max((after[name] - before[name], name) for name in after)


# Command: the line that it makes large, by how many bytes.
PARTS = {
    "pointers 64": ("heap_live_with_pointers", 64 * MB),
    "bytes 64": ("heap_live_without_pointers", 64 * MB),
    "garbage 64": ("heap_garbage", 64 * MB),
    "map 64": ("mapped_files", 64 * MB),
    "anonymous 64": ("other_anonymous", 64 * MB),
    "goroutines 10000": ("stacks_in_use", 10000 * 8192),  # too deep for stacks of 2 and 4 KB
}


@some_releases
@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("command", PARTS)
def test_each_part_grows_alone(some, flavour, command):
    with running("memory", "fixed", some, flavour) as target:
        _, before = balance(target.pid)
        target.command(command)
        after = lines_that_sum(target)
    wanted, size = PARTS[command]
    growth, line = grown(before, after)
    assert line == wanted and 0.95 * size <= growth <= 1.15 * size, (line, growth, before, after)


C_PARTS = {
    "small 64": ("c_heap", 64 * MB, 1.1),  # malloc's own headers: 16 bytes in 1 KB
    "large 64": ("other_anonymous", 64 * MB, 1.05),
    "threads 16": ("thread_stacks", 16 * MB, 1.1),
}


@some_releases
@pytest.mark.parametrize("command", C_PARTS)
def test_parts_of_c(some, command):
    """With one arena: by which of its threads Go calls C, and so from which arena malloc takes, is chance."""
    with running("c_memory", "fixed", some, environment={"MALLOC_ARENA_MAX": "1"}) as target:
        _, before = balance(target.pid)
        target.command(command)
        after = lines_that_sum(target)
    wanted, size, most = C_PARTS[command]
    growth, line = grown(before, after)
    assert line == wanted and 0.99 * size <= growth <= most * size, (line, growth, before, after)


@some_releases
def test_what_was_freed(some):
    """Free pages that the scavenger has not given back yet, which it does as it has time: some of them are gone by then."""
    with running("memory", "fixed", some) as target:
        target.command("bytes 64")
        target.command("release 0")
        after = lines_that_sum(target)
    assert 24 * MB <= after["heap_free_pages"] <= 70 * MB, after
    with running("memory", "fixed", some) as target:
        target.command("scatter 64")
        after = lines_that_sum(target)
    assert 55 * MB <= after["heap_free_slots"] <= 66 * MB, after


@some_releases
def test_what_ended_goroutines_leave(some):
    with running("memory", "fixed", some) as target:
        target.command("goroutines 10000")
        _, during = balance(target.pid)
        target.command("end 0")
        after = lines_that_sum(target)
    for lines in (during, after):
        assert 10000 * 384 <= lines["goroutine_descriptors"] <= 10100 * 512, lines
    # Those that have grown are given up at their goroutine's end, and wait in the stack cache.
    assert after["stacks_in_use"] < during["stacks_in_use"] / 10, (during, after)
    idle = after["stacks_idle"] + after["heap_free_pages"]
    assert idle > 0.9 * (during["stacks_in_use"] - after["stacks_in_use"]), (during, after)


@some_releases
@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_the_runtimes_own_tables(some, flavour):
    """300,000 records of finalizers, 48 bytes each at least, in its chunks."""
    with running("memory", "fixed", some, flavour) as target:
        _, before = balance(target.pid)
        target.command("finalizers 300000")
        stats = target.command("stats")["did"]
        after = lines_that_sum(target)
    growth = after["runtime_tables"] - before["runtime_tables"]
    assert 300_000 * 48 <= growth <= 300_000 * 48 * 1.5, (before, after)
    # All that it has: what it has taken, of which not all is touched; little of it is left in the rest.
    taken = sum(stats[name] for name in ("MSpanSys", "MCacheSys", "BuckHashSys", "GCSys", "OtherSys"))
    assert 0.5 * taken <= after["runtime_tables"] <= taken * 1.3, (after, stats)
    assert after["other_anonymous"] <= 3 * MB, after


@some_releases
def test_against_the_runtimes_own_count(some):
    """At rest, after its collections. It counts what it has allocated, Goshawk what is resident: the same but for pages never touched."""
    with running("memory", "fixed", some, "stripped") as target:
        for command in ("untouched 50", "pointers 40", "bytes 30", "goroutines 2000", "scatter 20"):
            target.command(command)
        target.command("gc")
        stats = target.command("stats")["did"]
        stop_at_rest(target)
        report, lines = balance(target.pid)
    live = report["memory"]["live_bytes"]
    assert abs(live - stats["HeapAlloc"]) <= 0.01 * stats["HeapAlloc"], (live, stats)
    objects = sum(line["count"] for line in report["balance"] if line["name"].startswith("heap_live") or line["name"] == "goroutine_descriptors")
    tiny = 0.02  # several values in one slot of 16 bytes are several to the runtime
    assert abs(objects - stats["HeapObjects"]) <= tiny * stats["HeapObjects"], (objects, stats)
    heap = sum(bytes for name, bytes in lines.items() if name.startswith("heap_") and name != "heap_free_pages")
    heap += lines["goroutine_descriptors"]
    untouched = 50 * MB
    assert abs(heap + untouched - stats["HeapInuse"]) <= 0.02 * stats["HeapInuse"], (lines, stats)
    stacks = lines["stacks_in_use"] + lines["stacks_idle"]
    assert 0.8 * stats["StackInuse"] <= stacks <= 1.02 * stats["StackInuse"], (lines, stats)  # not all of them touched
    idle = stats["HeapIdle"] - stats["HeapReleased"]
    assert lines["heap_free_pages"] <= idle + MB, (lines, stats)


@some_releases
def test_process_and_snapshot_say_the_same(some, tmp_path):
    with running("memory", "fixed", some, "stripped") as target:
        for command in ("pointers 20", "untouched 20", "garbage 10"):
            target.command(command)
        stop_at_rest(target)
        balance(target.pid)  # to read a page that was never touched costs the kernel an entry in its tables
        of_process, _ = balance(target.pid)
        assert goshawk("snapshot", target.pid, "-o", tmp_path / "picture").code == FINE
        of_snapshot, _ = balance(tmp_path / "picture")
        core = gcore(target, tmp_path)
        of_core, in_core = balance(core)
    core.unlink()
    for name in ("memory", "balance"):
        assert of_snapshot[name] == of_process[name]
    # A core has the objects, and no count by the kernel.
    assert of_core["memory"]["counted_by"] == "core" and of_core["memory"]["kernel_rss_bytes"] is None
    assert of_core["memory"]["live_bytes"] == of_process["memory"]["live_bytes"]
    in_process = {line["name"]: line["bytes"] for line in of_process["balance"]}
    assert 20 * MB <= in_core["heap_live_with_pointers"] <= in_process["heap_live_with_pointers"], in_core


def test_what_was_never_touched_is_told_beside(newest):
    with running("memory", "fixed", newest) as target:
        target.command("pointers 64")
        before, few = goshawk_json("heap", target.pid)["memory"], goshawk("heap", target.pid)
        target.command("untouched 120")
        after, many = goshawk_json("heap", target.pid)["memory"], goshawk("heap", target.pid)
    assert before["absent_live_bytes"] < before["live_bytes"] / 100, before
    assert b"never touched" not in few.out, few.out
    assert 115 * MB <= after["absent_live_bytes"] - before["absent_live_bytes"] <= 121 * MB, (before, after)
    told = " ".join(many.out.decode().split())
    assert " MB of live objects that are not in memory (never touched, or swapped out)" in told.split("Not in it:")[1], told


def test_the_screen(newest):
    with running("memory", "fixed", newest) as target:
        target.command("pointers 64")
        done = goshawk("heap", target.pid)
    lines = done.out.decode().splitlines()
    assert done.code == FINE and max(len(line) for line in lines if not line.startswith("in process")) <= 100
    assert "MB in memory (RSS)" in lines[0], lines
    assert "live objects with pointers" in lines[3], lines  # the largest comes first
    assert any("Not in it:" in line and "page tables" in line for line in lines), lines
