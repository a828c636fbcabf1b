"""kernel.yama.ptrace_scope, as a plain user meets it: what is refused is refused with the reason and a way out, and the way out,
typed as it was told, leads to the answer."""

import json
import re
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from cores import let_crash
from goshawk_command import DENIED, FINE, goshawk, goshawk_json
from judgement import differences_of_leaks
from plain_user import plain_user

HERE = Path(__file__).parent
SCOPE = Path("/proc/sys/kernel/yama/ptrace_scope")
WIDEST = 100  # columns
SETCAP = r"sudo setcap cap_sys_ptrace=ep \S+"
AS_ROOT = {"user": 0, "group": 0}
COMMANDS = pytest.mark.parametrize("command", [("leaks",), ("goroutines",), ("snapshot", "-o", "/run/tmp/refused.snapshot")], ids=lambda c: c[0])


@contextmanager
def scope(number):
    SCOPE.write_text(f"{number}\n")
    assert SCOPE.read_text().strip() == str(number)
    try:
        yield
    finally:
        SCOPE.write_text("0\n")


@pytest.fixture
def user(newest):
    with plain_user(newest) as one:
        yield one


def assert_refused(outcome, *words):
    assert outcome.code == DENIED, f"exit code {outcome.code}: {outcome.err}"
    assert outcome.out == b"" and outcome.err.startswith("goshawk: "), outcome
    for word in words:
        assert word in " ".join(outcome.err.split()), f"{word!r} is not in: {outcome.err}"


def advised(outcome, pattern):
    """The command that a refusal advises."""
    (found,) = re.findall(pattern, " ".join(outcome.err.split()))
    return found


def advised_by_doctor(user, target):
    """What lasts longer than one command by root is the doctor's to say."""
    text = " ".join(user.goshawk("doctor", target.pid).out.decode().split())
    found = re.findall(SETCAP, text)
    assert len(set(found)) == 1, text
    return found[0]


def assert_right(report, target):
    differences = differences_of_leaks(report, target)
    assert not differences, "\n" + "\n".join(differences[:20])
    assert report["checked"]["leaked"] > 0


def entry_of(listing, target):
    (entry,) = [entry for entry in listing["targets"] if entry["target"]["pid"] == target.pid]
    return entry


def test_scope_0_allows_what_is_ones_own(user):
    with scope(0), user.running() as target:
        assert_right(user.goshawk_json("leaks", target.pid, "--all"), target)
        assert entry_of(user.goshawk_json("ps"), target)["inspectable"]


@COMMANDS
def test_scope_1_refuses_a_child_of_our_parent(user, command):
    with user.running() as target, scope(1):
        assert_refused(user.goshawk(*command, target.pid), "ptrace_scope is 1", "own parent or root", "sudo goshawk", "sysctl")
        assert target.command("ping")


def test_scope_1_sysctl_as_advised(user):
    with user.running() as target, scope(1):
        user.follow(advised(user.goshawk("leaks", target.pid), r"sudo sysctl -w \S+=\d"))
        assert_right(user.goshawk_json("leaks", target.pid, "--all"), target)


@pytest.mark.parametrize("number", [1, 2])
def test_sudo_as_advised(user, number):
    with user.running() as target, scope(number):
        assert "sudo goshawk" in user.goshawk("leaks", target.pid).err
        outcome = user.as_root("leaks", target.pid, "--all", "--format", "json")
        assert outcome.code == FINE, outcome.err
        assert_right(json.loads(outcome.out), target)


def test_scope_1_allows_a_child(user):
    with scope(1):
        outcome = user.run(sys.executable, HERE / "becomes_goshawk.py", user.tool, user.executable, "abandoned_result", "leaky")
    assert outcome.code == FINE, outcome.err
    report = json.loads(outcome.out)
    assert report["checked"]["leaked"] > 0 and report["findings"][0]["confidence"] == "proven"


def test_scope_1_allows_whom_the_target_names(user):
    with scope(1), user.running(under=[sys.executable, HERE / "lets_anybody_trace.py"]) as target:
        assert_right(user.goshawk_json("leaks", target.pid, "--all"), target)


@COMMANDS
def test_scope_2_refuses(user, command):
    with user.running() as target, scope(2):
        assert_refused(user.goshawk(*command, target.pid), "ptrace_scope is 2", "only root", "sudo goshawk")
        assert target.command("ping")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_setcap_as_advised(user, number):
    """With the capability, goshawk itself is a protected process: it must still find its way about its own /proc."""
    with user.running() as target:
        with scope(2):
            advice = advised_by_doctor(user, target)
        user.follow(advice)
        with scope(number):
            assert_right(user.goshawk_json("leaks", target.pid, "--all"), target)
            assert entry_of(user.goshawk_json("ps"), target)["inspectable"]
            saved = user.folder / "saved"
            outcome = user.goshawk("snapshot", target.pid, "-o", saved)
            assert outcome.code == FINE, outcome.err
            assert_right(user.goshawk_json("leaks", saved, "--all"), target)


def test_setcap_as_advised_for_what_is_roots(user):
    """That one capability opens the files of others in /proc too."""
    with user.running(**AS_ROOT) as target, scope(2):
        user.follow(advised_by_doctor(user, target))
        assert_right(user.goshawk_json("leaks", target.pid, "--all"), target)


@pytest.mark.parametrize("number", [1, 2])
def test_ps_names_what_it_may_not_open(user, number):
    with user.running() as target, scope(number):
        entry = entry_of(user.goshawk_json("ps"), target)
        assert not entry["inspectable"] and entry["target"]["go"].startswith("go1.")
        assert f"ptrace_scope is {number}" in entry["why_not"] and "sudo" in entry["why_not"]
        outcome = user.goshawk("ps")
        assert outcome.code == FINE
        assert max(map(len, outcome.out.decode().splitlines())) <= WIDEST, outcome.out.decode()
        assert str(target.pid) in outcome.out.decode().split()
        assert f"ptrace_scope is {number}" in outcome.out.decode() + outcome.err
    with scope(0):
        assert user.goshawk("ps", "-q").code == FINE


@pytest.mark.until_next_boot
def test_scope_3_leaves_only_cores(user):
    """Nobody may trace, root neither, and no sysctl takes it back."""
    place = user.folder / "crash"
    place.mkdir()
    place.chmod(0o777)
    with user.running() as target, user.running(environment={"GOTRACEBACK": "crash"}, cwd=place) as doomed:
        SCOPE.write_text("3\n")
        for outcome in (user.goshawk("leaks", target.pid), goshawk("leaks", target.pid), user.as_root("leaks", target.pid)):
            assert_refused(outcome, "ptrace_scope is 3", "next boot", "core")
        with pytest.raises(OSError):
            SCOPE.write_text("0\n")
        assert not entry_of(goshawk_json("ps"), target)["inspectable"]
        core = let_crash(doomed, place)
        assert_right(goshawk_json("leaks", core, "--all"), doomed)
