"""Saved pictures: the same answers as from the process, nothing of the program's own in them, and whole or not there at all."""

import json
import os
import random
import resource
import signal
import subprocess
import time
import zlib

import pytest

import go_programs
from goshawk_command import FINE, GOSHAWK, UNREADABLE, USAGE, goroutines, goshawk, leaks
from judgement import without_what_differs
from running_program import running
from stopped_program import stop_at_rest
from snapshot_blocks import END, is_whole, read_blocks

KILLS = int(os.environ.get("GOSHAWK_TEST_KILLS", "200"))
SECRET = "a-secret-that-must-not-travel"
LABEL = "secret " + SECRET


def save(target, path, *arguments, **options):
    outcome = goshawk("snapshot", target.pid, "-o", path, *arguments, **options)
    assert outcome.code == FINE, outcome.err
    return outcome.err


def everything_in(path):
    return b"\n".join(payload for _, payload in read_blocks(path.read_bytes()))


# --- the same answers ---

@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
def test_answers_as_the_process_does(release, flavour, tmp_path):
    path = tmp_path / "picture"
    names = ["pprof_labels", "abandoned_result", "blocked_select", "pulled_and_dropped"]
    for name in (name for name in names if go_programs.program(name).exists_in(release)):
        with running(name, "leaky", release, flavour) as target:
            stop_at_rest(target)
            save(target, path, "--with-strings")
            assert without_what_differs(leaks(path)) == without_what_differs(leaks(target.pid))
            assert without_what_differs(goroutines(path, "--system")) == without_what_differs(goroutines(target.pid, "--system"))
            dumps = [goshawk("goroutines", who, "--labels") for who in (path, target.pid)]
            assert dumps[0].out == dumps[1].out and dumps[0].code == FINE, dumps[0].err
            assert leaks(path)["checked"]["leaked"] == len(target.goids("leaked")) > 0


def test_answers_when_the_process_has_gone(newest, tmp_path):
    path = tmp_path / "picture"
    with running("abandoned_result", "leaky", newest) as target:
        save(target, path)
        before = leaks(target.pid)
    after = leaks(path)
    assert after["findings"] == before["findings"] and after["target"]["pid"] == before["target"]["pid"]


# --- what is in it ---

def test_holds_nothing_of_the_programs_own(release, tmp_path):
    path, with_strings = tmp_path / "picture", tmp_path / "with-strings"
    with running("keeps_secrets", "leaky", release, environment={"GOSHAWK_SECRET": SECRET}) as target:
        (labels,) = [g["labels"] for g in goroutines(target.pid)["goroutines"] if g["labels"]]
        assert labels == {LABEL: SECRET}, "the secret is not where it should be found"
        told = save(target, path)
        save(target, with_strings, "--with-strings")
    inside = everything_in(path)
    for part in (SECRET, SECRET[:12], SECRET[::-1], "GOSHAWK_SECRET"):
        for encoding in ("utf-8", "utf-16-le"):
            assert part.encode(encoding) not in inside
    assert b"main.keepsSecrets" in inside, "that was not the content"
    assert "labels are left out" in told and SECRET not in told
    assert everything_in(with_strings).count(SECRET.encode()) == 2  # the key and the value, once each


def test_labels_come_back_only_when_kept(newest, tmp_path):
    path = tmp_path / "picture"
    with running("keeps_secrets", "leaky", newest, environment={"GOSHAWK_SECRET": SECRET}) as target:
        save(target, path)
        assert all(g["labels"] == {} for g in goroutines(path)["goroutines"])
        assert "saved without labels" in goshawk("goroutines", path, "--labels").err
        save(target, path, "--with-strings")
        assert {LABEL: SECRET} in [g["labels"] for g in goroutines(path)["goroutines"]]
        assert "saved without labels" not in goshawk("goroutines", path, "--labels").err


# --- the file ---

def test_says_what_it_wrote(newest, tmp_path):
    path = tmp_path / "picture"
    with running("abandoned_result", "leaky", newest) as target:
        (line,) = save(target, path).splitlines()
    assert line.startswith(f"goshawk: wrote {path}: ") and "goroutines" in line and "stood still for" in line
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["picture"]


def test_replaces_an_old_file(newest, tmp_path):
    path = tmp_path / "picture"
    path.write_text("old")
    path.chmod(0o644)
    with running("abandoned_result", "leaky", newest) as target:
        save(target, path)
    assert is_whole(path.read_bytes()) and path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["picture"]


def test_goes_through_a_pipe(newest):
    with running("abandoned_result", "leaky", newest) as target:
        outcome = goshawk("snapshot", target.pid, "-o", "-")
    assert outcome.code == FINE and read_blocks(outcome.out)[-1][0] == END


def test_a_terminal_is_spared(newest):
    with running("abandoned_result", "leaky", newest) as target:
        master, terminal = os.openpty()
        outcome = goshawk("snapshot", target.pid, "-o", "-", stdout=terminal)
        named = goshawk("snapshot", target.pid, "-o", os.ttyname(terminal))
        os.close(terminal)
        os.close(master)
    for refused in (outcome, named):
        assert refused.code == USAGE and "garble the terminal" in refused.err


def test_needs_a_place(newest):
    with running("abandoned_result", "leaky", newest) as target:
        outcome = goshawk("snapshot", target.pid)
    assert outcome.code == USAGE and f"goshawk snapshot {target.pid} -o FILE" in outcome.err


def test_a_full_disk_is_told(newest, tmp_path):
    """As far as a limit on file sizes goes, and /dev/full; the same path as ENOSPC."""
    path = tmp_path / "picture"
    path.write_text("old")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    with running("abandoned_result", "leaky", newest) as target:
        too_large = goshawk("snapshot", target.pid, "-o", path, preexec_fn=limit)
        full = goshawk("snapshot", target.pid, "-o", "/dev/full")
    assert too_large.code == UNREADABLE and f"cannot write {path}: File too large" in too_large.err
    assert full.code == UNREADABLE and "cannot write /dev/full: No space left on device; free some room" in full.err
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["picture"]


def test_killed_at_any_moment(newest, tmp_path):
    """No file, or a whole one; the old one or the new one. After SIGTERM and SIGINT nothing else is left, after SIGKILL at most
    the name that a replacing file has for an instant."""
    path, chance = tmp_path / "picture", random.Random()
    whole = 0
    with running("abandoned_result", "leaky", newest) as target:
        start = time.monotonic()
        save(target, path)
        usual = time.monotonic() - start
        for number in range(KILLS):
            if number % 2 == 0:
                path.unlink(missing_ok=True)
            before = path.read_bytes() if path.exists() else None
            tool = subprocess.Popen([GOSHAWK, "snapshot", str(target.pid), "-o", path], stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0, 1.5 * usual))  # the moment
            killed_by = chance.choice([signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
            tool.send_signal(killed_by)
            tool.wait(timeout=60)
            after = path.read_bytes() if path.exists() else None
            assert after == before or is_whole(after)
            whole += after != before
            others = set(os.listdir(tmp_path)) - {"picture"}
            assert not others or killed_by == signal.SIGKILL
            for name in others:
                (tmp_path / name).unlink()
        assert target.process.poll() is None
    assert whole > 0, "none was ever finished: the moments are no good"


# --- a file that is no good ---

def damaged(content):
    yield "ends early", content[:-1]
    yield "ends early", content[: len(content) // 2]
    yield "damaged", content[:100] + bytes([content[100] ^ 1]) + content[101:]
    newer = b"\x89GOSHK\r\n" + (13).to_bytes(4, "little") + b"9.9.9".ljust(16, b"\0")

    yield "format 13, written by Goshawk 9.9.9", newer + zlib.crc32(newer).to_bytes(4, "little")


def test_a_bad_file_is_told(newest, tmp_path):
    path = tmp_path / "picture"
    with running("abandoned_result", "leaky", newest) as target:
        save(target, path)
    for words, content in list(damaged(path.read_bytes())):
        path.write_bytes(content)
        outcome = goshawk("leaks", path)
        assert outcome.code == UNREADABLE and words in outcome.err and str(path) in outcome.err, outcome.err
