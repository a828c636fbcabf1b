"""`goshawk doctor`: what it says works does work, what it says was checked was checked, and what does not work is named with the
fact or the permission that stands in the way."""

import ctypes
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import changed_runtimes
import go_programs
from conftest import RELEASES
from cores import gcore
from goshawk_command import DENIED, FINE, GOSHAWK, TIMEOUT_SECONDS, UNREADABLE, USAGE, goroutines, goshawk
from running_program import RunningProgram, running
from runtime_dump import parse_dump
from telling_programs import telling_programs, without_type_names
from test_bad_input import NOBODY, child, executable_by_all

FEW = list(dict.fromkeys([RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]]))
PROGRAM = "mutex_never_released"
TYPES = "tell the types of the heap's objects"
OFF_IN_CORES = {"tell how long they wait", "tell whom network waits are for, and until when"}  # they hold neither clock nor descriptors


def doctor(*arguments, code=FINE, **options):
    outcome = goshawk("doctor", *arguments, "--format", "json", **options)
    assert outcome.code == code, f"exit code {outcome.code}: {outcome.err}{outcome.out.decode()[:2000]}"
    return json.loads(outcome.out)


def fact(report, name):
    (found,) = [one for one in report["facts"] if one["fact"] == name]
    return found


def state(report, feature):
    (found,) = [one for one in report["features"] if one["name"] == feature]
    return found["state"]


def off(report):
    return {one["name"] for one in report["features"] if one["state"] == "off"}


def condition(report, name):
    (found,) = [one for one in report["conditions"] if one["name"] == name]
    return found


def assert_all_works(report):
    partly = ", types of the heap in part" if state(report, TYPES) == "partly" else ""
    assert report["verdict"] == f"Everything works on this {report['target']['kind']}{partly}", (off(report), report["verdict"])
    assert report["error"] is None
    assert not off(report), [one for one in report["features"] if one["state"] == "off"]
    bad = [one for one in report["facts"] if one["state"] in ("failed", "missing") and is_needed(report, one["fact"])]
    assert not bad, bad
    assert not [doubt for doubt in report["doubts"] if doubt["spoils_proof"]], report["doubts"]


def is_needed(report, name):
    return any(name in feature["needs"] for feature in report["features"])


@pytest.mark.parametrize("flavour", ["dwarf", "stripped", "pie", "cgo"])
@pytest.mark.parametrize("built_by", FEW)
def test_everything_works(built_by, flavour):
    with running(PROGRAM, "leaky", built_by, flavour) as target:
        report = doctor(target.pid)
        assert_all_works(report)
        listed = goroutines(target.pid)["goroutines"]
        assert target.command("ping")
    assert not [one for one in report["conditions"] if one["state"] != "fine"], report["conditions"]

    build = report["build"]
    described = flavour in ("dwarf", "cgo")
    (types,) = [one for one in report["features"] if one["name"] == TYPES]
    assert types["state"] == ("works" if described else "partly"), types
    assert ("objects above 512 bytes" in types["why"]) == (not described and go_programs.minor(built_by) >= 22), types
    assert build["opened"] and build["go"] == report["target"]["go"] == f"go{built_by}"
    assert build["debug_information"] is described and build["symbol_table"] is described
    assert build["position_independent"] is (flavour == "pie")
    assert build["dynamically_linked"] is (flavour in ("pie", "cgo"))
    assert {"name": "CGO_ENABLED", "value": "1" if flavour == "cgo" else "0"} in build["settings"]
    assert len(build["modules"]) == 1

    assert fact(report, "runtime.g")["how"] == ("DWARF" if described else "type descriptors")
    assert fact(report, "runtime.allgs")["how"] in (("symbol",) if described else ("the code that uses it", "its shape in memory"))
    assert re.match(rf"table go{re.escape(built_by)} amd64|DWARF", fact(report, "runtime.heapArena.spans")["how"])
    # The counts are of this very process.
    assert fact(report, "runtime.g")["checked"] == fact(report, "runtime.g")["passed"] >= len(listed) - 1
    assert report["goroutines"] >= len(listed) - 1
    assert fact(report, "runtime.semaRoot")["passed"] == fact(report, "runtime.semaRoot")["checked"] >= 1
    for name in ("runtime.mspan", "runtime.heapArena.spans", "runtime.mspan.allocBits"):
        assert fact(report, name)["passed"] == fact(report, name)["checked"] > 10, fact(report, name)
    table = fact(report, f"layout of go{built_by}")
    assert table["state"] == "holds" and table["checked"] >= 8, table


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("built_by", FEW)
def test_goroutines_are_those_of_the_runtime(built_by, flavour):
    with running("cond_never_signalled", "leaky", built_by, flavour) as target:
        report = doctor(target.pid)
        dump = parse_dump(target.die_with_dump())
    assert report["goroutines"] == len(dump)
    assert fact(report, "runtime.g")["checked"] == len(dump)
    assert fact(report, "runtime.notifyList")["passed"] >= 1


@pytest.mark.parametrize("built_by", FEW)
def test_every_fact_of_a_feature_is_tried(built_by):
    """What a feature names as its need is a fact that some program really puts to the test: no name stands there for nothing."""
    executable = go_programs.build(built_by, "stripped")
    held, needed = set(), set()
    for program in [*telling_programs(built_by), go_programs.program("io_wait")]:
        target = RunningProgram(executable, program.name, "leaky" if "leaky" in program.modes else program.modes[0])
        try:
            report = doctor(target.pid)
        finally:
            target.end()
        assert_all_works(report)
        needed |= {name for feature in report["features"] for name in feature["needs"]}
        held |= {one["fact"] for one in report["facts"] if one["state"] in ("holds", "mostly")}
    minor = go_programs.minor(built_by)
    since = {"runtime.specialWeakHandle.handle": 23, "runtime.specialCleanup": 24, "runtime.gcCleanups": 25}
    never_tried = {"Go release"}  # there is nothing to hold it to
    assert needed - held == never_tried | {name for name, release in since.items() if minor < release}


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("built_by", FEW)
def test_core_and_snapshot(built_by, flavour, tmp_path):
    with running(PROGRAM, "leaky", built_by, flavour) as target:
        live = doctor(target.pid)
        saved = tmp_path / "saved.snapshot"
        assert goshawk("snapshot", target.pid, "-o", saved).code == FINE
        core = gcore(target, tmp_path)
    of_core, of_snapshot = doctor(core), doctor(saved)
    assert of_core["target"]["kind"] == "core" and of_snapshot["target"]["kind"] == "snapshot"
    assert off(of_core) == OFF_IN_CORES
    assert_all_works(of_snapshot)
    # Each fact was found in the same way, and what was checked then is told of the picture now.
    kept = lambda report: {(one["fact"], one["how"], one["state"]) for one in report["facts"]}  # noqa: E731
    assert kept(of_core) == kept(live)
    assert kept(of_snapshot) == {one for one in kept(live) if not one[0].startswith("layout of ")}
    assert of_snapshot["build"] is None and of_snapshot["picture"]["way"] == "twin"
    assert of_core["build"]["opened"] and of_core["target"]["build_id"] == live["target"]["build_id"]


def test_snapshot_without_labels(newest, tmp_path):
    saved = tmp_path / "saved.snapshot"
    with running("keeps_secrets", "leaky", newest) as target:
        assert goshawk("snapshot", target.pid, "-o", saved).code == FINE
    report = doctor(saved)
    assert off(report) == {"show their labels"}
    assert "--with-strings" in json.dumps(report["features"])


def test_core_without_its_executable(newest, tmp_path):
    executable = tmp_path / "moved"
    executable.write_bytes(go_programs.build(newest, "stripped").read_bytes())
    executable.chmod(0o755)
    target = RunningProgram(executable, PROGRAM, "leaky")
    try:
        core = gcore(target, tmp_path)
    finally:
        target.end()
    executable.rename(tmp_path / "elsewhere")
    report = doctor(core, code=UNREADABLE)
    assert "--exe" in report["error"] and report["build"]["opened"] is False
    assert off(report) == {one["name"] for one in report["features"]}
    assert off(doctor(core, "--exe", tmp_path / "elsewhere")) == OFF_IN_CORES


@pytest.mark.parametrize("built_by", FEW)
def test_without_type_names(built_by, tmp_path):
    executable = without_type_names(go_programs.build(built_by, "stripped"), tmp_path / "patterns")
    target = RunningProgram(executable, PROGRAM, "leaky")
    try:
        report = doctor(target.pid)
    finally:
        target.end()
    assert_all_works(report)
    assert fact(report, "runtime.g")["how"] == f"table go{built_by} amd64"
    assert fact(report, f"layout of go{built_by}")["state"] == "untried"


CHANGED = {"mheap-middle": "runtime.mheap.central"}
if os.environ.get("GOSHAWK_TEST_CHANGES") == "all":
    CHANGED |= {"mheap-head": "runtime.mheap.central", "heapArena-head": "runtime.heapArena.spans"}


@pytest.mark.parametrize("change", CHANGED)
@pytest.mark.parametrize("built_by", list(dict.fromkeys([RELEASES[0], RELEASES[-1]])))
def test_a_refused_runtime_is_named_by_its_fact(built_by, change):
    target = RunningProgram(changed_runtimes.build(built_by, change, "stripped"), "abandoned_result", "leaky")
    try:
        report = doctor(target.pid, code=UNREADABLE)
        text = goshawk("doctor", target.pid)
        said = goshawk("leaks", target.pid)
    finally:
        target.end()
    name = CHANGED[change]
    assert fact(report, name)["state"] == "failed", report["facts"]
    assert name in report["error"] and report["error"] in said.err
    assert state(report, "prove leaks") == "off"
    assert re.search(rf"FAILED +{re.escape(name)}", text.out.decode())
    assert text.code == said.code == UNREADABLE


def test_a_changed_runtime_that_is_read(newest):
    """With its debug information: right, and the doctor says what is not as the release has it."""
    target = RunningProgram(changed_runtimes.build(newest, "mheap-middle", "dwarf"), "abandoned_result", "leaky")
    try:
        report = doctor(target.pid)
    finally:
        target.end()
    assert_all_works(report)
    assert fact(report, f"layout of go{newest}")["passed"] < fact(report, f"layout of go{newest}")["checked"]
    assert "runtime.mheap" in fact(report, f"layout of go{newest}")["check"]


def assert_nothing_works(report):
    assert report["error"] and report["verdict"].startswith(("Nothing can be read", "Nothing may be read"))
    assert off(report) == {one["name"] for one in report["features"]}
    assert report["picture"] is None and report["kernel"].startswith("Linux ")


def test_held_by_another_tracer(newest):
    with running(PROGRAM, "leaky", newest) as target:
        holder = Path(__file__).with_name("ptrace_holder.py")
        with child(sys.executable, holder, str(target.pid)) as tracer:
            assert tracer.stdout.readline() == b"tracing\n"
            report = doctor(target.pid, code=DENIED)
            assert target.command("ping")
        assert_nothing_works(report)
        held = condition(report, "tracer")
        assert held["state"] == "blocks" and str(tracer.pid) in held["found"] and str(tracer.pid) in held["remedies"][0]["line"]
        # What needs no stop was found all the same.
        assert report["build"]["go"] == f"go{newest}" and fact(report, "runtime.allgs")["state"] == "holds"
        assert_all_works(doctor(target.pid))


def as_nobody(*arguments, **options):
    with executable_by_all() as tool:
        return subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, user=NOBODY, group=NOBODY,
                              extra_groups=[], cwd="/", timeout=TIMEOUT_SECONDS, **options)


def test_without_permission(newest):
    """Root's process, examined by nobody: all that /proc shows is told, and the lines that would help."""
    with running(PROGRAM, "leaky", newest) as target:
        done = as_nobody("doctor", target.pid, "--format", "json")
        text = as_nobody("doctor", target.pid)
        assert target.command("ping")
    assert done.returncode == text.returncode == DENIED, done.stderr
    report = json.loads(done.stdout)
    assert_nothing_works(report)
    assert report["denied"] is True
    user, capability = condition(report, "user"), condition(report, "CAP_SYS_PTRACE")
    assert user["state"] == capability["state"] == "blocks"
    assert user["found"] == f"goshawk runs as user {NOBODY}, the process as 0"
    assert {"place": "shell", "line": f"sudo goshawk {target.pid}"} in user["remedies"]
    assert {"place": "kubernetes", "line": 'securityContext: {capabilities: {add: ["SYS_PTRACE"]}}'} in capability["remedies"]
    assert report["build"]["opened"] is False
    assert condition(report, "namespaces")["found"].startswith("user: not to be told")
    assert text.stdout.startswith("Nothing may be read of this process")
    assert "BLOCKS  user: goshawk runs as user 65534, the process as 0" in text.stdout
    assert 'Kubernetes  securityContext: {capabilities: {add: ["SYS_PTRACE"]}}' in text.stdout
    assert max(map(len, text.stdout.splitlines())) <= 100, text.stdout


def test_in_a_user_namespace_of_its_own(newest):
    """There goshawk is root with every capability, and none of them counts for a process outside."""
    with running(PROGRAM, "leaky", newest) as target:
        done = subprocess.run(["unshare", "--user", "--map-root-user", GOSHAWK, "doctor", str(target.pid), "--format", "json"],
                              capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    assert done.returncode == DENIED, done.stderr
    capability = condition(json.loads(done.stdout), "CAP_SYS_PTRACE")
    assert capability["state"] == "blocks", capability


@pytest.mark.parametrize("call, number", [("ptrace", 101), ("process_vm_readv", 310)])
def test_under_a_seccomp_filter(newest, call, number):
    with running(PROGRAM, "leaky", newest) as target:
        code = DENIED if call == "ptrace" else FINE
        report = doctor(target.pid, code=code, preexec_fn=lambda: refuse_call(number))
    found = condition(report, "seccomp")
    assert call in found["found"]
    assert found["state"] == ("blocks" if call == "ptrace" else "fine")
    lines = {one["place"]: one["line"] for one in found["remedies"]}
    assert "seccomp=unconfined" in lines["container"] and "seccompProfile" in lines["kubernetes"]
    if call == "process_vm_readv":
        assert_all_works(report)  # by the file of its memory


def refuse_call(number):
    """A seccomp filter for this process: EPERM for one system call of x86-64."""
    class Filter(ctypes.Structure):
        _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.POINTER(Filter))]

    load, equal, give = 0x20, 0x15, 0x06
    allow, refuse = 0x7fff0000, 0x00050000 | 1  # SECCOMP_RET_ERRNO | EPERM
    filters = (Filter * 4)(Filter(load, 0, 0, 0), Filter(equal, 0, 1, number), Filter(give, 0, 0, refuse), Filter(give, 0, 0, allow))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
    assert libc.prctl(22, 2, ctypes.byref(Program(4, filters)), 0, 0) == 0  # PR_SET_SECCOMP


def test_not_a_go_program():
    with child("/bin/cat") as process:
        report = doctor(process.pid, code=UNREADABLE)
    assert_nothing_works(report)
    assert "is not a Go program" in report["error"]
    assert report["build"]["opened"] and report["build"]["go"] == "" and not report["build"]["build_information"]


def test_ended_process(newest):
    with child("/bin/true") as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        report = doctor(process.pid, code=UNREADABLE)
        assert_nothing_works(report)
        assert "zombie" in report["error"]
        assert "blocks" not in {one["state"] for one in report["conditions"]}, report["conditions"]
        process.wait()
        gone = goshawk("doctor", process.pid)
        assert gone.code == UNREADABLE and "no process" in gone.err and gone.out == b""


def test_a_thread_is_no_target(newest):
    with running(PROGRAM, "leaky", newest) as target:
        thread = target.threads()[-1]
        outcome = goshawk("doctor", thread)
    assert outcome.code == USAGE and str(target.pid) in outcome.err


def test_text(newest):
    """One screen; with --all every fact by its name."""
    with running(PROGRAM, "leaky", newest, "stripped") as target:
        short, whole = goshawk("doctor", target.pid), goshawk("doctor", target.pid, "--all")
        report = doctor(target.pid)
    lines = short.out.decode().splitlines()
    assert lines[0] == "Everything works on this process, types of the heap in part" and str(target.pid) in lines[1]
    assert len(lines) <= 32 and max(map(len, lines)) <= 100, short.out.decode()
    text = whole.out.decode()
    assert all(one["fact"] in text for one in report["facts"])
    assert re.search(r"holds +runtime\.g by type descriptors: \d+ of \d+ goroutines whose saved context", text)
    assert max(map(len, text.splitlines())) <= 100, text
