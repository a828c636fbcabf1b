"""A suite that was killed goes on where it was, and takes over nothing that failed, was changed, or came to its end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent

CONFTEST = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
import resumed
LEFT_OUT = []
def pytest_configure(config):
    config.pluginmanager.register(resumed.Resumed(config, LEFT_OUT))
def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"left out: {{LEFT_OUT}}")
"""

SUITE = """
import os, signal, conftest
def ran(name):
    with open("ran", "a") as file:
        file.write(name + " ")
def test_passes():
    ran("passes")
    conftest.LEFT_OUT.append(("something", "1.27.4", "a reason"))
def test_fails():
    ran("fails")
    assert os.path.exists("mended")
def test_is_killed():
    ran("is_killed")
    if not os.path.exists("calm"):
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_suite.py").write_text(SUITE)
    return tmp_path


def run(folder, *options):
    """(exit code, output, which tests were run)"""
    (folder / "ran").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "test_suite.py"], cwd=folder, capture_output=True, text=True,
        env={**{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}, "GOSHAWK_CACHE": str(folder / "cache"), "GOSHAWK_TEST_RESUME": "1"},
    )
    return done.returncode, done.stdout + done.stderr, (folder / "ran").read_text().split()


def test_what_passed_is_taken_over(suite):
    assert run(suite)[::2] == (-signal.SIGKILL, ["passes", "fails", "is_killed"])
    (suite / "calm").touch()
    code, output, ran = run(suite)
    assert code == 1 and ran == ["fails", "is_killed"] and "taken over: 1 tests" in output, output
    assert "left out: [('something', '1.27.4', 'a reason')]" in output, output
    (suite / "mended").touch()
    code, output, ran = run(suite)  # the one before came to its end
    assert code == 0 and ran == ["passes", "fails", "is_killed"] and "taken over" not in output, output


def test_a_part_that_ends_forgets_only_itself(suite):
    assert run(suite)[0] == -signal.SIGKILL
    (suite / "calm").touch()
    assert run(suite, "-k", "is_killed")[::2] == (0, ["is_killed"])
    assert run(suite)[::2] == (1, ["fails", "is_killed"])


def test_nothing_is_taken_over_by_another_suite(suite):
    assert run(suite)[0] == -signal.SIGKILL
    (suite / "calm").touch()
    (suite / "test_suite.py").write_text(SUITE + "\n# changed\n")
    _, output, ran = run(suite)
    assert ran == ["passes", "fails", "is_killed"] and "taken over" not in output, output


def test_failures_are_told_at_once(suite):
    code, output, _ = run(suite)
    assert code == -signal.SIGKILL and "test_suite.py::test_fails failed:" in output, output
