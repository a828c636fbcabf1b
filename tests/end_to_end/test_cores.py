"""Core files: the same answers as from the process that left them, or a clear word on what is missing."""

import gzip
import os
import shutil
import subprocess

import pytest

import go_programs
from conftest import RELEASES
from cores import NO_KERNEL_CORES, gcore, let_crash
from goshawk_command import UNREADABLE, USAGE, goroutines, goshawk, goshawk_json, leaks
from judgement import differences_of_leaks, differences_of_lists, without_what_differs
from running_program import RunningProgram, running
from runtime_dump import parse_dump
from stopped_program import stop_at_rest

TELLING = ["abandoned_result", "held_by_live_goroutines", "shapes_of_calls", "held_by_timers", "cond_never_signalled"]
SPREAD = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]})  # gdb writes a gigabyte each time
kernel_cores = pytest.mark.skipif(NO_KERNEL_CORES, reason="kernel.core_pattern hands cores to a program of this machine")


def modes(names):
    return [pytest.param(name, mode, id=f"{name}-{mode}") for name in names for mode in go_programs.program(name).modes]


def crashed(name, mode, release, flavour, directory):
    """A program that ended, its core, and the runtime's own list from a moment before."""
    program = go_programs.program(name)
    target = RunningProgram(go_programs.build(release, flavour, program.folder), name, mode, {"GOTRACEBACK": "crash"}, cwd=directory)
    try:
        dump = target.command("dump")["dump"]
        target.command("gc")  # the dump's buffers may have begun one: its workers and sweepers would be at work
        stop_at_rest(target, idle=True)
        core = let_crash(target, directory)
    finally:
        target.end()
    return target, core, dump


@kernel_cores
@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("name, mode", modes(TELLING))
def test_core_of_a_crash(release, flavour, name, mode, tmp_path):
    target, core, _ = crashed(name, mode, release, flavour, tmp_path)
    report = leaks(core)
    differences = differences_of_leaks(report, target)
    assert not differences, "\n" + "\n".join(differences[:20])
    assert report["target"]["kind"] == report["picture"]["way"] == "core"
    assert report["target"]["pid"] == target.pid
    assert report["picture"]["pause_ns"] == 0


@kernel_cores
@pytest.mark.parametrize("name, mode", modes(TELLING))
def test_list_equals_the_runtimes(release, name, mode, tmp_path):
    target, core, dump = crashed(name, mode, release, "stripped", tmp_path)
    differences = differences_of_lists(goroutines(core)["goroutines"], parse_dump(dump), but=target.never_at_rest())
    assert not differences, "\n" + "\n".join(differences[:20])


@pytest.mark.parametrize("flavour", ["dwarf", "stripped", "pie", "cgo"])
@pytest.mark.parametrize("built_by", SPREAD)
def test_gcore_of_a_stopped_program(built_by, flavour, tmp_path):
    with running("abandoned_result", "leaky", built_by, flavour) as target:
        stop_at_rest(target)
        core = gcore(target, tmp_path)
        for command in (leaks, goroutines):
            assert without_what_differs(command(core)) == without_what_differs(command(target.pid))
        assert not differences_of_leaks(leaks(core), target)
    core.unlink()


@kernel_cores
class TestExecutable:
    @pytest.fixture
    def left(self, newest, tmp_path):
        """An executable of its own, and the core that it left."""
        executable = tmp_path / "bin" / "service"
        executable.parent.mkdir()
        shutil.copy(go_programs.build(newest, "stripped"), executable)
        target = RunningProgram(executable, "abandoned_result", "leaky", {"GOTRACEBACK": "crash"}, cwd=tmp_path)
        try:
            core = let_crash(target, tmp_path)
        finally:
            target.end()
        return executable, core, target

    def test_gone(self, left):
        executable, core, _ = left
        executable.unlink()
        outcome = goshawk("leaks", core)
        assert outcome.code == UNREADABLE and outcome.out == b""
        for word in (str(executable), "build id", "--exe"):
            assert word in outcome.err

    def test_named(self, left):
        executable, core, target = left
        elsewhere = executable.rename(core.parent / "moved")
        assert not differences_of_leaks(goshawk_json("leaks", core, "--all", "--exe", elsewhere), target)

    def test_beside_the_core(self, left):
        executable, core, target = left
        executable.rename(core.parent / "service")
        assert not differences_of_leaks(leaks(core), target)

    def test_in_a_debug_directory(self, left, tmp_path):
        executable, core, target = left
        notes = subprocess.run(["readelf", "-n", executable], capture_output=True, text=True, check=True).stdout
        build_id = notes.split("Build ID: ")[1].split()[0]
        place = tmp_path / "debug" / ".build-id" / build_id[:2] / build_id[2:]
        place.parent.mkdir(parents=True)
        executable.rename(place)
        assert not differences_of_leaks(goshawk_json("leaks", core, "--all", "--debug-dir", tmp_path / "debug"), target)

    @pytest.mark.parametrize("how", ["replaced", "named"])
    def test_another_build(self, left, how):
        executable, core, _ = left
        other = go_programs.build(RELEASES[0], "stripped")
        executable.unlink()
        arguments = ("--exe", other) if how == "named" else ()
        if how == "replaced":
            shutil.copy(other, executable)
        outcome = goshawk("leaks", core, *arguments)
        assert outcome.code == UNREADABLE and outcome.out == b""
        assert "another build" in outcome.err and outcome.err.count("build id") == 2, outcome.err

    def test_not_an_executable(self, left):
        _, core, _ = left
        for wrong, word in ((core, "is a core"), ("/etc/hostname", "ELF"), ("/nowhere/at/all", "No such file")):
            outcome = goshawk("leaks", core, "--exe", wrong)
            assert outcome.code in (UNREADABLE, USAGE) and word in outcome.err, outcome.err

    def test_sparse(self, left, tmp_path):
        _, core, target = left
        subprocess.run(["cp", "--sparse=always", core, tmp_path / "sparse"], check=True)
        assert not differences_of_leaks(leaks(tmp_path / "sparse"), target)

    def test_cut_off(self, left, tmp_path):
        """Wherever it ends: an error, or an answer that proves nothing and says why."""
        _, core, target = left
        answered = 0
        for part in (0.00001, 0.0003, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999):
            cut = tmp_path / "cut"
            shutil.copy(core, cut)
            os.truncate(cut, int(core.stat().st_size * part))
            outcome = goshawk("leaks", cut, "--format", "json")
            assert outcome.code in (0, UNREADABLE, USAGE), outcome.err
            if outcome.code != 0:
                assert outcome.err.startswith("goshawk: ")
                continue
            answered += 1
            assert b"cut off" in outcome.out
            assert b'"confidence": "proven"' not in outcome.out and b'"confidence":"proven"' not in outcome.out
        assert answered


def test_not_a_core(newest, tmp_path):
    executable = shutil.copy(go_programs.build(newest, "stripped"), tmp_path / "never-started")
    packed = gzip.compress(executable.read_bytes()[:4096])
    path = tmp_path / "file"
    for content, code, word in ((b"", USAGE, "is empty"), (b"hello\n", USAGE, "neither a core"), (packed, USAGE, "gzip -d"),
                                (b"\x28\xb5\x2f\xfd....", UNREADABLE, "damaged zstd"), (b"\x1f\x8b....", UNREADABLE, "damaged gzip")):
        path.write_bytes(content)
        outcome = goshawk("leaks", path)
        assert outcome.code == code and word in outcome.err, outcome.err
    outcome = goshawk("leaks", executable)
    assert outcome.code == USAGE and "nothing of it runs" in outcome.err
    outcome = goshawk("leaks", tmp_path)
    assert outcome.code == USAGE and "no regular file" in outcome.err


def test_core_of_no_go_program(tmp_path):
    process = subprocess.Popen(["sleep", "1000"])
    try:
        subprocess.run(["gcore", "-o", tmp_path / "sleep", str(process.pid)], check=True, capture_output=True)
    finally:
        process.kill()
        process.wait()
    outcome = goshawk("leaks", tmp_path / f"sleep.{process.pid}")
    assert outcome.code == UNREADABLE and "is not a Go program" in outcome.err, outcome.err
