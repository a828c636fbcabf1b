"""The ways in which a process is read: ahead of its stop, beside a twin of it, or while it stands still. The answer is the same one, each result says
which it was, and where no twin can be, why."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

import go_programs
from goshawk_command import FINE, GOSHAWK, UNREADABLE, USAGE, goshawk, goshawk_json
from namespaces import OWNER, ROOTFUL, ROOTLESS, as_user, contained, public_folder
from running_program import running
from stopped_program import stop_at_rest
from test_heap_balance import some_releases

LOOKS = 60
both_flavours = pytest.mark.parametrize("flavour", ["dwarf", "stripped"])


def children(pid):
    """Of all threads, the dead ones too."""
    return [child for thread in Path(f"/proc/{pid}/task").iterdir() for child in (thread / "children").read_text().split()]


def stop_where_a_thread_rests(target):
    """One that could make a twin: as it is stopped, so it stays."""
    stop_at_rest(target)
    while (outcome := goshawk("leaks", target.pid, "--way", "twin")).code == UNREADABLE:
        assert "no thread of it rested" in outcome.err, outcome.err
        target.process.send_signal(signal.SIGCONT)
        stop_at_rest(target)


def look(command, target, way, *arguments):
    report = goshawk_json(command, target.pid, "--way", way, "--all", *arguments)
    assert (report["picture"]["way"], report["picture"]["way_reason"]) == (way, "")
    assert report["picture"]["quiet"] and report["picture"]["stops"] == (2 if way == "track" else 1)
    return report


def without_clock(value):
    """What the clock alone changes, and what is told of the picture itself, is left out."""
    if isinstance(value, dict):
        return {key: without_clock(one) for key, one in value.items() if key != "picture" and not key.endswith("_ns")}
    return [without_clock(one) for one in value] if isinstance(value, list) else value


def verdicts(report):
    return sorted((finding["rule"], finding["confidence"], finding["count"]) for finding in report["findings"])


@some_releases
@both_flavours
@pytest.mark.parametrize("program", ["http_handler_timeout", "lost_cancel", "mutex_never_released", "crowd", "pprof_labels"])
def test_the_same_answer(some, flavour, program):
    with running(program, "leaky", some, flavour) as target:
        stop_where_a_thread_rests(target)
        for command in ("leaks", "goroutines", "heap"):
            beside, still = without_clock(look(command, target, "twin")), without_clock(look(command, target, "copy"))
            for report in (beside, still):  # which pages are in memory changes by being looked at
                report.pop("balance", None)
                report.pop("memory", None)
            assert beside == still
        assert children(target.pid) == []


def is_untracked(pid):
    flags = [line for line in Path(f"/proc/{pid}/smaps").read_text().splitlines() if line.startswith("VmFlags:")]
    files = [os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()]
    return not any(" uw" in line for line in flags) and not any("userfaultfd" in file for file in files)


@some_releases
@pytest.mark.parametrize("program", ["http_handler_timeout", "lost_cancel", "mutex_never_released", "crowd"])
def test_the_same_answer_ahead_of_the_stop(some, program):
    """Of a program at rest that runs, for it is read while it does."""
    with running(program, "leaky", some) as target:
        reports = {way: without_clock(goshawk_json("leaks", target.pid, "--way", way, "--all")) for way in ("track", "twin", "copy")}
        assert reports["track"] == reports["twin"] == reports["copy"]
        assert is_untracked(target.pid) and target.command("ping")


def test_a_large_one_is_read_ahead(newest):
    """A twin of it would be a stop that is felt, whatever its heap is made of."""
    with running("memory", "fixed", newest) as target:
        assert goshawk_json("leaks", target.pid)["picture"]["way"] == "twin", "as long as it is small"
        target.command("pointers 16")
        target.command("bytes 240")
        for _ in range(5):
            picture = goshawk_json("leaks", target.pid)["picture"]
            assert (picture["way"], picture["way_reason"]) == ("track", ""), picture
        twin = min(goshawk_json("leaks", target.pid, "--way", "twin")["picture"]["pause_ns"] for _ in range(5))
        track = min(goshawk_json("leaks", target.pid, "--way", "track")["picture"]["pause_ns"] for _ in range(5))
        assert track < twin
        assert goshawk_json("heap", target.pid)["picture"]["way"] == "twin"
        outcome = goshawk("heap", target.pid, "--way", "track")
        assert outcome.code == UNREADABLE and "--way track" in outcome.err
        assert is_untracked(target.pid) and target.command("ping") and children(target.pid) == []


@some_releases
def test_the_pause_is_shorter(some):
    """Of a heap of which reading takes a while."""
    with running("memory", "fixed", some) as target:
        target.command("pointers 256")
        pauses = {way: min(goshawk_json("leaks", target.pid, "--way", way)["picture"]["pause_ns"] for _ in range(5)) for way in ("twin", "copy")}
    assert pauses["twin"] * 3 < pauses["copy"], pauses


def test_under_load_it_is_beside_a_twin(newest):
    """A program of which each thread is at work, on as many processors as there are and on one."""
    for processors in ("1", "4"):
        with running("load", "leaky", newest, environment={"GOMAXPROCS": processors}) as target:
            planted = target.goids("leaked")
            ways, found = [], 0
            for _ in range(LOOKS):
                report = goshawk_json("leaks", target.pid, "--all")
                ways.append(report["picture"]["way"])
                assert report["checked"]["leaked"] <= len(planted), report["findings"]
                found += report["checked"]["leaked"]
            assert found >= LOOKS * len(planted) * 0.95, "leaks are hidden"
            assert ways.count("twin") >= LOOKS * 0.95, ways
            assert target.command("ping")
            assert children(target.pid) == []


def test_no_process_more_is_allowed(newest):
    """By RLIMIT_NPROC, which answers as a pids limit of a cgroup does. Without a twin the answer is the same; who wants a twin is told."""
    with running("blocked_receive", "leaky", newest) as target:
        expected = verdicts(goshawk_json("leaks", target.pid, "--all"))
    with public_folder() as folder:
        executable = shutil.copy(go_programs.build(newest, "dwarf", go_programs.program("blocked_receive").folder), folder)
        with contained(executable, as_user(OWNER)) as target:
            subprocess.run([*as_user(OWNER), "prlimit", f"--pid={target.pid}", "--nproc=1:1"], check=True)
            report = goshawk_json("leaks", target.pid, "--all")
            assert report["picture"]["way"] == "copy" and report["picture"]["way_reason"].startswith("no process more is allowed")
            assert verdicts(report) == expected
            told = " ".join(goshawk("leaks", target.pid).out.decode().split())
            assert "not beside a twin: no process more is allowed there" in told
            outcome = goshawk("leaks", target.pid, "--way", "twin")
            assert outcome.code == UNREADABLE and "no process more is allowed" in outcome.err and "--way copy" in outcome.err
            assert target.command("ping") and children(target.pid) == []


def test_what_can_have_no_twin_is_read_ahead(newest):
    """Where it would stand still for long else."""
    with public_folder() as folder:
        executable = shutil.copy(go_programs.build(newest, "dwarf", go_programs.program("memory").folder), folder)
        with contained(executable, as_user(OWNER), "memory", "fixed") as target:
            target.command("pointers 128")
            subprocess.run([*as_user(OWNER), "prlimit", f"--pid={target.pid}", "--nproc=1:1"], check=True)
            picture = goshawk_json("leaks", target.pid)["picture"]
            assert (picture["way"], picture["way_reason"]) == ("track", ""), picture
            assert is_untracked(target.pid) and target.command("ping")


def test_its_mem_file_is_closed_to_us(newest):
    """Root without any capability but CAP_SYS_PTRACE: the memory of another user's process may be read, and not by its mem file."""
    with public_folder() as folder:
        executable = shutil.copy(go_programs.build(newest, "dwarf", go_programs.program("blocked_receive").folder), folder)
        tool = shutil.copy(GOSHAWK, folder)
        with contained(executable, as_user(OWNER)) as target:
            done = subprocess.run(["setpriv", "--bounding-set=-all,+sys_ptrace", "--inh-caps=-all", tool, "leaks", str(target.pid)], capture_output=True, text=True)
            assert done.returncode == FINE, done.stderr
            assert "not beside a twin: its mem file may not be opened by us" in " ".join(done.stdout.split())
            assert target.command("ping") and children(target.pid) == []


@pytest.mark.parametrize("under", [ROOTFUL, ROOTLESS], ids=["rootful", "rootless"])
def test_of_a_container(newest, under):
    """Its first process, to which its child has another number than to us."""
    with public_folder() as folder:
        executable = shutil.copy(go_programs.build(newest, "stripped", go_programs.program("blocked_receive").folder), folder)
        with contained(executable, under) as target:
            for _ in range(5):
                assert look("leaks", target, "twin")["checked"]["leaked"] > 0
                assert children(target.pid) == []
            assert target.command("ping")


def test_two_at_once(newest):
    """Of one process: each waits until the other one's stop is over."""
    with running("blocked_receive", "leaky", newest) as target:
        tools = [subprocess.Popen([GOSHAWK, "leaks", str(target.pid)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
        for tool in tools:
            out, err = tool.communicate(timeout=60)
            assert tool.returncode == FINE and b"proven" in out, err.decode()
        assert children(target.pid) == []


def test_two_at_once_ahead(newest):
    """Only one of them can be told what it writes; the others make their twins."""
    with running("memory", "fixed", newest) as target:
        target.command("pointers 128")
        for _ in range(3):
            tools = [subprocess.Popen([GOSHAWK, "leaks", str(target.pid), "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
            pictures = []
            for tool in tools:
                out, err = tool.communicate(timeout=60)
                assert tool.returncode == FINE, err.decode()
                pictures.append(json.loads(out)["picture"])
            for picture in pictures:
                allowed = [""] if picture["way"] == "track" else ["", "somebody else tracks what it writes (userfaultfd)", "it writes faster than it can be read"]
                assert picture["way"] in ("track", "twin") and picture["way_reason"] in allowed, pictures
        assert is_untracked(target.pid) and target.command("ping") and children(target.pid) == []


def test_where_its_pages_are_counted_it_is_beside_a_twin(newest, tmp_path):
    """Of a twin they are counted once the process goes on: counting takes longer than making one."""
    with running("memory", "fixed", newest) as target:
        target.command("pointers 128")
        assert goshawk("snapshot", target.pid, "-o", tmp_path / "picture").code == FINE
        assert goshawk_json("leaks", tmp_path / "picture")["picture"]["way"] == "twin"
        assert goshawk_json("doctor", target.pid)["picture"]["way"] == "twin"
        assert goshawk_json("leaks", target.pid)["picture"]["way"] == "track"


def test_only_a_twin_is_wanted_of_a_file(tmp_path, newest):
    with running("blocked_receive", "leaky", newest) as target:
        assert goshawk("snapshot", target.pid, "-o", tmp_path / "picture").code == FINE
    outcome = goshawk("leaks", tmp_path / "picture", "--way", "twin")
    assert outcome.code == USAGE and "--way is for processes" in outcome.err
