"""`goshawk heap --allocations` against the memory profile that the program writes of itself: sample by sample."""

import re
import subprocess

import pytest

import emulated
import go_programs
from conftest import FLAVOURS, LEFT_OUT, RELEASES
from cores import gcore
from goshawk_command import FINE, UNREADABLE, USAGE, goshawk, goshawk_json
from profile_file import Profile
from running_program import running

TYPES = [("alloc_objects", "count"), ("alloc_space", "bytes"), ("inuse_objects", "count"), ("inuse_space", "bytes")]
DEFAULT_RATE = 512 * 1024


def compare(ours, theirs, rate, files=True):
    told, expected = Profile(ours, files), Profile(theirs, files)
    assert told.sample_types == expected.sample_types == TYPES
    assert told.period_type == expected.period_type == ("space", "bytes")
    assert told.period == expected.period == rate
    only_ours, only_theirs = told.counted() - expected.counted(), expected.counted() - told.counted()
    assert not only_ours and not only_theirs, f"only ours: {list(only_ours)[:3]}\nonly theirs: {list(only_theirs)[:3]}"
    return told


def write_profile(target, path, *options):
    outcome = goshawk("heap", target, "--allocations", "--format", "pprof", "-o", path, *options)
    assert outcome.code == FINE, outcome.err


@pytest.mark.parametrize("rate", [1, DEFAULT_RATE])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_profile_is_the_programs_own(release, flavour, rate, tmp_path):
    ours, theirs = tmp_path / "ours.pb.gz", tmp_path / "theirs.pb.gz"
    with running("allocations", "leaky", release, flavour, environment={"RATE": str(rate)}) as target:
        assert target.command("collect")["did"] == rate
        target.command(f"heapprofile {theirs}")
        write_profile(target.pid, ours)
    told = compare(ours, theirs, rate)
    assert len(told.counted()) > (100 if rate == 1 else 10)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_core_and_snapshot_agree(newest, flavour, tmp_path):
    ours, theirs, picture = tmp_path / "ours.pb.gz", tmp_path / "theirs.pb.gz", tmp_path / "picture"
    with running("allocations", "leaky", newest, flavour) as target:
        target.command("collect")
        target.command(f"heapprofile {theirs}")
        assert goshawk("snapshot", target.pid, "-o", picture).code == FINE
        core = gcore(target, tmp_path)
    for source in (core, picture):
        write_profile(source, ours)
        compare(ours, theirs, DEFAULT_RATE)
    core.unlink()


def test_before_the_first_collection_everything_counts(release, tmp_path):
    ours = tmp_path / "ours.pb.gz"
    with running("allocations", "leaky", release, environment={"GOGC": "off", "RATE": "1"}) as target:
        write_profile(target.pid, ours)
        told = Profile(ours)
    nodes = [s for s in told.counted() if s[0][0][1][0][0] == "main.chain"]
    assert sum(sample[2][2] for sample in nodes) == 4000


def test_what_the_screen_says(newest):
    with running("allocations", "leaky", newest, "stripped", environment={"RATE": "1"}) as target:
        target.command("collect")
        text = goshawk("heap", target.pid, "--allocations").out.decode()
        everything = goshawk("heap", target.pid, "--allocations", "--all").out.decode()
        report = goshawk_json("heap", target.pid, "--allocations")
    assert max(len(line) for line in text.splitlines() if not line.startswith("in process")) <= 100
    assert " main.leaf " in text and re.search(r"called by +main\.inner ", text) and "counts every allocation" in text
    assert len(everything) > len(text) and "--all" not in everything
    assert " 0 bytes " not in text.split("allocated by")[1] and " 0 bytes " in everything, text
    assert re.search(r"\d+ (lines of code )?of which all was freed: --all shows", " ".join(text.split())), text
    allocations, own = report["allocations"], 0
    assert allocations["rate_bytes"] == 1
    for record in allocations["records"]:
        assert record["in_use_objects"] == record["samples"] - record["samples_freed"]
        if record["size_bytes"] > 1000 and record["stack"][0]["function"] == "main.chain":
            own += record["in_use_objects"]
    assert own == 4000
    assert allocations["in_use_bytes"] == sum(record["in_use_bytes"] for record in allocations["records"])


def test_nothing_stands_still(newest):
    with running("allocations", "leaky", newest) as target:
        report = goshawk_json("heap", target.pid, "--allocations")
        assert report["picture"]["pause_ns"] == 0


def test_a_program_whose_rate_is_0(release):
    if release.startswith("1.19."):
        return LEFT_OUT.append(("GODEBUG=memprofilerate=0", release, "it does not obey that"))
    with running("allocations", "leaky", release, environment={"GODEBUG": "memprofilerate=0"}) as target:
        outcome = goshawk("heap", target.pid, "--allocations")
    assert outcome.code == UNREADABLE
    assert "keeps no allocation records: its runtime.MemProfileRate is 0" in outcome.err.replace("\n", " ")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_program_without_a_use_for_them(newest, flavour, tmp_path):
    program = subprocess.Popen([go_programs.build(newest, flavour, "unattended")], stdout=subprocess.PIPE)
    try:
        assert program.stdout.readline() == b"ready\n"
        outcome = goshawk("heap", program.pid, "--allocations")
        assert goshawk("snapshot", program.pid, "-o", tmp_path / "picture").code == FINE
    finally:
        program.kill()
        program.communicate()
    for outcome in (outcome, goshawk("heap", tmp_path / "picture", "--allocations")):
        assert outcome.code == UNREADABLE
        assert "nothing in it refers to runtime.MemProfile" in " ".join(outcome.err.split())


def test_usage(newest):
    outcome = goshawk("heap", "1", "--allocations", "--format", "folded")
    assert outcome.code == USAGE and "--allocations" in outcome.err
    outcome = goshawk("heap", "1", "--allocations", "--types")
    assert outcome.code == USAGE and "--types does not go with --allocations" in outcome.err


@pytest.mark.parametrize("flavour", ["arm64", "arm64-stripped"])
@pytest.mark.parametrize("built_by", sorted({RELEASES[0], RELEASES[-1]}))
def test_core_of_arm64(built_by, flavour, tmp_path):
    ours, theirs = tmp_path / "ours.pb.gz", tmp_path / "theirs.pb.gz"
    with emulated.started("allocations", "leaky", built_by, flavour, tmp_path) as (target, executable):
        target.command("collect")
        target.command(f"heapprofile {theirs}")
        core = emulated.let_crash(target, tmp_path)
        write_profile(core, ours, "--exe", executable)
        core.unlink()
    compare(ours, theirs, DEFAULT_RATE)


@pytest.mark.parametrize("flavour", ["pie", "external-pie-stripped", "unoptimised-stripped", "race-stripped", "no-sections", "garble"])
def test_other_builds(newest, flavour, tmp_path):
    ours, theirs = tmp_path / "ours.pb.gz", tmp_path / "theirs.pb.gz"
    with running("allocations", "leaky", newest, flavour, environment={"RATE": "1"}) as target:
        target.command("collect")
        target.command(f"heapprofile {theirs}")
        write_profile(target.pid, ours)
    # A function's code is in several files there, of which Go's own profile names the first one for all of it.
    compare(ours, theirs, 1, files=flavour != "garble")
