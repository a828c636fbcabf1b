"""Programs whose runtime no release has: another layout than any table knows, or a version from the future.

With debug information every one is read right. Stripped, those of REFUSED are refused with the fact that failed its check, all
others are read right, by the program's own type descriptors; none is ever read wrong. script/test tries a few on the oldest, a
middle and the newest release; GOSHAWK_TEST_CHANGES=all tries every change on every release (script/test-all)."""

import json
import os
import re

import pytest

import changed_runtimes
from conftest import RELEASES
from goshawk_command import FINE, UNREADABLE, goshawk
from judgement import false_proofs
from running_program import RunningProgram
from telling_programs import judge, judge_all, telling_programs, without_type_names

EVERYTHING = os.environ.get("GOSHAWK_TEST_CHANGES") == "all"

# What is in tables only, and the fact whose check finds that it has moved.
CENTRAL = r"runtime\.mheap\.central where"
REFUSED = {
    "mheap-head": CENTRAL,
    "mheap-middle": CENTRAL,
    "mheap-late": CENTRAL,
    "heapArena-head": r"runtime\.heapArena\.spans as",
    "special-head": r"runtime\.specialfinalizer",
}
# The same, but only where the program has what would be read wrong: else it is read right.
REFUSED_WHERE_MET = {
    "mheap-swapped": r"runtime\.mheap\.sweepgen as",
    "specialfinalizer-head": r"runtime\.specialfinalizer\.fn",
}
# What contradicts itself is left unread: who waits for it is undecided, and said to be. By the program, and the first minor
# release: before, the semaphores' table is found by its shape, which is the same a word further on, and is read right.
UNDECIDED = {"semaRoot-head": ("mutex_never_released", 22)}


def undecided_program(flavour, change, release):
    program, since = UNDECIDED.get(change, (None, 0))
    return program if flavour == "stripped" and int(release.split(".")[1]) >= since else None


# All at once, of what the program itself describes.
INSERTED = "+".join(["g-head", "g-middle", "sudog-head", "sudog-middle", "hchan-head", "hchan-middle", "mspan-head", "mspan-middle",
                     "m-head", "m-middle", "p-head", "timer-head"])
SWAPPED = "+".join(["g-swapped", "g-wider", "sudog-swapped", "hchan-swapped", "mspan-swapped", "m-swapped"])
FEW = {RELEASES[0]: [INSERTED, "mheap-middle"], RELEASES[len(RELEASES) // 2]: [INSERTED],
       RELEASES[-1]: [INSERTED, SWAPPED, "mheap-middle"]}


def cases():
    """(release, change): what a release cannot have is not collected."""
    every = {release: [*changed_runtimes.CHANGES, INSERTED, SWAPPED] for release in RELEASES}
    for release, changes in (every if EVERYTHING else FEW).items():
        for change in changes:
            if possible := changed_runtimes.possible_in(release, change):
                name = {INSERTED: "inserted", SWAPPED: "swapped"}.get(change, change)
                yield pytest.param(release, possible, id=f"{release}-{name}")


FUTURE = ["go1.28.0", "go1.99", "devel go1.28-0a1b2c3d4e Mon Nov 2 10:00:00 2026 +0000", "devel +0a1b2c3d4e Mon Nov 2 10:00:00 2026"]


def refusals_of(executable, release):
    """[(what was said of it, or None when it was read)] for each program; what is read is read right."""
    said = []
    for program in telling_programs(release):
        for mode in program.modes:
            target = RunningProgram(executable, program.name, mode)
            try:
                outcome = goshawk("leaks", target.pid)
                if outcome.code == FINE:
                    assert_none(judge(target)[0])
                else:
                    assert outcome.code == UNREADABLE, (program, outcome)
                said.append(outcome.err if outcome.code == UNREADABLE else None)
                assert target.command("ping")
            finally:
                target.end()
    return said


def assert_none(differences):
    assert not differences, "\n" + "\n".join(differences[:20])


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("built_by, change", cases())
def test_changed(built_by, change, flavour):
    executable = changed_runtimes.build(built_by, change, flavour)
    if flavour == "stripped" and change in {**REFUSED, **REFUSED_WHERE_MET}:
        said = refusals_of(executable, built_by)
        reason = {**REFUSED, **REFUSED_WHERE_MET}[change]
        assert all(re.search(reason, text) for text in said if text is not None), said
        assert any(said) if change in REFUSED_WHERE_MET else all(said), said
        return
    differences, remarks = judge_all(executable, built_by)
    if undecided := undecided_program(flavour, change, built_by):
        assert [line for line in differences if "what it waits on could not be read" in line], differences
        assert_none([line for line in differences if "FALSE" in line or not line.startswith(undecided)])
        return
    assert_none(differences)
    if flavour == "stripped" and "sudog" in change:
        assert any("is not that of go" in remark and "runtime.sudog" in remark for remark in remarks), remarks


@pytest.mark.parametrize("built_by, change", cases())
def test_changed_without_descriptors(built_by, change, tmp_path):
    """The table alone is wrong for all of these: what it leads to may be little, or a refusal, but never a false proof."""
    executable = without_type_names(changed_runtimes.build(built_by, change, "stripped"), tmp_path / "patterns")
    for program in telling_programs(built_by):
        for mode in program.modes:
            target = RunningProgram(executable, program.name, mode)
            try:
                outcome = goshawk("leaks", target.pid, "--all", "--format", "json")
                assert outcome.code in (FINE, UNREADABLE), outcome
                if outcome.code == FINE:
                    assert_none(false_proofs(json.loads(outcome.out), target))
            finally:
                target.end()


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("version", FUTURE if EVERYTHING else FUTURE[:1] + FUTURE[-2:-1], ids=lambda text: "-".join(text.split()[:2]))
def test_future(newest, version, flavour):
    """The newest release under a name that nobody has heard of."""
    executable = changed_runtimes.build(newest, "", flavour, version)
    differences, remarks = judge_all(executable, newest)
    assert_none(differences)
    assert [r for r in remarks if r.startswith(f"{version} is newer than what this goshawk knows: it was read by ")], remarks


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_changed_future(newest, flavour):
    executable = changed_runtimes.build(newest, INSERTED, flavour, "go1.28.0")
    differences, remarks = judge_all(executable, newest)
    assert_none(differences)
    assert any(remark.startswith("go1.28.0 is newer") for remark in remarks), remarks
