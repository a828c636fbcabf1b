"""Goroutine dumps of real programs of every release: what goshawk reads in the text is what is in it, by another reader
(runtime_dump.py), goroutine by goroutine and frame by frame; and what it says of the process that wrote it."""

import gzip
import random

import corpus
import pytest
from conftest import RELEASES
from go_programs import LEAKY
from goshawk_command import FINDINGS, FINE, USAGE, goroutines, goshawk, goshawk_json, leaks
from judgement import differences_of_lists
from runtime_dump import parse_dump
from running_program import running

PREFIXES = {
    "journal": lambda n: f"Nov 29 18:30:{n % 60:02} web1 shop[4711]: ",
    "cri": lambda n: f"2026-11-29T18:30:{n % 60:02}.{n}Z stderr F ",
    "pod": lambda n: "[pod/shop-7d9f8b-x2x4z/shop] ",
}


def differences_in_file(path, text):
    """Of the list that goshawk makes of the file: every goroutine of the text, and no other."""
    listed = [{**g, "system": False} for g in goroutines(path, "--system")["goroutines"]]
    theirs = parse_dump(text)
    differences = differences_of_lists(listed, theirs)
    if [g["goid"] for g in listed] != sorted(theirs):
        differences.append("other goroutines than those of the text")
    return differences


def with_prefix(text, prefix):
    return "".join(prefix(n) + line + "\n" for n, line in enumerate(text.splitlines()))


def test_dumps_of_a_program(release, tmp_path):
    """Hundreds of goroutines in dozens of ways to wait: by runtime.Stack, and by SIGQUIT with all that the runtime has."""
    with running(corpus.together(release, LEAKY), LEAKY, release, "stripped", environment={"GOTRACEBACK": "system"}) as target:
        live = {g["goid"]: g for g in goroutines(target.pid)["goroutines"]}
        stacks = target.command("dump")["dump"]
        last_words = target.die_with_dump()
    path = tmp_path / "stacks.txt"
    path.write_text(stacks)
    assert differences_in_file(path, stacks) == []
    told = {g["goid"]: g for g in goroutines(path)["goroutines"]}
    for goid in live.keys() - target.never_at_rest():
        for fact in ("wait_reason", "status", "creator_goid"):
            assert told[goid][fact] == live[goid][fact], (goid, fact)
    path.write_text("2026/11/29 18:30:53 started\n" + last_words + "exit status 2\n")
    assert differences_in_file(path, last_words) == []
    assert leaks(path)["doubts"] == []
    for name, prefix in PREFIXES.items():
        path.write_text("".join(f"{prefix(n)}GET /{n}\n" for n in range(100)) + with_prefix(stacks, prefix))
        assert differences_in_file(path, stacks) == [], name


@pytest.fixture(scope="module")
def dump():
    """What the runtime says of one process with a few hundred goroutines."""
    with running(corpus.together(RELEASES[-1], LEAKY), LEAKY, RELEASES[-1], "stripped") as target:
        return target.command("dump")["dump"]


def blocks_of(text):
    return [block for block in text.split("\n\n") if block.startswith("goroutine ")]


def test_cut_anywhere_it_loses_one(dump, tmp_path):
    """What stands before the cut is there; the goroutine that is cut is counted, or so long that what is left looks whole."""
    chance = random.Random(7)
    path = tmp_path / "cut.txt"
    for cut in chance.sample(range(2000, len(dump)), 40):
        path.write_text(dump[:cut])
        report = goroutines(path)
        whole = parse_dump("\n\n".join(blocks_of(dump[:cut])[:-1]))
        listed = [g for g in report["goroutines"] if g["goid"] in whole]
        assert differences_of_lists(listed, whole) == [], cut
        assert len(report["goroutines"]) - len(whole) in (0, 1), cut
        checked = leaks(path)["checked"]
        damaged = checked["unknown_reasons"].get("cut or garbled in the dump", 0)
        assert damaged + len(report["goroutines"]) in (len(whole), len(whole) + 1), cut


def test_lines_of_others_cost_no_more_than_where_they_break_a_line(dump, tmp_path):
    """Whole lines of a log between those of a dump cost nothing; one in the middle of a line costs that goroutine, and is counted."""
    chance = random.Random(8)
    everyone = parse_dump(dump)
    path = tmp_path / "interleaved.txt"
    lines = dump.splitlines(keepends=True)
    for place in sorted(chance.sample(range(1, len(lines)), 60), reverse=True):
        lines.insert(place, f"2026/11/29 18:30:53 GET /orders/{place} 200 (12 ms)\n")
    path.write_text("".join(lines))
    assert differences_in_file(path, dump) == []
    assert leaks(path)["doubts"] == []

    blocks = blocks_of(dump)
    broken = sorted(chance.sample(range(1, len(blocks) - 1), 25))
    for number in broken:
        first, *rest = blocks[number].split("\n")
        assert rest[0].endswith(")"), rest
        middle = rest[0].rindex("(") + 1
        rest[0] = rest[0][:middle] + "2026/11/29 18:30:53 GET /\n" + rest[0][middle:]
        blocks[number] = "\n".join([first, *rest])
    path.write_text("\n\n".join(blocks) + "\n")
    lost = {int(blocks[number].split()[1]) for number in broken}
    listed = goroutines(path)["goroutines"]
    assert differences_of_lists(listed, {goid: g for goid, g in everyone.items() if goid not in lost}) == []
    assert leaks(path)["checked"]["unknown_reasons"]["cut or garbled in the dump"] == len(broken)


def test_several_dumps_tell_what_grows(newest, tmp_path):
    """In one log, the last one is judged, with the growth; in files of their own, they are compared."""
    with running(corpus.together(newest, LEAKY), LEAKY, newest, "stripped") as target:
        dumps = [target.command("dump")["dump"]]
        for _ in range(3):
            target.command("grow")
            dumps.append(target.command("dump")["dump"])
    log = tmp_path / "shop.log"
    log.write_text("".join(f"2026/11/29 18:3{n}:00 GET /\n{text}\n" for n, text in enumerate(dumps)))
    report = leaks(log)
    counts = [len(parse_dump(text)) for text in dumps]
    assert [picture["goroutines"] for picture in report["pictures"]] == counts
    growing = [f for f in report["findings"] if f["growth"] and f["confidence"] == "likely"]
    assert len(growing) > 20
    for finding in growing:
        samples = [sample["count"] for sample in finding["growth"]["samples"]]
        assert samples == sorted(set(samples)) and samples[-1] == finding["count"], finding
    paths = [tmp_path / f"{n}.txt" for n in range(len(dumps))]
    for path, text in zip(paths, dumps):
        path.write_text(text)
    series = goshawk_json("diff", *paths)
    assert [part["goroutines"] for part in series["parts"]] == counts
    assert sum(site["change"] for site in series["sites"]) == counts[-1] - counts[0]
    assert sum(site["confidence"] == "likely" for site in series["sites"]) >= len(growing)


NIL_CHANNEL = """goroutine 1 [running]:
main.main()
\t/src/shop.go:5 +0x1d

goroutine 18 [chan receive (nil chan)]:
main.work()
\t/src/shop.go:12 +0x1d
created by main.main in goroutine 1
\t/src/shop.go:7 +0x1d

"""
HEALTHY = NIL_CHANNEL.replace(" (nil chan)", "")


@pytest.mark.parametrize("log, processes", [
    pytest.param(NIL_CHANNEL + "started\n" + HEALTHY, "the 1st", id="contradiction"),
    pytest.param("SIGQUIT: quit\n\n" + NIL_CHANNEL + "started\n" + HEALTHY, "the 1st", id="signal"),
    pytest.param("".join(f"[pod/db-0/db] {line}\n" for line in NIL_CHANNEL.splitlines())
     + "".join(f"[pod/db-1/db] {line}\n" for line in HEALTHY.splitlines()), "pod/db-0/db", id="pods"),
])
def test_the_last_dump_of_each_process_is_judged(log, processes, tmp_path):
    path = tmp_path / "shop.log"
    path.write_text(log)
    outcome = goshawk("leaks", path, "--fail-on", "proven")
    assert outcome.code == FINDINGS, outcome.out
    text = outcome.out.decode()
    assert "2 dumps of 2 processes" in text and f"in 1 of the 2 processes: 1 in {processes}" in text


def test_what_is_no_dump_is_refused(dump, tmp_path):
    nothing = tmp_path / "nothing.txt"
    nothing.write_text("2026/11/29 18:30:53 goroutine leak in shop [7]\n")
    assert goshawk("leaks", nothing).code == USAGE
    for text, why in (("Full thread dump OpenJDK\n", "a Java thread dump"), ("Traceback (most recent call last):\n", "a Python traceback")):
        nothing.write_text(text)
        assert why in goshawk("leaks", nothing).err
    packed = tmp_path / "shop.log.gz"
    whole = gzip.compress(random.Random(1).randbytes(5000))
    for damaged, why in ((whole[:900], "offset 0x384: gzip data ends"), (whole[:-6] + b"..." + whole[-3:], "damaged gzip data"),
                         (whole, "nor has it a goroutine dump in it")):
        packed.write_bytes(damaged)
        assert why in goshawk("leaks", packed).err, goshawk("leaks", packed).err
    piped = goshawk("-")
    assert piped.code == USAGE and "no goroutine dump" in piped.err
    path = tmp_path / "dump.txt"
    path.write_text(dump)
    outcome = goshawk("leaks", path, "--samples", "3")
    assert outcome.code == USAGE and "--samples is not for goroutine dumps" in outcome.err
    outcome = goshawk("heap", path)
    assert outcome.code == USAGE and "is a goroutine dump" in outcome.err and "goshawk heap PID" in " ".join(outcome.err.split()), outcome.err
    with open(path) as file:
        piped = goshawk("-", stdin=file)
    assert piped.code == FINE and b"in standard input, a goroutine dump" in piped.out
    assert goshawk("leaks", path, "--fail-on", "proven").code == FINDINGS


def test_what_the_runtime_itself_calls_leaked_is_proven(newest, tmp_path):
    """By its goroutineleak profile (debug=2), and by nothing else but definition."""
    with running(corpus.together(newest, LEAKY), LEAKY, newest, "stripped") as target:
        text = target.command("leakprofile")["leakprofile"]
    path = tmp_path / "leaks.txt"
    path.write_text(text)
    report = leaks(path)
    proven = {goid for f in [*report["findings"], *report["parked"]] if f["confidence"] == "proven" for goid in f["goids"]}
    by_definition = {goid for goid, g in parse_dump(text).items() if "nil chan" in g.state or "no cases" in g.state}
    leaked = {goid for goid, g in parse_dump(text).items() if g.leaked}
    assert len(leaked) > 100
    assert proven == leaked | by_definition


def test_profiles_of_goroutines_are_judged_too(newest, tmp_path):
    """What Goshawk writes of a process for pprof, packed and through a pipe; a packed log as well."""
    profile, saved = tmp_path / "goroutines.pb.gz", tmp_path / "leaks.pb.gz"
    with running(corpus.together(newest, LEAKY), LEAKY, newest, "stripped") as target:
        count = len(goroutines(target.pid)["goroutines"])
        told = sum(finding["count"] for finding in leaks(target.pid)["findings"])
        assert goshawk("goroutines", target.pid, "--format", "pprof", "-o", profile).code == FINE
        assert goshawk("leaks", target.pid, "--format", "pprof", "-o", saved).code == FINE
        text = target.command("dump")["dump"]
    assert leaks(profile)["checked"]["goroutines"] == count
    assert leaks(profile)["target"]["kind"] == "profile"
    assert (leaks(saved)["checked"]["likely"], leaks(saved)["checked"]["leaked"]) == (told, 0)  # it may be anybody's
    with open(saved, "rb") as file:
        assert leaks("-", stdin=file)["checked"]["likely"] == told
    log = tmp_path / "shop.log.1.gz"
    log.write_bytes(gzip.compress(b"2026/11/29 18:30:53 begin\n" + text.encode()))
    assert len(goroutines(log)["goroutines"]) == len(parse_dump(text))
    with open(log, "rb") as file:
        assert len(goroutines("-", stdin=file)["goroutines"]) == len(parse_dump(text))
