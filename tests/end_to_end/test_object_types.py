"""Types of the heap's objects, against a program that counts what it makes."""

import pytest

from cores import gcore
from goshawk_command import FINE, goshawk, goshawk_json
from running_program import running
from stopped_program import stop_at_rest

# Only a pointer to their first field is kept: that this is all there is cannot be told, for both fill the same slot.
NEVER_TOLD = {"main.large", "main.small"}
# By what says it: headers of large objects (since 1.22), global variables (with debug information). Of derived, too, only
# pointers to its first field are kept; no other struct that begins with it fills its slot.
BY_HEADERS = {"main.node", "main.record", "main.secret", "main.wide", "main.derived"}
BY_VARIABLES = {"main.link", "main.tree", "main.pair[string,int]", "main.derived"}
# Maps in global variables, by their entries' headers: the type of a variable is not known without debug information. One is
# of a type with a name of its own, which its entries do not tell.
BY_ENTRIES = {"map[string]*main.point", "map[int64]main.wide", "map[int]map[int]*main.node", "map[string]*main.node"}


def types_of(target):
    report = goshawk_json("heap", target, "--types", "--all")
    rows = {row["type"]: row for row in report["types"]}
    assert len(rows) == len(report["types"])
    total = sum(row["bytes"] for row in report["types"] + report["unknown_types"])
    return rows, total, report


def minor(release):
    return int(release.split(".")[1])


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_types_are_those_that_the_program_made(release, flavour):
    with running("objects", "leaky", release, flavour) as target:
        made = target.command("types")["did"]
        rows, total, report = types_of(target.pid)
        found = {name: row["objects"] for name, row in rows.items() if name.startswith("main.")}
        assert set(found) <= set(made), "a type that the program has no object of"
        assert all(count <= made[name] for name, count in found.items()), (found, made)
        assert not NEVER_TOLD & set(found), found
        told = {"main.boxed"}
        if flavour == "dwarf":
            told |= BY_VARIABLES
        if minor(release) >= 22:
            told |= BY_HEADERS
        assert {name: found.get(name) for name in told} == {name: made[name] for name in told}
        if minor(release) >= 22:  # one of them may be held by a stack only
            assert found["main.point"] >= made["main.point"] - 1
            if flavour == "stripped":
                assert {name: rows.get(name, {}).get("objects") for name in BY_ENTRIES} == dict.fromkeys(BY_ENTRIES, 1)
        live = report["memory"]["live_bytes"]
        assert abs(total - live) <= live / 1000, (total, live)


# Told by debug information alone: variables on stacks, in closures (since 1.23, but for receivers), behind static data; and
# what debug information does not tell, which may be known or not, but never as something else.
BY_FRAMES = {"main.byParameter", "main.byLocal", "main.bySlice", "main.inStruct", "main.inMap", "main.moved", "main.late"}
BY_CLOSURES = {"main.byValue", "main.byVariable"}
BY_RECEIVERS = {"main.ofMethod"}
BY_STATIC_DATA = {"main.inConfig", "main.inLimits", "main.inRow", "main.listed"}


def told_by_frames(release, flavour):
    with running("held_by_frames", "fixed", release, flavour) as target:
        made = target.command("types")["did"]
        rows, total, report = types_of(target.pid)
    bare = {name.removeprefix("[]"): row["objects"] for name, row in rows.items()}
    found = {name: count for name, count in bare.items() if name.startswith("main.")}
    assert set(found) <= set(made), "a type that the program has no object of"
    assert all(count <= made[name] for name, count in found.items()), (found, made)
    return made, found, rows


@pytest.mark.parametrize("flavour", ["unoptimised", "external-pie", "race"])
def test_frames_of_other_builds_tell_the_same(newest, flavour):
    made, found, rows = told_by_frames(newest, flavour)
    # Without optimisation a parameter is not alive when the function waits.
    told = BY_FRAMES | BY_CLOSURES | BY_RECEIVERS | BY_STATIC_DATA
    told -= {"main.byParameter"} if flavour == "unoptimised" else set()
    assert {name: found.get(name) for name in told} == {name: made[name] for name in told}


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_what_only_debug_information_tells(release, flavour):
    made, found, rows = told_by_frames(release, flavour)
    if flavour == "dwarf":
        told = BY_FRAMES | BY_RECEIVERS | BY_STATIC_DATA | (BY_CLOSURES if minor(release) >= 23 else set())
        assert {name: found.get(name) for name in told} == {name: made[name] for name in told}
        assert rows["list.Element"]["objects"] == made["main.Element"]


@pytest.mark.parametrize("name, path", [
    ("main.inConfig", "main.settings.current"), ("main.inLimits", "main.settings.limits.values"), ("main.inRow", "main.rows[...].cell")])
def test_static_data_without_a_name_is_told_by_the_variable(newest, name, path):
    with running("held_by_frames", "fixed", newest, "dwarf") as target:
        told = goshawk("heap", target.pid, "--object", name).out.decode()
        assert f" {path}\n" in told, told


def test_process_core_and_snapshot_agree(newest, tmp_path):
    with running("objects", "leaky", newest, "stripped") as target:
        target.command("types")
        stop_at_rest(target)
        core, picture = gcore(target, tmp_path), tmp_path / "picture"
        assert goshawk("snapshot", target.pid, "-o", picture).code == FINE
        refused = goshawk("heap", picture, "--types")
        assert refused.code == 3 and "goshawk snapshot --with-heap" in refused.err
        assert goshawk("snapshot", target.pid, "-o", picture, "--with-heap").code == FINE
        said = types_of(target.pid)
        assert types_of(core)[0] == types_of(picture)[0] == said[0]
        assert types_of(picture)[2]["unknown_types"] == said[2]["unknown_types"]
    core.unlink()


def test_the_table_says_what_it_does_not_know(newest):
    with running("objects", "leaky", newest, "stripped") as target:
        target.command("types")
        text = goshawk("heap", target.pid, "--types").out.decode()
        assert " main.point" in text and "unknown, " in text and " % the type is not known" in text, text
        assert text.startswith("Types of"), "what was asked for comes first"
        assert max(len(line) for line in text.splitlines() if not line.startswith("in process")) <= 100
        few = goshawk("heap", target.pid).out.decode()
        table = few[few.index("\nTypes of") :]
        assert "--types shows more" in few and table.count("\n") < text.count("\n"), few
