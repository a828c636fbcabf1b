"""Heap dumps as a target: what debug.WriteHeapDump wrote of every release is told as the runtime has it."""

import pytest

import go_programs
from conftest import RELEASES
from goshawk_command import FINE, USAGE, goshawk, goshawk_json
from heap_dump import HeapDump
from running_program import RunningProgram

NEWEST = RELEASES[-1]
DEAD = 6


def write_dump(release, path):
    RunningProgram(go_programs.build(release, "stripped", "heap_dump"), path, "one arena").end()


def test_a_heap_dump_is_told_as_the_runtime_wrote_it(release, tmp_path):
    path = tmp_path / "dump"
    write_dump(release, path)
    heap = goshawk_json("heap", path)
    assert (heap["target"]["kind"], heap["target"]["pid"], heap["picture"]["way"]) == ("heap-dump", 0, "heap-dump")
    assert heap["target"]["go"].startswith(f"go{release}")
    goroutines = goshawk_json("goroutines", path, "--all")["goroutines"]
    functions = {frame["function"] for one in goroutines for frame in one["stack"]}
    assert {"main.receives", "main.sends", "main.selects", "main.locks"} <= functions
    screen = goshawk("heap", path).out.decode()
    assert "of objects in the heap dump" in screen and "a global at 0x" in screen
    if release != NEWEST:
        return
    dump = HeapDump(path.read_bytes())  # read by another program
    assert heap["memory"]["total_bytes"] == sum(dump.sizes.values())
    assert {one["goid"] for one in goroutines} <= {one.goid for one in dump.goroutines}
    assert len(goroutines) >= 100


def test_nothing_is_proven_by_it(tmp_path):
    path = tmp_path / "dump"
    write_dump(NEWEST, path)
    outcome = goshawk(path)
    assert outcome.code == FINE
    assert "a heap dump does not tell what it waits for" in outcome.out.decode()
    assert goshawk_json("leaks", path)["findings"] == []
    assert goshawk("doctor", path).code == USAGE


@pytest.mark.parametrize("length", [16, 5_000, 1_000_000])
def test_one_that_is_cut_is_refused(length, tmp_path):
    whole, cut = tmp_path / "dump", tmp_path / "cut"
    write_dump(NEWEST, whole)
    cut.write_bytes(whole.read_bytes()[:length])
    outcome = goshawk("heap", cut)
    assert outcome.code == 3 and "is malformed at offset" in outcome.err and "it is cut off" in outcome.err
