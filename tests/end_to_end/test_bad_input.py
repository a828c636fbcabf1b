"""Targets that cannot be read, and results that cannot be written: a clear message with the next step, the right exit code, and
no harm to the target."""

import fcntl
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import go_programs
from goshawk_command import DENIED, FINE, GOSHAWK, TIMEOUT_SECONDS, UNREADABLE, USAGE, goshawk, leaks
from judgement import differences_of_leaks
from running_program import RunningProgram, running

TOO_OLD = "1.18.10"
NOBODY = 65534
BOTH = pytest.mark.parametrize("command", ["leaks", "goroutines"])


def assert_refused(outcome, code, *words):
    assert outcome.code == code, f"exit code {outcome.code}: {outcome.err}"
    assert outcome.out == b""
    assert outcome.err.startswith("goshawk: ") and outcome.err.count("\n") <= 4, outcome.err
    for word in words:
        assert word.lower() in outcome.err.lower(), f"{word!r} is not in: {outcome.err}"


@contextmanager
def child(*arguments, **options):
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
    try:
        yield process
    finally:
        process.kill()
        process.stdin.close()
        process.stdout.close()
        process.wait()


@BOTH
def test_no_such_process(command):
    with child("/bin/true") as process:
        process.wait()
    assert_refused(goshawk(command, process.pid), UNREADABLE, "no process", str(process.pid))


@BOTH
@pytest.mark.parametrize("target", ["0", "-1", "abc", "1.5", "99999999999999999999", ""])
def test_no_pid(command, target):
    assert_refused(goshawk(command, "--", target), USAGE)


@pytest.mark.parametrize("arguments", [("leaks",), ("leaks", "1", "--no-such-flag"), ("no-such-command",), ("leaks", "1", "--format", "xml"), ("leaks", "1", "--fail-on", "certain"), ("goroutines", "1", "--state", "dozing"), ("explain", "no-such-rule")])
def test_usage(arguments):
    outcome = goshawk(*arguments)
    assert outcome.code == USAGE, outcome
    assert "goshawk" in outcome.err


@pytest.mark.parametrize("arguments, told", [
    (("leaks", "1", "--format"), "--format needs a value: text, json, sarif, junit, github, markdown or pprof"),
    (("goroutines", "1", "--min-age", "1.5"), '--min-age: "1.5" is no duration'),
    (("goroutines", "1", "--goid", "9-1"), '--goid: "9-1" is no goroutine id; give numbers and ranges'),
    (("goroutines", "1", "--function", "a("), "RE2 syntax"),
    (("goroutines", "1", "--state", "leaked"), "`goshawk leaks 1` shows the goroutines that are leaked"),
    (("goroutines", "1", "--al"), "did you mean --all?"),
    (("leaks", "1", "--rule", "nilchan"), "did you mean nil-channel?"),
    (("explain", "leaking-map"), "there is no rule"),
    (("12962", "leaks"), "`goshawk leaks 12962`"),
    (("stack", "12962"), 'there is no command "stack"; did you mean `goshawk goroutines 12962`?'),
])
def test_usage_names_what_was_meant(arguments, told):
    assert_refused(goshawk(*arguments), USAGE, told)


def test_two_dashes_before_the_target(newest):
    with running("blocked_receive", "leaky", newest) as target:
        assert goshawk("leaks", "--", target.pid).code == FINE


def test_name_of_a_program(newest, tmp_path):
    """A name is no target, since two may have it; but it is told which process has it."""
    executable = tmp_path / "orders"
    shutil.copy(go_programs.build(newest, "stripped"), executable)
    target = RunningProgram(executable, "blocked_receive", "leaky")
    try:
        for arguments in (("orders",), ("leaks", "orders"), ("goroutines", executable)):
            assert_refused(goshawk(*arguments), USAGE, f"did you mean {target.pid} (orders)?")
    finally:
        target.end()
    assert_refused(goshawk("orders"), USAGE, "`goshawk ps` lists them")


def test_errors_fit_the_terminal():
    """On a terminal of 60 columns a long message is broken between words, and nothing of it is lost."""
    terminal, ours = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    done = subprocess.run([GOSHAWK, "goroutines", "1", "--function", "a("], stderr=ours, timeout=TIMEOUT_SECONDS)
    os.close(ours)
    told = os.read(terminal, 65536).decode().replace("\r", "")
    os.close(terminal)
    assert done.returncode == USAGE
    assert max(map(len, told.splitlines())) <= 60 and told.count("\n") > 1, told
    assert " ".join(told.split()) == " ".join(goshawk("goroutines", "1", "--function", "a(").err.split())


@BOTH
def test_not_a_go_program(command):
    with child("/bin/sleep", "1000") as process:
        assert_refused(goshawk(command, process.pid), UNREADABLE, "not a Go program")
        assert process.poll() is None


@BOTH
def test_script_that_names_go(command):
    """The words of Go in a program's memory make no Go program of it."""
    with child(sys.executable, "-c", "text = 'Go buildinf: go1.27.4 runtime.main'; print(text, flush=True); input()") as process:
        process.stdout.readline()
        assert_refused(goshawk(command, process.pid), UNREADABLE, "not a Go program")


def test_kernel_thread():
    assert Path("/proc/2/cmdline").read_bytes() == b"", "process 2 is not a kernel thread here"
    assert goshawk("leaks", 2).code in (UNREADABLE, DENIED)


@contextmanager
def executable_by_all():
    """A copy of goshawk where somebody else may execute it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield shutil.copy(GOSHAWK, folder)


@BOTH
def test_process_of_somebody_else(command, newest):
    """Root's process, looked at by nobody."""
    assert os.geteuid() == 0, "run the end-to-end tests as root: they become somebody else for this"
    with running("blocked_receive", "leaky", newest) as target, executable_by_all() as tool:
        done = subprocess.run([tool, command, str(target.pid)], capture_output=True, text=True, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", timeout=TIMEOUT_SECONDS)
        assert done.returncode == DENIED, done.stderr
        assert "root" in done.stderr or "sudo" in done.stderr, f"no way out is named: {done.stderr}"
        assert target.command("ping")


@BOTH
def test_traced_by_another(command, newest):
    with running("blocked_receive", "leaky", newest) as target:
        holder = Path(__file__).with_name("ptrace_holder.py")
        with child(sys.executable, holder, str(target.pid)) as tracer:
            assert tracer.stdout.readline() == b"tracing\n"
            assert_refused(goshawk(command, target.pid), DENIED, "trace", str(tracer.pid))
            assert target.command("ping")
        assert goshawk(command, target.pid).code == FINE


@BOTH
def test_zombie(command):
    with child("/bin/true") as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert_refused(goshawk(command, process.pid), UNREADABLE, "zombie")


@BOTH
def test_zombie_of_a_go_program(command, newest):
    with running("blocked_receive", "leaky", newest) as target:
        target.process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, target.pid, os.WEXITED | os.WNOWAIT)
        assert_refused(goshawk(command, target.pid), UNREADABLE, "zombie")


def await_stopped(target):
    """A thread that is let go while its process is stopped runs for the instant that it takes to stop again."""
    deadline = time.monotonic() + 5
    while {target.status("State", thread)[0] for thread in target.threads()} != {"T"}:
        assert time.monotonic() < deadline, "the stopped process goes on"


def test_stopped_process_stays_stopped(newest):
    with running("blocked_receive", "leaky", newest) as target:
        target.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, target.pid, os.WSTOPPED | os.WNOWAIT)
        for _ in range(3):
            assert not differences_of_leaks(leaks(target.pid), target)
            await_stopped(target)
        target.process.send_signal(signal.SIGCONT)
        assert target.command("ping")


@pytest.mark.parametrize("flavour", ["dwarf", "stripped"])
@pytest.mark.parametrize("fate", ["deleted", "replaced", "overwritten name"])
def test_executable_that_changed(newest, flavour, fate, tmp_path):
    """What runs is read, not what has its name by now."""
    executable = tmp_path / "program"
    shutil.copy(go_programs.build(newest, flavour), executable)
    target = RunningProgram(executable, "blocked_receive", "leaky")
    try:
        executable.unlink()
        if fate == "replaced":
            shutil.copy(go_programs.build(go_programs.releases()[0], flavour), executable)
        elif fate == "overwritten name":
            executable.write_bytes(b"\x7fELF" + bytes(100))
        assert not differences_of_leaks(leaks(target.pid), target)
    finally:
        target.end()


def test_too_old_is_listed():
    """`ps` names what it may not or cannot look into, as long as the executable says that it is Go's."""
    target = RunningProgram(go_programs.build(TOO_OLD, "dwarf"), "blocked_receive", "leaky")
    try:
        told = json.loads(goshawk("ps", "--format", "json").out)
    finally:
        target.end()
    (entry,) = [entry for entry in told["targets"] if entry["target"]["pid"] == target.pid]
    assert not entry["inspectable"] and entry["target"]["go"] == f"go{TOO_OLD}" and "1.19" in entry["why_not"]


@BOTH
def test_go_too_old(command):
    target = RunningProgram(go_programs.build(TOO_OLD, "dwarf"), "blocked_receive", "leaky")
    try:
        assert_refused(goshawk(command, target.pid), UNREADABLE, "1.18", "1.19")
    finally:
        target.end()


@BOTH
def test_32_bit(command, newest):
    target = RunningProgram(go_programs.build(newest, "386"), "blocked_receive", "leaky")
    try:
        assert_refused(goshawk(command, target.pid), UNREADABLE, "32-bit")
    finally:
        target.end()


FOREIGN_GO = 'package main\nimport "fmt"\nfunc main() { fmt.Println("ready"); fmt.Scanln() }\n'
# TinyGo is in no Debian; this C program has the marks by which its executables are known, and none of the standard runtime's.
LIKE_TINYGO = """#include <stdio.h>
void tinygo_startTask(void) {}
int main(void) { puts("ready"); fflush(stdout); tinygo_startTask(); return getchar() == 0; }
"""


@BOTH
@pytest.mark.parametrize("compiler, source, suffix, told", [("gccgo-12", FOREIGN_GO, ".go", "gccgo"), ("gcc", LIKE_TINYGO, ".c", "TinyGo")])
def test_other_compilers(command, compiler, source, suffix, told, tmp_path):
    path = (tmp_path / "program").with_suffix(suffix)
    path.write_text(source)
    subprocess.run([compiler, "-o", tmp_path / "program", path], check=True)
    with child(tmp_path / "program") as process:
        assert process.stdout.readline() == b"ready\n"
        assert_refused(goshawk(command, process.pid), UNREADABLE, told)
        assert process.poll() is None


@pytest.mark.parametrize("arguments", [("goroutines", "--all"), ("goroutines", "--format", "json"), ("leaks", "--format", "json", "--all")])
def test_reader_that_leaves(newest, arguments):
    """As `goshawk ... | head -1`: no message, no death by signal that a shell would tell."""
    command, *options = arguments
    with running("crowd", "leaky", newest) as target:
        tool = subprocess.Popen([GOSHAWK, command, str(target.pid), *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert tool.stdout.read(1)
        tool.stdout.close()
        assert tool.wait(timeout=TIMEOUT_SECONDS) in (FINE, -signal.SIGPIPE)
        assert tool.stderr.read() == b""
        tool.stderr.close()
        assert target.command("ping")


@BOTH
def test_full_disk(command, newest):
    with running("crowd", "leaky", newest) as target:
        with open("/dev/full", "wb") as full:
            outcome = goshawk(command, target.pid, "--format", "json", stdout=full)
        assert outcome.code == UNREADABLE and "No space left" in outcome.err, outcome
        outcome = goshawk(command, target.pid, "-o", "/dev/full")
        assert outcome.code == UNREADABLE and "No space left" in outcome.err, outcome


@BOTH
def test_output_that_cannot_be_made(command, newest, tmp_path):
    with running("blocked_receive", "leaky", newest) as target:
        outcome = goshawk(command, target.pid, "-o", tmp_path / "missing" / "file")
        assert outcome.code in (UNREADABLE, DENIED, USAGE) and "missing" in outcome.err, outcome
