"""Heaps in disorder: into which a program has written what the runtime never would, and in the middle of collections. They are told as
far as they can be, never a crash, and what is sound beside them is told as ever."""

import pytest

from conftest import RELEASES
from goshawk_command import FINE, goshawk, goshawk_json
from running_program import running
from test_heap_balance import some_releases

KINDS = ("maps", "slices", "channels", "interfaces", "closures", "headers")
QUESTIONS = (("--dominators", "--all"), ("--object", "main.entry"), ("--goroutine", "1"))


def live_objects(report):
    return sum(row["objects"] for row in report["types"] + report["unknown_types"])


@pytest.mark.parametrize("some, flavour", [(RELEASES[0], "dwarf"), (RELEASES[len(RELEASES) // 2], "stripped"),
                                              (RELEASES[-1], "dwarf"), (RELEASES[-1], "stripped")])
def test_what_unsafe_code_has_written_is_survived(some, flavour, tmp_path):
    with running("corrupted", "fixed", some, flavour) as target:
        sound = live_objects(goshawk_json("heap", target.pid, "--types", "--all"))
        for kind in KINDS:
            target.command(kind)
            report = goshawk_json("heap", target.pid, "--types", "--all")
            assert live_objects(report) > 0.7 * sound, kind
            if flavour == "dwarf":
                (count,) = [row["objects"] for row in report["types"] if row["type"] == "main.entry"]
                assert count == 1000, kind
        for question in QUESTIONS:
            assert goshawk("heap", target.pid, *question).code == FINE, question
        assert goshawk("leaks", target.pid).code == FINE
        assert goshawk("snapshot", target.pid, "--with-heap", "-o", tmp_path / "picture").code == FINE
        assert goshawk("heap", tmp_path / "picture").code == FINE


@some_releases
def test_in_the_middle_of_collections(some):
    with running("load", "fixed", some, environment={"GOGC": "1"}) as target:
        for way in ("twin", "copy") * 2:
            report = goshawk_json("heap", target.pid, "--way", way, "--types", "--all")
            memory = report["memory"]
            assert sum(line["bytes"] for line in report["balance"]) == memory["total_bytes"]
            typed, untyped = (sum(row["bytes"] for row in report[name]) for name in ("types", "unknown_types"))
            assert 0 < memory["live_bytes"] == typed + untyped, memory
        assert target.command("ping")
