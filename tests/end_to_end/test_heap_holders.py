"""Who holds the heap, in programs that know it beforehand. An object counts with its whole slot: 1 KB for 1000 bytes."""

import re

import pytest

from goshawk_command import FINE, goshawk, goshawk_json
from running_program import running
from stopped_program import stop_at_rest
from test_heap_balance import some_releases
from test_pprof import pprof_text

KB = 1 << 10
N = 40000


def findings(target):
    report = goshawk_json("heap", target)
    for finding in report["findings"]:
        assert (finding["rule"], finding["confidence"]) == ("heap/retained", "suspected")
        assert finding["cost"]["retained_bytes"] == finding["holder"]["retained_bytes"]
    return report


def near(said, wanted, part=0.1):
    return wanted <= said <= wanted * (1 + part)


@some_releases
@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_a_map_in_a_variable(some, flavour):
    with running("holders", "fixed", some, flavour) as target:
        assert findings(target.pid)["findings"] == [], "a small heap has no suspects"
        target.command(f"sessions {N}")
        target.command("stats")
        (found,) = findings(target.pid)["findings"]
        screen = goshawk("heap", target.pid)
        at_once = goshawk(target.pid)
        only_leaks = goshawk("leaks", target.pid)
    assert only_leaks.code == FINE and b"Who holds much" not in only_leaks.out
    holder, inner = found["holder"], found["accumulation"]
    # Each session, what it points to, and its entry of the map.
    assert near(holder["retained_bytes"], N * (KB + 24 + 8), 0.15), holder
    assert near(holder["retained_objects"], 2 * N), holder
    assert inner["retained_bytes"] > 0.9 * holder["retained_bytes"] and inner["address"], inner
    named = holder["path"][0]
    of_stripped = r"a global at 0x[0-9a-f]+ \(used by main\.\S+( and others)?\)"
    assert named == "main.shop" if flavour == "dwarf" else re.fullmatch(of_stripped, named), named
    if flavour == "dwarf":
        assert inner["path"][0].startswith("main.shop.sessions"), inner
    brief = " ".join(at_once.out.decode().split("Who holds much of the heap")[1].split())
    assert brief.startswith(f"{named} holds ") and f"goshawk heap {target.pid}" in brief, at_once.out
    text = screen.out.decode()
    said = " ".join(text.split())
    assert screen.code == FINE and "of the live heap)" in said and named in said
    assert max(len(line) for line in text.splitlines() if not line.startswith("in process")) <= 100, text


@some_releases
def test_a_type_retains_what_hangs_on_all_of_it(some):
    with running("holders", "fixed", some) as target:
        target.command(f"sessions {N}")
        target.command(f"list {N}")
        types = {row["type"]: row for row in goshawk_json("heap", target.pid)["types"]}
    sessions, links = types["main.session"], types["main.link"]
    assert near(sessions["retained_bytes"], N * (KB + 24)), "each with what it points to"
    assert near(links["retained_bytes"], N * KB), "of a chain each link once"
    assert all(row["retained_bytes"] >= row["bytes"] for row in types.values())


@some_releases
def test_a_list_is_held_at_its_head(some):
    with running("holders", "fixed", some) as target:
        target.command(f"list {N}")
        (found,) = findings(target.pid)["findings"]
        screen = " ".join(goshawk("heap", target.pid).out.decode().split())
    assert f"main.link and {found['accumulation']['count'] - 1:,} more below it" in screen, screen
    assert found["holder"]["path"] == ["main.list"] and near(found["holder"]["retained_bytes"], N * 1024)
    assert near(found["count"], N, 0.01)
    chain = found["accumulation"]
    assert (chain["path"], chain["type"]) == (["main.list"], "main.link") and near(chain["count"], N, 0.01), chain


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_what_a_pointer_to_the_middle_keeps_is_named_by_the_whole(newest, flavour):
    with running("holders", "fixed", newest, flavour) as target:
        target.command(f"inside {N}")
        (found,) = findings(target.pid)["findings"]
    (path,) = found["accumulation"]["path"]
    assert path.endswith(" -> main.cabinet.papers"), found
    assert path.startswith("main.inside ->" if flavour == "dwarf" else "a global at 0x"), found


@some_releases
def test_what_two_variables_hold_is_nobodys_alone(some):
    with running("holders", "fixed", some) as target:
        target.command(f"shared {N}")
        report = findings(target.pid)
        screens = [goshawk("heap", target.pid), goshawk("heap", target.pid, "--dominators"), goshawk(target.pid)]
        folded = goshawk("heap", target.pid, "--format", "folded").out.decode()
    (found,) = report["findings"]
    holder = found["holder"]
    assert holder["shared"] and holder["held_by"] == ["main.one", "main.other"], holder
    assert [one["shared"] for one in report["dominators"] if one["depth"] == 0 and one["path"] == holder["path"]] == [True]
    for screen in screens:
        text = " ".join(screen.out.decode().split())
        assert any(told in text for told in ("which several hold, such as main.one and main.other", "held by main.one and by main.other")), text
        assert "main.one holds" not in text and "main.other holds" not in text, text
    assert "(where several hold it, all of them)" in " ".join(screens[1].out.decode().split())
    assert "\nwhat several hold;main.link " in f"\n{folded}", folded
    sizes = [int(line.rsplit(" ", 1)[1]) for line in folded.splitlines()]
    assert sizes == sorted(sizes, reverse=True), folded
    assert holder["address"] is not None, "the object itself: no variable would free it"
    assert holder["path"][0] in ("main.one", "main.other"), holder
    assert near(holder["retained_bytes"], N * 1024)


@some_releases
@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_what_a_variable_and_a_stack_hold_is_not_the_stacks(some, flavour):
    with running("holders", "fixed", some, flavour) as target:
        target.command(f"lent {N}")
        (found,) = findings(target.pid)["findings"]
        screen = " ".join(goshawk("heap", target.pid).out.decode().split())
    holder = found["holder"]
    assert holder["shared"] and len(holder["held_by"]) == 2, holder
    assert any(path == "main.one" or path.startswith("a global at 0x") for path in holder["held_by"]), holder
    assert any("the stack of goroutine" in path and "main.worker" in path for path in holder["held_by"]), holder
    assert ", which several hold: " in screen and "main.worker holds" not in screen, screen


@some_releases
def test_goroutines_with_one_stack_are_one_holder(some):
    with running("holders", "fixed", some, "stripped") as target:
        target.command(f"workers {N}")
        (found,) = findings(target.pid)["findings"]
        screens = [goshawk(target.pid), goshawk("heap", target.pid)]
    for screen in screens:
        assert "the stacks of 10 goroutines, in main.worker hold " in " ".join(screen.out.decode().split()), screen.out
    assert found["holder"]["path"] == ["the stacks of 10 goroutines, in main.worker"], found
    assert near(found["holder"]["retained_bytes"], N * 1024)


@some_releases
@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_a_sleeper_is_named_by_the_programs_own_function(some, flavour):
    with running("holders", "fixed", some, flavour) as target:
        target.command(f"sleeper {N}")
        while not goshawk_json("goroutines", target.pid, "--all", "--wait-reason", "sleep")["goroutines"]:
            pass
        (found,) = findings(target.pid)["findings"]
        goid = goshawk_json("goroutines", target.pid, "--all", "--function", "main.refresher$")["goroutines"][0]["goid"]
        its_own = " ".join(goshawk("heap", target.pid, "--object", "main.link").out.decode().split())
    named = f"the stack of goroutine {goid}, in main.refresher (asleep in time.Sleep)"
    assert found["holder"]["path"] == [named], found
    assert "1.19" in some or named in its_own, its_own


@some_releases
def test_the_tree(some):
    with running("holders", "fixed", some) as target:
        target.command(f"sessions {N}")
        target.command(f"list {N // 2}")
        target.command("stats")
        report = findings(target.pid)
        tree = goshawk("heap", target.pid, "--dominators").out.decode()
    top = [holder["path"][0] for holder in report["dominators"] if holder["depth"] == 0]
    assert top[:2] == ["main.shop", "main.list"], top
    below = 0
    for holder in report["dominators"]:
        assert holder["depth"] <= below + 1, "a holder is below one that is there"
        below = holder["depth"]
    sizes = [holder["retained_bytes"] for holder in report["dominators"] if holder["depth"] == 0]
    assert sizes == sorted(sizes, reverse=True)
    assert tree.index(" main.shop, in all") < tree.index(" main.list, in all")
    lines = tree.splitlines()
    assert lines[0].startswith("What would be freed if its holder") and " main.shop, in all 80," in lines[3], tree
    (balance,) = [line for line in lines if " in memory (RSS): " in line]
    assert "total" not in tree and lines.index(balance) > 5, "the balance is one line below it"
    (sessions,) = [holder for holder in report["dominators"] if holder["type"] == "main.session"]
    assert near(sessions["count"], N, 0.01) and near(sessions["retained_objects"], 2 * N, 0.01), sessions
    assert sessions["path"] == ["main.shop.sessions[...]"], sessions
    assert near(sessions["shallow_bytes"], N * 24, 0.01), sessions
    (data,) = [holder for holder in report["dominators"] if holder["type"] == "[1000]uint8"]
    assert data["path"] == ["main.shop.sessions[...].data"], "through a map's groups, which have a header since 1.22"


def retention(target, *arguments):
    return goshawk_json("heap", target, *arguments)["retention"]


@some_releases
@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_what_is_asked_for(some, flavour):
    with running("holders", "fixed", some, flavour) as target:
        target.command(f"sessions {N}")
        target.command(f"workers {N}")
        if "1.19" not in some:  # of which too little tells the type
            of_type = retention(target.pid, "--object", "main.link")
            assert near(of_type["objects"], N, 0.01) and near(of_type["retained_bytes"], N * KB, 0.01), of_type
            assert of_type["paths"][0]["path"].startswith("the stacks of 10 goroutines, in main.worker"), of_type
            assert of_type["paths"][0]["objects"] == of_type["objects"], "the lists of ten workers are one way"
            assert [types["type"] for types in of_type["retained_types"]] == ["main.link"], of_type
            everything = retention(target.pid, "--object", "*main.link")
            assert everything["objects"] == of_type["objects"], "a pointer's type is what it points to"
            screen = goshawk("heap", target.pid, "--path", "main.link").out.decode()
            assert "How they are held\n" in screen and "the stacks of 10 goroutines" in screen, screen
            nothing = goshawk("heap", target.pid, "--path", "main.lin")
            assert nothing.code == 3 and "main.link" in nothing.err, nothing.err
            for option in ("--path", "--holds", "--object"):
                mistyped = goshawk("heap", target.pid, option, "main.lnik")
                assert mistyped.code == 3 and "did you mean main.link?" in " ".join(mistyped.err.split()), mistyped.err
        worker = goshawk_json("goroutines", target.pid, "--all", "--function", "main.worker$")["goroutines"][0]
        its_own = retention(target.pid, "--goroutine", worker["goid"])
        assert near(its_own["retained_objects"], N / 10, 0.01), its_own
        idle = goshawk("heap", target.pid, "--goroutine", target.serving_goid)
        outside = goshawk("heap", target.pid, "--object", "0x10")
        two = goshawk("heap", target.pid, "--object", "0x10", "--holds", "main.link")
    assert outside.code == 3 and "no object of Go's heap is at 0x10" in outside.err, outside.err
    assert two.code == 2, two.err


@some_releases
def test_one_object_by_its_address(some, tmp_path):
    with running("holders", "fixed", some) as target:
        target.command(f"shared {N}")
        (found,) = findings(target.pid)["findings"]
        stop_at_rest(target)
        address = found["holder"]["address"]
        one = retention(target.pid, "--object", address)
        assert goshawk("snapshot", target.pid, "--with-heap", "-o", tmp_path / "picture").code == FINE
        of_snapshot = retention(tmp_path / "picture", "--object", address)
    assert one["type"] == "main.link" and one["live"] and one["address"] == address, one
    assert one["retained_bytes"] == found["holder"]["retained_bytes"], "dominators and marking agree"
    assert {"main.one", "main.other"} == {each["type"] for each in one["referrers"]}, one
    assert one["paths"][0]["path"] in ("main.one", "main.other"), one
    for name in ("retained_bytes", "retained_objects", "retained_types", "referents"):
        assert of_snapshot[name] == one[name], name


@some_releases
def test_process_and_snapshot_say_the_same(some, tmp_path):
    with running("holders", "fixed", some) as target:
        for command in (f"sessions {N}", f"list {N // 2}", f"workers {N // 2}"):
            target.command(command)
        stop_at_rest(target)
        of_process = findings(target.pid)
        assert goshawk("snapshot", target.pid, "--with-heap", "-o", tmp_path / "picture").code == FINE
        of_snapshot = findings(tmp_path / "picture")
    assert len(of_process["findings"]) == 3
    for name in ("findings", "dominators"):
        assert of_snapshot[name] == of_process[name]


@some_releases
def test_flame_graphs(some, tmp_path):
    with running("holders", "fixed", some) as target:
        target.command(f"sessions {N}")
        stop_at_rest(target)
        report = goshawk_json("heap", target.pid)
        lines = goshawk("heap", target.pid, "--format", "folded").out.decode().splitlines()
        assert goshawk("heap", target.pid, "--format", "pprof", "-o", tmp_path / "held").code == FINE
        refused = goshawk("heap", target.pid, "--format", "folded", "--object", "main.session")
    assert refused.code == 2, refused.err
    weights = {stack: int(weight) for stack, _, weight in (line.rpartition(" ") for line in lines)}
    live = report["memory"]["live_bytes"]
    assert len(weights) == len(lines) and abs(sum(weights.values()) - live) <= live / 1000
    (sessions,) = [stack for stack in weights if stack.startswith("main.shop;") and stack.endswith(";main.session")]
    assert near(weights[sessions], (N - 2) * 24, 0.01) and near(weights[f"{sessions};[1000]uint8"], (N - 2) * KB, 0.01), weights
    top = pprof_text("-top", "-cum", "-unit", "bytes", tmp_path / "held")
    (shop,) = [line.split() for line in top.splitlines() if line.endswith(" main.shop")]
    assert near(int(shop[3].rstrip("B")), (N - 2) * (KB + 24 + 8), 0.15), shop
