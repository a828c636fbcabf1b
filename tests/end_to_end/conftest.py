"""The matrix, made by parametrisation: what a program or release does not have is not collected, so nothing is skipped.

A test that takes `case` runs for every program and mode, release by release; flavours is narrowed by GOSHAWK_TEST_FLAVOURS,
releases by GOSHAWK_TEST_RELEASES (both lists with commas, for a quick look; the suite runs all). With GOSHAWK_TEST_WHOLE=1
(script/test-all) every combination is tried; else, where there are many, some on each release, others on the next (by_turns).
"""

import itertools
import os
import shutil
from dataclasses import dataclass

import pytest

import go_programs
import resumed
from goshawk_command import GOSHAWK


@dataclass(frozen=True)
class Case:
    program: go_programs.Program
    mode: str
    release: str
    flavour: str

    def __str__(self):
        return f"{self.release}-{self.flavour}-{self.program.name}-{self.mode}"


# Another program at every look, so that it can fail to be read (test_disturbances); idle unless told which way to take
# (test_between_safe_points); stuck without a proof (test_suspicions); nothing unless a C program loads it (test_flavours).
OWN_TEST = (
    "executes_itself", "in_transit", "in_a_library", "many_behind_a_map", "timer_never_set_again", "results_in_a_registry",
    "set_again_later", "subscribers_of_a_hub", "memory", "c_memory", "holders", "growing", "allocations",
    "children_of_mains_contexts", "children_of_mains_sessions",
)
SHARING = "corpus"  # programs of this folder share a process and have more to say (test_corpus)


def chosen(variable, everything):
    wanted = os.environ.get(variable)
    return [one for one in everything if wanted is None or one in wanted.split(",")]


RELEASES = chosen("GOSHAWK_TEST_RELEASES", go_programs.releases())
FLAVOURS = chosen("GOSHAWK_TEST_FLAVOURS", ["dwarf", "stripped"])
WHOLE = os.environ.get("GOSHAWK_TEST_WHOLE") == "1"


def by_turns(*dimensions, at_once=1, first=0):
    """Combinations of a release and one of each dimension: for the first release the first `at_once` (from `first` on), for the
    next one those that follow, round and round; for the newest all."""
    others = list(itertools.product(*dimensions))
    if WHOLE:
        return list(itertools.product(RELEASES, *dimensions))
    return [
        (release, *others[(first + turn * at_once + k) % len(others)])
        for turn, release in enumerate(RELEASES)
        for k in range(len(others) if release == RELEASES[-1] else at_once)
    ]


# What a file of tests knows that it does not try: (what, release, why). Printed at the end, with what was tried elsewhere.
LEFT_OUT = []

# Lines to be printed at the end: which share of the corpus of leaks is told, who was missed at one look (test_corpus).
REMARKS = []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if outcome.get_result().failed:
        item.keeps_its_files = True


@pytest.fixture(autouse=True)
def files_of_its_own(request):
    """Cores take a gigabyte each: what a test that passed has written goes with it."""
    yield
    folder = request.node.funcargs.get("tmp_path")
    if folder is not None and not getattr(request.node, "keeps_its_files", False):
        shutil.rmtree(folder, ignore_errors=True)


def pytest_configure(config):
    if resumed.WANTED:
        config.pluginmanager.register(resumed.Resumed(config, LEFT_OUT))


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):  # a worker of pytest-xdist: its parent prints
        session.config.workeroutput["left_out"] = LEFT_OUT
        session.config.workeroutput["remarks"] = REMARKS


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    LEFT_OUT.extend(tuple(one) for one in getattr(node, "workeroutput", {}).get("left_out", []))
    REMARKS.extend(getattr(node, "workeroutput", {}).get("remarks", []))


def pytest_terminal_summary(terminalreporter):
    """One line for each thing and reason, with all its releases."""
    lines = {}
    for what, release, why in LEFT_OUT:
        releases = lines.setdefault((why, what), [])
        if release not in releases:
            releases.append(release)
    for (why, what), releases in sorted(lines.items()):
        terminalreporter.write_line(f"left out: {what} of {' '.join(releases)}: {why}")
    for line in sorted(REMARKS):
        terminalreporter.write_line(line)


def all_cases():
    """A program in a mode has each flavour on every other release."""
    return [
        Case(program, mode, release, flavour)
        for turn, release in enumerate(RELEASES)
        for which, flavour in enumerate(FLAVOURS)
        for number, program in enumerate(go_programs.programs())
        if program.exists_in(release) and program.name not in OWN_TEST and program.folder != SHARING
        for of_mode, mode in enumerate(program.modes)
        if WHOLE or (turn + number + of_mode + which) % len(FLAVOURS) == 0
    ]


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", all_cases(), ids=str)
    by_itself = any("release" in marker.args[0] for marker in metafunc.definition.iter_markers("parametrize"))
    if "release" in metafunc.fixturenames and not by_itself:
        metafunc.parametrize("release", RELEASES)
    if "newest" in metafunc.fixturenames:
        metafunc.parametrize("newest", RELEASES[-1:])


def pytest_sessionstart(session):
    if not os.access(GOSHAWK, os.X_OK):
        pytest.exit(f"{GOSHAWK} is not there: build it first (script/build), or set GOSHAWK", returncode=1)
