"""Every way to build and to run a Go program: the truth is told of it, and pid, core and snapshot agree.

Settings of GODEBUG cost no build: all that each release has. A new flavour costs half a standard library, so that the usual run has the telling ones on the newest, the middle and the
oldest release; with GOSHAWK_TEST_ALL_FLAVOURS=1 (script/test-all) all of them on every release. What was left out is
printed at the end, each with its reason (conftest.py).
"""

import os
import subprocess

import pytest

import flavours
import go_programs
from agreement import differences_between_ways, differences_from_truth
from conftest import LEFT_OUT, RELEASES
from goshawk_command import UNREADABLE, goroutines, goshawk, leaks
from judgement import differences_in_counts
from running_program import running

EVERYTHING = os.environ.get("GOSHAWK_TEST_ALL_FLAVOURS") == "1"
SPREAD = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]}, key=go_programs.minor)
OLDEST, MIDDLE, NEWEST = SPREAD[0], SPREAD[len(SPREAD) // 2], SPREAD[-1]

TELLING = ["abandoned_result", "mutex_never_released", "held_by_globals", "held_in_the_heap", "held_by_live_goroutines", "shapes_of_calls"]
SANITIZERS = ("race", "race-stripped", "asan", "msan")
NO_CORE = "gdb writes a core of the shadow memory of a sanitizer until the disk is full"

# Their layouts are in no table and the binary does not describe them, so Goshawk says that it cannot read them.
UNREADABLE_STRIPPED = {
    f"{flavours.EXPERIMENT}{name}": "built-in table" for name in ("staticlockranking", "pagetrace", "noexectracer2", "nospinbitmutex")
}

# flavour: the releases of the usual run
OF_PATTERNS = {
    "external-stripped": SPREAD,
    "external-pie-stripped": SPREAD,
    "external": (),
    "external-pie": (),
    "external-static": (NEWEST,),
    "race": (NEWEST,),
    "race-stripped": (),
    "asan": (),
    "msan": (),
    "trimpath": (),
    "amd64v3": (),
    "unoptimised": (),
    "unoptimised-stripped": (),
    "strip": (NEWEST,),
    "no-build-info": (NEWEST,),
    "no-sections": SPREAD,
}
OF_LIBRARIES = {
    "c-shared": (),
    "c-shared-dwarf": (NEWEST,),
    "c-shared-loaded": SPREAD,
    "c-archive": (NEWEST,),
    "python": SPREAD,
}
OF_CALLBACKS = {"dwarf": (), "external": (), "external-stripped": (NEWEST,), "external-pie-stripped": ()}
OF_PLUGINS = {"dwarf": (), "stripped": SPREAD}

# Obfuscated, and programs that are not but do not name their release either.
OF_OBFUSCATED = {
    "garble": SPREAD,
    "garble-literals": (NEWEST,),
    "garble-pie": (),
    "garble-tiny": (NEWEST,),
    "unnamed": SPREAD,
    "unnamed-noallocheaders": (),
    "unnamed-greenteagc": (),
}
EXPERIMENTS_OF = {"unnamed-noallocheaders": 22, "unnamed-greenteagc": 25}  # minor releases

# The one that moves what proofs rest on, which only the version's own text tells in a stripped program.
USUAL_EXPERIMENTS = ("nogreenteagc",)

MORE = "only with GOSHAWK_TEST_ALL_FLAVOURS=1 (script/test-all)"

# What keeps a setting from being tried, and the value where 1 is what it is anyway or would not do.
UNTRIED_SETTINGS = {
    "allocfreetrace": "it prints the stack of every allocation: the program is never at rest",
    "sbrk": "objects lie outside of the heap, and no collection ever runs",
}
VALUES = {"invalidptr": 0, "cgocheck": 0, "containermaxprocs": 0, "updatemaxprocs": 0, "decoratemappings": 0, "madvdontneed": 0,
          "schedtrace": 1000, "tracebackancestors": 10, "profstackdepth": 8, "traceadvanceperiod": 1000000}


LEFT_OUT += [
    ("cores of the kernel of these flavours", "every release", "gdb's are compared; test_cores.py has the kernel's of four flavours"),
]


def chosen(table, usual_reason):
    picked = []
    for name, usual in table.items():
        for release in RELEASES:
            if EVERYTHING or release in usual:
                picked.append(pytest.param(release, name, id=f"{release}-{name}"))
            else:
                LEFT_OUT.append((name, release, usual_reason))
    return picked


def obfuscated():
    """garble does not build with every release, and an experiment is not in every one."""
    picked = []
    for name, usual in OF_OBFUSCATED.items():
        for release in RELEASES:
            minor = go_programs.minor(release)
            if EXPERIMENTS_OF.get(name, minor) != minor:
                continue
            if flavours.flavour(name).garble is not None and minor not in flavours.GARBLE:
                LEFT_OUT.append((name, release, "no garble for it is to be had from the module proxy"))
            elif EVERYTHING or release in usual:
                picked.append(pytest.param(release, name, id=f"{release}-{name}"))
            else:
                LEFT_OUT.append((name, release, MORE))
    return picked


def experiments():
    """Each alone where everything is tried; else hardly any: each builds half a standard library."""
    table = {}
    for release in RELEASES:
        for name, of_the_process in flavours.experiments(go_programs.goroot(release)).items():
            flavour = f"{flavours.EXPERIMENT}{name}"
            if of_the_process:
                table.setdefault(flavour, []).append(release)
                if flavour in UNREADABLE_STRIPPED:
                    table.setdefault(f"{flavour}{flavours.DESCRIBED}", []).append(release)
            else:
                LEFT_OUT.append((flavour, release, "nothing that is in the process knows of it"))
    picked = []
    for name, there in table.items():
        for release in there:
            if EVERYTHING or (release == NEWEST and name.removeprefix(flavours.EXPERIMENT) in USUAL_EXPERIMENTS):
                picked.append(pytest.param(release, name, id=f"{release}-{name}"))
            else:
                LEFT_OUT.append((name, release, MORE))
    return picked


def settings():
    picked = []
    for release in RELEASES:
        for name in flavours.settings(go_programs.goroot(release)):
            if name in UNTRIED_SETTINGS:
                LEFT_OUT.append((f"GODEBUG {name}", release, UNTRIED_SETTINGS[name]))
            else:
                picked.append(pytest.param(release, f"{name}={VALUES.get(name, 1)}", id=f"{release}-{name}"))
    return picked




def assert_none(differences):
    assert not differences, "\n" + "\n".join(differences[:20])


def built(release, flavour, folder):
    """Whether there is one to be judged; the list of refusals and the toolchain must agree."""
    reason = flavours.REFUSALS.get((flavour, release))
    try:
        go_programs.build(release, flavour, folder)
    except go_programs.Refused as refused:
        assert reason is not None and reason in str(refused), str(refused)
        LEFT_OUT.append((flavour, release, f"the toolchain refuses: {reason}"))
        return False
    assert reason is None, f"{flavour} of {release} can be built, but the list says: {reason}"
    return not is_broken(release, flavour, folder)


def is_broken(release, flavour, folder):
    if (flavour, release) not in flavours.BROKEN:
        return False
    ends = subprocess.run([go_programs.build(release, flavour, folder)], stdin=subprocess.DEVNULL, capture_output=True).returncode
    assert ends == flavours.BROKEN[flavour, release], f"{flavour} of {release} is said to be broken, and ended with {ends}"
    LEFT_OUT.append((flavour, release, f"the program dies by signal {-ends} before its own first line"))
    return True


def judge(release, flavour, names, directory):
    for number, name in enumerate(names):
        for mode in go_programs.program(name).modes:
            with running(name, mode, release, flavour) as target:
                assert_none(differences_from_truth(target))
                if number == 0:
                    assert_none(differences_between_ways(target, directory, core=flavour not in SANITIZERS))


def judge_where_nothing_is_proven(release, flavour):
    """Since 1.25 unoptimised code does not tell where the queue of cleanups is, and no symbol does."""
    with running(TELLING[0], "leaky", release, flavour) as target:
        report = leaks(target.pid)
        assert report["checked"]["leaked"] == 0 and report["checked"]["unknown"] > 0
        assert all("queue of finalizers" in reason for reason in report["checked"]["unknown_reasons"]), report["checked"]
        assert_none(differences_in_counts(report))


@pytest.mark.parametrize("built_by, flavour", chosen(OF_PATTERNS, MORE))
def test_program(built_by, flavour, tmp_path):
    if flavour in SANITIZERS:
        LEFT_OUT.append((f"{flavour}, core", built_by, NO_CORE))
    if not built(built_by, flavour, "patterns"):
        return
    if flavour == "unoptimised-stripped" and go_programs.minor(built_by) >= 25:
        judge_where_nothing_is_proven(built_by, flavour)
    else:
        judge(built_by, flavour, TELLING, tmp_path)


@pytest.mark.parametrize("built_by, flavour", experiments())
def test_experiment(built_by, flavour, tmp_path):
    if not built(built_by, flavour, "patterns"):
        return
    if flavour in UNREADABLE_STRIPPED:
        with running(TELLING[0], "leaky", built_by, flavour) as target:
            outcome = goshawk("leaks", target.pid)
            assert outcome.code == UNREADABLE and UNREADABLE_STRIPPED[flavour] in outcome.err, outcome.err
    else:
        judge(built_by, flavour, TELLING, tmp_path)


def named_by_structure(release, flavour):
    """What moves no field of a structure that the program describes cannot be told, and need not be."""
    told = {"unnamed-greenteagc": " X:greenteagc"}
    return f"go1.{go_programs.minor(release)}{told.get(flavour, '')}"


def remarks_of(report, words):
    return [doubt for doubt in report["doubts"] if words in doubt]


@pytest.mark.parametrize("built_by, flavour", obfuscated())
def test_obfuscated(built_by, flavour, tmp_path):
    """Their release is told by their structures. The dumps that they are compared with have the obfuscated names too."""
    go_programs.build(built_by, flavour)
    with running(TELLING[0], "leaky", built_by, flavour) as target:
        report = leaks(target.pid)
        assert report["target"]["go"] == named_by_structure(built_by, flavour)
        assert len(remarks_of(report, "does not name its Go release")) == 1, report["doubts"]
        assert len(remarks_of(report, "garble reverse")) == (not flavour.startswith("unnamed")), report["doubts"]
        if flavour == "garble-tiny":
            return assert_nothing_is_proven(target, report)
    judge(built_by, flavour, TELLING, tmp_path)


def assert_nothing_is_proven(target, report):
    """-tiny takes the names of the runtime's own functions away, by which the ways of waiting and the queues are told."""
    assert report["checked"]["leaked"] == 0 and not report["findings"]
    assert remarks_of(report, "-tiny"), report["doubts"]
    assert report["checked"]["unknown"] >= len(target.goids("leaked"))
    assert_none(differences_in_counts(report))
    listed = [g["wait_reason"] for g in goroutines(target.pid)["goroutines"] if g["status"] == "waiting"]
    assert listed.count("chan send") == len(target.goids("leaked")), listed


@pytest.mark.parametrize("built_by, flavour", chosen(OF_LIBRARIES, MORE))
def test_library(built_by, flavour, tmp_path):
    if built(built_by, flavour, "c_library"):
        judge(built_by, flavour, ["in_a_library"], tmp_path)


@pytest.mark.parametrize("built_by, flavour", chosen(OF_CALLBACKS, MORE))
def test_callbacks(built_by, flavour, tmp_path):
    if built(built_by, flavour, "c_callbacks"):
        judge(built_by, flavour, ["c_callbacks"], tmp_path)


@pytest.mark.parametrize("built_by, flavour", chosen(OF_PLUGINS, MORE))
def test_plugins(built_by, flavour, tmp_path):
    if built(built_by, flavour, "plugin_host"):
        judge(built_by, flavour, ["plugins"], tmp_path)


@pytest.mark.parametrize("built_by, setting", settings())
def test_setting(built_by, setting):
    for mode in ("leaky", "fixed"):
        with running("abandoned_result", mode, built_by, "stripped", environment={"GODEBUG": setting}) as target:
            assert_none(differences_from_truth(target))
