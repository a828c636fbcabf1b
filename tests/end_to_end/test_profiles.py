"""Profiles of every kind, written by real programs and those that google/pprof tests itself with: what goshawk adds up is what
`go tool pprof` adds up, by function and by line."""

import functools
import json
import os
import re
import subprocess
from collections import Counter

import pytest

import flavours
import go_programs
from goshawk_command import FINE, UNREADABLE, USAGE, goshawk, goshawk_json

GOOGLE_PPROF = "github.com/google/pprof@v0.0.0-20250403155104-27863c87afa6"
RELEASES = [go_programs.releases()[i] for i in (0, 4, -1)]
UNITS = {"bytes": "B", "nanoseconds": "ns", "count": "count"}
ROW = re.compile(r"^ *(-?\d+)\S* +\S+ +\S+ +(-?\d+)\S* +\S+  (.*)$", re.M)
INLINED = re.compile(r" \((?:partial-)?inline\)$")


@functools.cache
def go_tool():
    return go_programs.goroot(go_programs.releases()[-1]) / "bin" / "go"


def go(*arguments):
    done = subprocess.run([go_tool(), *map(str, arguments)], capture_output=True, text=True, cwd="/",
                          env=go_programs.go_environment("profiles", flavours.flavour("dwarf")))
    assert done.returncode == 0, done.stderr
    return done.stdout


def pprof_top(file, column, *options):
    return go("tool", "pprof", "-top", "-nodecount=0", "-nodefraction=0", f"-unit={UNITS[column['unit']]}",
              f"-sample_index={column['type']}", *options, file)


def pprof_total(file, column):
    return int(re.search(r"% of (-?\d+)\S* total$", pprof_top(file, column), re.M)[1])


def pprof_sums(file, column, *options):
    """({place: own}, {place: total}) of one sample type."""
    sums = Counter(), Counter()
    for own, total, name in ROW.findall(pprof_top(file, column, *options)):
        sums[0][INLINED.sub("", name)] += int(own)
        sums[1][INLINED.sub("", name)] += int(total)
    return sums


def our_sums(report, by):
    sums = Counter(), Counter()
    for row in report[by]:
        name = row["function"] or "<unknown>"
        if by == "lines" and row["function"]:
            name += f" {row['file']}:{row['line']}" if row["line"] else f" {row['file']}"
        sums[0][name] += row["own"]
        sums[1][name] += row["total"]
    return sums


def without_zeros(counter):
    return {name: value for name, value in counter.items() if value}


def compare(file, by, options):
    """Of what memory profiles have, each; of others, what is shown."""
    first = goshawk_json(file)
    is_of_memory = first["profile"]["kind"] in ("heap", "allocs")
    for column in first["profile"]["sample_types"]:
        if column["type"] != first["profile"]["amount_is"] and not is_of_memory:
            continue
        report = goshawk_json("heap", file, "--sample-type", column["type"]) if is_of_memory else first
        for ours, theirs in zip(our_sums(report, by), pprof_sums(file, column, *options)):
            assert without_zeros(ours) == without_zeros(theirs), (file, column)


@pytest.fixture(scope="module", params=RELEASES)
def written(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("profiles")
    subprocess.run([go_programs.build(request.param, "dwarf", "profiles"), folder], check=True)
    return folder


def test_sums_are_those_of_pprof(written):
    files = sorted(written.glob("*.pb.gz"))
    assert len(files) >= 7
    for file in files:
        compare(file, "functions", [])
        compare(file, "lines", ["-lines"])


def test_texts_are_read_as_pprof_reads_them(written):
    files = sorted(written.glob("*.txt"))
    assert len(files) >= 6
    for file in files:
        if file.name == "threadcreate.txt":
            continue
        report = goshawk_json(file)
        column = report["profile"]["sample_types"][-1]
        assert report["profile"]["amount"] == pprof_total(file, column), file
        assert report["profile"]["samples"] > 0


def shortened(sums):
    """By the names that texts have."""
    short = Counter()
    for name, value in sums.items():
        short[re.sub(r"\[.*\]", "[...]", name)] += value
    return without_zeros(short)


def test_texts_say_what_messages_say(written):
    message, text = (our_sums(goshawk_json(written / f"heap.{ending}"), "functions") for ending in ("pb.gz", "txt"))
    assert shortened(text[0]) == shortened(message[0])
    stacks = [
        {json.dumps([place["function"] for place in stack["stack"] if not place["function"].startswith("runtime.")]): stack["count"]
         for stack in goshawk_json(written / f"goroutine.{ending}")["stacks"]}
        for ending in ("pb.gz", "txt")
    ]
    assert {k: v for k, v in stacks[0].items() if "main.leak" in k} == {k: v for k, v in stacks[1].items() if "main.leak" in k}
    labels = [stack["labels"] for stack in goshawk_json(written / "goroutine.txt")["stacks"] if stack["labels"]]
    assert labels and labels[0]["tenant"] == 'blue "sky"'


def test_leaked_ones_are_told(newest, tmp_path):
    subprocess.run([go_programs.build(newest, "dwarf", "profiles"), tmp_path], check=True)
    for name in ("goroutineleak.pb.gz", "goroutineleak.txt"):
        assert sum(finding["count"] for finding in goshawk_json("leaks", tmp_path / name)["findings"]) == 20
        report = goshawk_json("goroutines", tmp_path / name)
        assert report["profile"]["kind"] == "goroutineleak"
        assert sum(stack["count"] for stack in report["stacks"]) == 20
        assert b"20 leaked goroutines" in goshawk(tmp_path / name).out
    renamed = tmp_path / "core"
    renamed.write_bytes((tmp_path / "heap.pb.gz").read_bytes())
    assert goshawk_json("heap", renamed)["profile"]["kind"] == "heap"
    with open(renamed) as file:
        assert json.loads(goshawk("-", "--format", "json", stdin=file).out)["profile"]["kind"] == "heap"
    refused = goshawk("leaks", renamed)
    assert refused.code == USAGE and "says nothing of goroutines" in refused.err
    for command, why in (("goroutines", "says nothing of goroutines"), ("snapshot", "is a pprof profile")):
        refused = goshawk(command, renamed, "-o", tmp_path / "out")
        assert refused.code == USAGE and why in refused.err
    cut = tmp_path / "cut"
    cut.write_bytes(renamed.read_bytes()[:-20])
    outcome = goshawk(cut)
    assert outcome.code == UNREADABLE and "ends in the middle" in outcome.err


def test_profiles_of_pprofs_own_tests():
    folder = json.loads(go("mod", "download", "-json", GOOGLE_PPROF))["Dir"]
    files = [f"{folder}/profile/testdata/{name}" for name in ("cppbench.contention", "cppbench.cpu", "cppbench.growth", "cppbench.heap",
                                                           "cppbench.thread", "go.crc32.cpu", "go.godoc.thread", "gobench.cpu", "gobench.heap")]
    files += [f"{folder}/internal/driver/testdata/{name}" for name in ("cppbench.contention", "cppbench.small.contention")]
    for file in files:
        outcome = goshawk(file, "--format", "json")
        assert outcome.code == FINE, (file, outcome.err)
        report = json.loads(outcome.out)
        column = report["profile"]["sample_types"][-1]
        assert report["profile"]["amount"] == pprof_total(file, column), file


def test_growth(newest, tmp_path):
    subprocess.run([go_programs.build(newest, "dwarf", "profiles"), tmp_path, "4"], check=True)
    heaps = sorted(tmp_path.glob("heap-*"))
    report = goshawk_json("diff", *heaps, "--limit", "1TB")
    site = report["sites"][0]
    assert (site["function"], site["confidence"], site["grew_in_intervals"]) == ("main.remember", "likely", 3)
    assert 15 << 20 < site["change"] < 36 << 20  # three times 8 MB, as sampled
    assert site["per_second"] == pytest.approx(site["change"] / report["seconds"], rel=0.5)
    assert [s for s in report["sites"] if s["change"] < 0][0]["callers"][0]["function"] == "main.growing"
    assert report["seconds_to_limit"] > 0
    assert [s["confidence"] for s in goshawk_json("diff", heaps[0], heaps[3])["sites"] if s["function"] == "main.remember"] == ["suspected"]

    goroutines = sorted(tmp_path.glob("goroutine-*"))
    (site,) = goshawk_json("diff", *reversed(goroutines))["sites"]  # by their times
    assert (site["function"], site["began_in"], site["amounts"], site["confidence"]) == ("main.forget", "main.forget", [10, 20, 30, 40], "likely")
    text = goshawk("diff", *goroutines).out.decode()
    assert re.search(r"\+30 +\+[\d,]+ +40  likely +main\.forget", text), text

    for wrong, why in (([heaps[0], goroutines[0]], "of one kind"), ([heaps[0], os.getpid()], "is no profile"),
                       ([*goroutines, "--limit", "1GB"], "--limit is for"), ([*heaps, "--exe", "x"], "--exe is not for profiles")):
        refused = goshawk("diff", *wrong)
        assert refused.code == USAGE and why in refused.err, refused.err
