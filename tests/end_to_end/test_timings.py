"""Where the time of a command went: stages on standard error and in JSON, and a line of progress on a terminal only."""

import json
import os
import pty
import re
import time

import pytest

from goshawk_command import FINE, GOSHAWK, goshawk, goshawk_json
from running_program import running
from test_heap_balance import some_releases

ROW = re.compile(r"(?P<stage>[a-z].*?)\s{2,}(?P<wall>[\d.]+) ms\s+(?P<cpu>[\d.]+) ms(?:\s+(?P<read>[\d.]+ \w+))?(?:  (?P<speed>[\d.]+) GB/s, (?P<share>\d+) % of copying)?$")


def rows(text):
    return {row["stage"]: row for line in text.splitlines() if (row := ROW.match(line))}


@some_releases
@pytest.mark.parametrize("way, of_the_heap", [("twin", "decode the heap"), ("track", "read ahead")])
def test_stages_add_up(some, way, of_the_heap):
    """Those in which the process is read, those in which the picture is judged; together they are no more than the whole."""
    with running("memory", "fixed", some) as target:
        target.command("pointers 64")
        began = time.monotonic()
        outcome = goshawk("leaks", target.pid, "--way", way, "--timings")
        whole_ms = (time.monotonic() - began) * 1e3
    assert outcome.code == FINE
    found = rows(outcome.err)
    assert {"open the process", "find the runtime's facts", "stop the threads", "let it go on", "read stacks", "decode the heap", "read roots",
            "let go", "prove", "show", "together"} <= set(found), outcome.err
    heap = found[of_the_heap]
    assert heap["read"] and float(heap["speed"]) > 0 and 0 < int(heap["share"]) < 300, outcome.err
    stages = sum(float(row["wall"]) for name, row in found.items() if name != "together")
    assert abs(stages - float(found["together"]["wall"])) < 0.1 * len(found)
    assert float(found["together"]["wall"]) < whole_ms
    assert re.search(r"^this machine copies [\d.]+ GB/s of memory$", outcome.err, re.M)
    assert re.search(r"^peak memory: [\d.]+ MB$", outcome.err, re.M)


def test_in_json(newest, tmp_path):
    saved = tmp_path / "a.snapshot"
    with running("memory", "fixed", newest) as target:
        for command in (["leaks", target.pid], ["goroutines", target.pid], ["heap", target.pid], ["heap", target.pid, "--allocations"]):
            assert "timings" not in goshawk_json(*command)
            report = goshawk_json(*command, "--timings")
            assert sum(stage["bytes_read"] for stage in report["timings"]) == report["picture"]["bytes_read"] > 0, command
            assert all(stage["wall_ns"] >= 0 and stage["times"] >= 1 for stage in report["timings"])
        several = goshawk_json("leaks", target.pid, "--samples", "2", "--every", "10ms", "--timings")
        assert {stage["stage"]: stage["times"] for stage in several["timings"]}["read stacks"] == 2
        outcome = goshawk("snapshot", target.pid, "-o", saved, "--timings")
        assert outcome.code == FINE and "save" in rows(outcome.err)
        report = goshawk_json("diff", saved, target.pid, "--timings")
        assert {"open the file", "open the process", "compare"} <= {stage["stage"] for stage in report["timings"]}


def test_also_of_what_fails():
    outcome = goshawk("leaks", 2**31 - 1, "--timings")
    assert outcome.code != FINE and "open the process" in rows(outcome.err)


def on_a_terminal(*arguments):
    """What comes to a terminal while the result goes elsewhere."""
    pid, terminal = pty.fork()
    if pid == 0:
        null = os.open("/dev/null", os.O_WRONLY)
        os.dup2(null, 1)
        os.execv(GOSHAWK, [GOSHAWK, *map(str, arguments)])
    seen = b""
    try:
        while part := os.read(terminal, 4096):
            seen += part
    except OSError:  # it has ended
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode()


def test_a_line_of_progress(newest):
    """From a second on, with what is being done; wiped in the end. Not a byte of it where there is no terminal."""
    with running("memory", "fixed", newest) as target:
        target.command("pointers 1024")
        code, seen = on_a_terminal("heap", target.pid, "--types")
        assert code == FINE
        assert re.search(rf"reading process {target.pid}: [a-z ,']+", seen), seen
        assert seen.endswith("\r\x1b[K"), seen[-200:]
        outcome = goshawk("heap", target.pid, "--types")
        assert outcome.err == ""
