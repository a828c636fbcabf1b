"""What leaks hold of the heap, against what the runtime frees when they end."""

import pytest

from cores import gcore
from goshawk_command import FINE, goshawk, leaks
from running_program import running
from stopped_program import stop_at_rest

# How each group is told in a report: the function that its members are blocked in.
GROUPS = {
    "trees": "main.holdsTrees",
    "tables": "main.holdsTables",
    "senders": "main.holdsMessages",
    "locks": "main.holdsLocks",
    "finalizers": "main.holdsFinalizers",
}
TOLERANCE = 0.02


def retained(report):
    """By group, and what several of them share."""
    found = {finding["blocked_at"]["function"]: finding["cost"]["retained_bytes"] for finding in report["findings"]}
    assert len(found) == len(report["findings"]), "two findings of one group"
    groups = {group: found.pop(function) for group, function in GROUPS.items() if function in found}
    assert not found, found
    return groups, report["shared_retained_bytes"]


def near(said, freed):
    return abs(said - freed) <= TOLERANCE * freed


BUFFERED, SENDERS, IN_A_TREE = 500, 10, 255  # as the program has them


def types_of(report):
    return {
        finding["blocked_at"]["function"]: {kind["type"]: kind["objects"] for kind in finding["cost"]["largest_types"]}
        for finding in report["findings"]
    }


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_the_largest_types_are_told(release, flavour):
    """A channel tells its elements' type, a value that waits to be sent too; what only a stack leads to is of unknown type."""
    trees = BUFFERED + SENDERS * IN_A_TREE
    with running("costs_of_groups", "leaky", release, flavour) as target:
        target.command("heap")
        report = leaks(target.pid)
        held = types_of(report)[GROUPS["senders"]]
        assert held["main.tree"] == trees and held["[512]uint8"] == trees and held["[]*main.tree"] == 1, held
        assert held["chan *main.tree"] == 1, held
        for function, types in types_of(report).items():
            assert "main.tree" not in types or function == GROUPS["senders"], (function, types)
        for finding in report["findings"]:
            parts = finding["cost"]["largest_types"]
            assert sum(part["bytes"] for part in parts) <= finding["cost"]["retained_bytes"]
            named = [part["bytes"] for part in parts if part["type"] is not None]
            assert named == sorted(named, reverse=True) and None not in [part["type"] for part in parts[:-1]], parts
        text = " ".join(goshawk("leaks", target.pid).out.decode().split())
        assert f"largest types in it: {trees:,} [512]uint8 1.5 MB, {trees:,} main.tree 72 KB" in text, text
        senders = next(f for f in report["findings"] if f["blocked_at"]["function"] == GROUPS["senders"])
        story = goshawk("leaks", target.pid, "--goroutine", senders["goids"][0]).out.decode()
        assert "largest types in it:" in " ".join(story.split()), story


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_what_is_said_to_be_held_is_freed(release, flavour):
    with running("costs_of_groups", "leaky", release, flavour) as target:
        heap = at_first = target.command("heap")["did"]
        at_first_said, shared = retained(leaks(target.pid))
        assert set(at_first_said) == set(GROUPS) and shared > 1_000_000, (at_first_said, shared)
        for ended in GROUPS:
            said, still_shared = retained(leaks(target.pid))
            assert target.command(f"end {ended}")["did"], f"{ended} did not end"
            heap, before = target.command("heap")["did"], heap
            assert near(said[ended], before - heap), f"{ended}: {said[ended]} said, {before - heap} freed; of {before}"
            assert ended == "trees" or still_shared == 0, "only trees and tables share anything"
        assert near(sum(at_first_said.values()) + shared, at_first - heap)
        assert retained(leaks(target.pid)) == ({}, 0)


def test_process_core_and_snapshot_agree(release, tmp_path):
    with running("costs_of_groups", "leaky", release, "stripped") as target:
        target.command("heap")
        stop_at_rest(target)
        core, picture = gcore(target, tmp_path), tmp_path / "picture"
        assert goshawk("snapshot", target.pid, "-o", picture).code == FINE
        said = retained(leaks(target.pid))
        types = types_of(leaks(target.pid))
        assert retained(leaks(core)) == retained(leaks(picture)) == said and len(said[0]) == len(GROUPS)
        assert types_of(leaks(core)) == types_of(leaks(picture)) == types
    core.unlink()


def test_the_dearest_comes_first(newest):
    with running("costs_of_groups", "leaky", newest) as target:
        findings = leaks(target.pid)["findings"]
        costs = [f["cost"]["stack_bytes"] + f["cost"]["retained_bytes"] for f in findings]
        assert costs == sorted(costs, reverse=True) and findings[0]["count"] == 20
        text = " ".join(goshawk("leaks", target.pid).out.decode().split())
    assert "MB of heap that nothing else holds" in text
    assert "Beside these costs, 1 MB of heap is held by several groups together" in text
