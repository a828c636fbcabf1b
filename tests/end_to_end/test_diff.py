"""What grew between two pictures, in a program that says by how much, and what two pictures cannot tell of each other."""

import random
import shutil

import pytest

from conftest import RELEASES
from cores import gcore
from goshawk_command import FINE, UNREADABLE, USAGE, goshawk, goshawk_json
from running_program import running
from stopped_program import stop_at_rest
from test_heap_balance import some_releases

VISITS, ORDERS, CACHED, LEAKED, WORKERS = 5000, 2000, 3000, 40, 10


def save(target, path, *options):
    outcome = goshawk("snapshot", target.pid, "-o", path, *options)
    assert outcome.code == FINE, outcome.err
    return path


def before(target):
    target.command("visits 1000")
    target.command(f"cache {CACHED}")


def after(target):
    for command in (f"visits {VISITS}", f"orders {ORDERS}", "drop 0", f"abandon {LEAKED}", f"workers {WORKERS}"):
        target.command(command)


def compare(*arguments):
    return goshawk_json("diff", *arguments, "--all")


def of_type(report, name):
    rows = [row for row in report["types"] if row["type"] == name]
    assert len(rows) <= 1, rows
    return (rows[0]["objects_before"], rows[0]["objects_after"]) if rows else None


def of_goroutines(report, function):
    (row,) = [row for row in report["goroutines"] if row["at"]["function"] == function]
    return row


def check_heap(report):
    assert of_type(report, "main.visit") == (1000, 1000 + VISITS), report["types"][:5]
    assert of_type(report, "main.order") == (0, ORDERS)
    assert of_type(report, "main.cached") == (CACHED, 0)
    growth = [row["bytes_after"] - row["bytes_before"] for row in report["types"]]
    assert growth == sorted(growth, reverse=True)
    held = {row["steps"][-1]: row for row in report["holders"] if "main.store" in row["steps"]}
    visits = held["main.visit"]
    assert (visits["count_before"], visits["count_after"]) == (1000, 1000 + VISITS), visits
    assert visits["bytes_after"] - visits["bytes_before"] == VISITS * (1024 + 24), "each with what hangs on it"
    assert held["main.cached"]["count_after"] == 0 and held["main.cached"]["bytes_after"] == 0


def check_goroutines(report):
    abandoned = of_goroutines(report, "main.abandon")
    assert (abandoned["count_before"], abandoned["count_after"]) == (0, LEAKED)
    assert abandoned["found_after"]["proven"] == LEAKED and abandoned["wait_reason"] == "chan send"
    assert abandoned["created_by"]["function"] == "main.start", abandoned
    workers = of_goroutines(report, "main.work")
    assert (workers["count_before"], workers["count_after"]) == (0, WORKERS) and workers["found_after"]["proven"] == 0
    assert report["after"]["goroutines"] - report["before"]["goroutines"] == LEAKED + WORKERS


@some_releases
@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_what_grew_and_what_was_freed(some, flavour, tmp_path):
    with running("growing", "fixed", some, flavour, environment={"RATE": "1"}) as target:
        before(target)
        first = save(target, tmp_path / "first", "--with-heap")
        after(target)
        second = save(target, tmp_path / "second", "--with-heap")
        reports = [compare(first, second), compare(first, target.pid)]
        screen = goshawk("diff", first, target.pid)
        core = gcore(target, tmp_path)
        reports += [compare(first, core), compare(core, target.pid)]
        core.unlink()
    for report in reports[:3]:
        assert report["schema"] == 1 and report["relation"] == "same process" and report["not_compared"] == []
        check_heap(report)
        check_goroutines(report)
    assert reports[0]["elapsed_ns"] > 0 and reports[2]["elapsed_ns"] is None
    same = reports[3]
    assert of_type(same, "main.visit") is None and same["threshold"]["bytes"] == 0
    assert not [row for row in same["holders"] if row["steps"][-1] == "main.visit"]
    check_allocations(reports[0])
    check_screen(screen, flavour)


def check_allocations(report):
    (site,) = [row for row in report["allocations"]
               if row["stack"][0]["function"] == "main.newVisit" and row["objects_after"] > 2 * VISITS]
    # A collection that begins there may allocate a goroutine or two of its own.
    assert 2 * VISITS <= site["objects_after"] - site["objects_before"] <= 2 * VISITS + 8, site
    (freed,) = [row for row in report["allocations"] if row["bytes_before"] > CACHED * 500]
    assert freed["stack"][0]["function"] == "main.addCached" and freed["objects_after"] == 0
    assert freed["allocated_bytes_after"] == freed["allocated_bytes_before"]


def check_screen(screen, flavour):
    text = screen.out.decode()
    assert screen.code == FINE and screen.err == ""
    lines = text.splitlines()
    assert lines[0].startswith("In ") and "live heap " in lines[0] and "RSS " in text
    assert max(len(line) for line in lines if not line.startswith("from ")) <= 100, text
    assert len(lines) <= 60, "more than one screen"
    assert f"+{VISITS:,}  main.visit" in text and f"-{CACHED:,}  type [500]uint8" in text, text
    words = " ".join(text.split())
    assert f"+{VISITS:,} × main.visit" in words and f"-{CACHED:,} × main.cached" in words, text
    if flavour == "dwarf":
        assert "main.kept" in text
    assert "chan send: all proven leaked" in text and "started by main.start" in text
    assert "main.newVisit" in text


def test_nothing_grew(newest, tmp_path):
    with running("growing", "fixed", newest) as target:
        before(target)
        stop_at_rest(target)
        first = save(target, tmp_path / "first", "--with-heap")
        second = save(target, tmp_path / "second", "--with-heap")
        of_process = compare(first, target.pid)
    for report in (compare(first, second), of_process):
        for name in ("types", "unknown_types", "holders", "goroutines", "allocations"):
            assert report[name] == [], (name, report[name])
    text = goshawk("diff", first, second).out.decode()
    assert "\nNothing grew by 16 KB or more\n" in text and "\nNothing shrank by 16 KB or more\n" in text, text
    assert "live heap" in text and "(no change)" in text


def test_the_wrong_order_is_said(newest, tmp_path):
    with running("growing", "fixed", newest) as target:
        before(target)
        first = save(target, tmp_path / "first", "--with-heap")
        after(target)
        second = save(target, tmp_path / "second", "--with-heap")
    report = compare(second, first)
    assert report["elapsed_ns"] < 0 and of_type(report, "main.visit") == (1000 + VISITS, 1000)
    text = goshawk("diff", second, first).out.decode()
    assert "The second one is not later" in text and "main.cached" in text, text
    assert "Both are of the same instant" in goshawk("diff", first, first).out.decode()


def test_without_the_heap_the_rest_is_told(newest, tmp_path):
    with running("growing", "fixed", newest, environment={"RATE": "1"}) as target:
        before(target)
        first = save(target, tmp_path / "first")
        after(target)
        report = compare(first, target.pid)
        screen = " ".join(goshawk("diff", first, target.pid).out.decode().split())
    assert report["types"] is report["unknown_types"] is report["holders"] is None
    (remark,) = report["not_compared"]
    assert f"{first}: saved without them" in remark and "goshawk snapshot --with-heap" in remark
    remark = screen.index(f"Types and holders are not compared: {first}: saved without them")
    assert screen.index("grew, goroutines") < screen.index("in use grew, by who allocated it") < remark, screen
    assert report["after"]["live_bytes"] - report["before"]["live_bytes"] > VISITS * 1000 - CACHED * 600
    check_goroutines(report)
    check_allocations(report)


def test_without_allocation_records(newest, tmp_path):
    with running("growing", "fixed", newest, environment={"GODEBUG": "memprofilerate=0"}) as target:
        first = save(target, tmp_path / "first", "--with-heap")
        target.command(f"visits {VISITS}")
        report = compare(first, target.pid)
    assert report["allocations"] is None and of_type(report, "main.visit") == (0, VISITS)
    (remark,) = report["not_compared"]
    assert remark.startswith("allocations are not compared: both: ") and "MemProfileRate is 0" in remark


@pytest.mark.parametrize("flavour", ["dwarf", "stripped", "pie"])
def test_another_process_of_the_same_build(newest, flavour, tmp_path):
    with running("growing", "fixed", newest, flavour) as one, running("growing", "fixed", newest, flavour) as other:
        before(one)
        first = save(one, tmp_path / "first", "--with-heap")
        before(other)
        after(other)
        report = compare(first, other.pid)
        text = goshawk("diff", first, other.pid).out.decode()
    assert report["relation"] == "same build" and "another process of the same build" in text
    check_heap(report)
    check_goroutines(report)


def test_another_build_is_compared_by_names(tmp_path):
    with running("growing", "fixed", RELEASES[0]) as one, running("growing", "fixed", RELEASES[-1]) as other:
        before(one)
        first = save(one, tmp_path / "first", "--with-heap")
        before(other)
        after(other)
        report = compare(first, other.pid)
        text = goshawk("diff", first, other.pid).out.decode()
    assert report["relation"] == "other build" and "These are two builds" in text
    assert of_type(report, "main.visit") == (1000, 1000 + VISITS) and of_type(report, "main.cached") == (CACHED, 0)
    check_goroutines(report)


def test_what_is_small_is_left_to_all(newest, tmp_path):
    with running("growing", "fixed", newest) as target:
        target.command("visits 20000")
        first = save(target, tmp_path / "first", "--with-heap")
        target.command("orders 50")
        second = save(target, tmp_path / "second", "--with-heap")
    report = goshawk_json("diff", first, second)
    assert report["types"] == [] and report["left_out"]["types"] >= 1 and report["threshold"]["bytes"] > 100_000
    assert of_type(compare(first, second), "main.order") == (0, 50)
    text = goshawk("diff", first, second).out.decode()
    assert "Nothing grew by " in text and "the most is +" in text, text
    assert "main.order" in goshawk("diff", first, second, "--all").out.decode()


def test_cut_off_and_hostile_files(newest, tmp_path):
    with running("growing", "fixed", newest) as target:
        before(target)
        whole = save(target, tmp_path / "whole", "--with-heap")
    content, broken = whole.read_bytes(), tmp_path / "broken"
    chance = random.Random(7)
    for trial in range(30):
        damaged = bytearray(content)
        if trial % 2:
            damaged = damaged[: chance.randrange(1, len(content))]
        else:
            for _ in range(3):
                damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        broken.write_bytes(damaged)
        for pair in ((broken, whole), (whole, broken)):
            outcome = goshawk("diff", *pair, "--format", "json")
            assert outcome.code in (UNREADABLE, USAGE) and outcome.out == b"", (trial, outcome)
            assert "broken" in outcome.err


def test_usage(newest, tmp_path):
    assert goshawk("diff").code == goshawk("diff", "1").code == goshawk("diff", "1", "2", "3").code == USAGE
    assert "B is missing" in goshawk("diff", "1").err
    with running("growing", "fixed", newest) as target:
        first = save(target, tmp_path / "first")
        shutil.copy(first, tmp_path / "second")
        assert "--exe is for cores" in goshawk("diff", first, target.pid, "--exe", "/bin/true").err
        refused = goshawk("diff", first, tmp_path / "second", "--debug-dir", "/")
        assert refused.code == USAGE and "not for snapshots" in refused.err
        assert goshawk("diff", first, target.pid, "--debug-dir", "/").code == FINE
        missing = goshawk("diff", target.pid, tmp_path / "nothing")
    assert missing.code == USAGE and "neither a command, a process id nor a file" in missing.err
