"""Leaks told by the tests that made them: `goshawk exec` between go test and the test binaries of tests/test_runs.

What must be found stands in the names there: a test that has Leak in its name leaks, and no other does.
GOSHAWK_TEST_ALL_FLAVOURS=1 tries every release, and cgo and the race detector on each; else the oldest, a middle one and the
newest, and the race detector on the newest.
"""

import ctypes
import json
import os
import platform
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

import go_programs
from conftest import LEFT_OUT, RELEASES
from goshawk_command import GOSHAWK, goshawk

GOTESTSUM = "gotest.tools/gotestsum@v1.13.0"
GOLEAK = "go.uber.org/goleak@v1.3.0"
MODULE = go_programs.TESTS / "test_runs"
EVERYTHING = os.environ.get("GOSHAWK_TEST_ALL_FLAVOURS") == "1"
SOME = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]}, key=go_programs.minor)
CHOSEN = RELEASES if EVERYTHING else SOME
RACE = RELEASES if EVERYTHING else RELEASES[-1:]
for left in RELEASES:
    if left not in CHOSEN:
        LEFT_OUT.append(("test runs", left, "only with GOSHAWK_TEST_ALL_FLAVOURS=1 (script/test-all)"))
    if left not in RACE:
        LEFT_OUT.append(("test runs with -race", left, "only with GOSHAWK_TEST_ALL_FLAVOURS=1 (script/test-all)"))


def environment(release, **more):
    root = go_programs.goroot(release)
    return {**os.environ, "PATH": f"{root / 'bin'}:{os.environ['PATH']}", "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-buildvcs=false", **more}


def go(release, *arguments, **more):
    return subprocess.run(["go", *map(str, arguments)], cwd=MODULE, env=environment(release, **more), capture_output=True, text=True, timeout=600)


def go_test(release, package, *flags, ours="", **more):
    return go(release, "test", "-count=1", "-exec", f"{GOSHAWK} exec {ours}", *flags, f"./{package}", **more)


def events(output):
    """Each line is an event: what is no JSON would be a mistake of ours."""
    return [json.loads(line) for line in output.splitlines() if line]


def verdicts(output):
    """What go test's own reading of the output says of each of our subtests."""
    told = {}
    for event in events(output):
        test = event.get("Test", "")
        if event["Action"] in ("pass", "fail", "skip") and test.endswith("goshawk"):
            assert test not in told
            told[test.removesuffix("/goshawk")] = event["Action"]
    return told


def names_in(package):
    text = "".join(path.read_text() for path in (MODULE / package).glob("*_test.go"))
    return set(re.findall(r"^func ((?:Test|Example|Fuzz|Benchmark)\w*)\(", text, re.M)) - {"TestMain"}


def leaking(package):
    return {name for name in names_in(package) if "leak" in name.lower()}


@pytest.fixture(scope="module")
def test_binary(tmp_path_factory):
    binary = tmp_path_factory.mktemp("testrun") / "leaks.test"
    built = go(RELEASES[-1], "test", "-c", "-o", binary, "./leaks")
    assert built.returncode == 0, built.stderr
    return binary


@pytest.mark.parametrize("with_go", CHOSEN)
def test_each_leak_fails_below_its_own_test(with_go):
    done = go_test(with_go, "leaks", "-json", "-bench=.", "-benchtime=1x")
    assert verdicts(done.stdout) == dict.fromkeys(leaking("leaks"), "fail"), done.stdout + done.stderr
    last = events(done.stdout)[-1]
    assert (done.returncode, last["Action"]) == (1, "fail")
    own = {e["Action"] for e in events(done.stdout) if e["Action"] in ("pass", "fail", "skip") and e.get("Test") in names_in("leaks")}
    assert own == {"pass", "skip"}  # no other verdict for a test itself: it is there once more to have our subtest


@pytest.mark.parametrize("with_go", CHOSEN)
def test_what_leaks_nothing_passes(with_go):
    done = go_test(with_go, "correct", "-json", "-bench=.", "-benchtime=20x")
    assert done.returncode == 0 and verdicts(done.stdout) == {}, done.stdout + done.stderr


@pytest.mark.parametrize("with_go", RACE)
def test_with_the_race_detector_counts_and_shuffling(with_go):
    done = go_test(with_go, "leaks", "-json", "-race", "-shuffle=on", CGO_ENABLED="1")
    tests = {name for name in leaking("leaks") if not name.startswith("Benchmark")}
    assert verdicts(done.stdout) == dict.fromkeys(tests, "fail"), done.stdout + done.stderr


@pytest.mark.parametrize("with_go", RACE)
def test_what_leaks_nothing_passes_again_and_again(with_go, tmp_path):
    built = go(with_go, "test", "-c", "-race", "-o", tmp_path / "correct.test", "./correct", CGO_ENABLED="1")
    assert built.returncode == 0, built.stderr
    for _ in range(500 if EVERYTHING and with_go == RELEASES[-1] else 5):
        done = goshawk("exec", tmp_path / "correct.test", "-test.v", "-test.shuffle=on", "-test.count=2")
        assert done.code == 0 and b"No goroutine is proven to be leaked" in done.out, (done.out, done.err)


@pytest.mark.parametrize("flags", [["-buildmode=pie"], ["-ldflags=-s -w"], ["-cover"], ["-gcflags=-N -l"]], ids=lambda flags: flags[0])
def test_other_builds(flags):
    done = go_test(RELEASES[-1], "at_the_end", "-json", *flags)
    assert verdicts(done.stdout) == {"TestLastLeak": "fail"}, done.stdout + done.stderr


@pytest.mark.parametrize("with_go", RACE)
def test_with_c(with_go):
    done = go_test(with_go, "with_c", "-json", CGO_ENABLED="1")
    assert verdicts(done.stdout) == {"TestNapAndLeak": "fail"}, done.stdout + done.stderr


@pytest.mark.parametrize("with_go", CHOSEN)
def test_what_no_test_started_is_said_as_such(with_go):
    of_main = go_test(with_go, "under_main", "-json")
    assert verdicts(of_main.stdout) == {"TestMain": "fail", "TestOneLeak": "fail"}, of_main.stdout
    at_start = go_test(with_go, "at_start", "-json")
    assert verdicts(at_start.stdout) == {"init": "fail"}, at_start.stdout


@pytest.mark.parametrize("with_go", CHOSEN)
def test_a_leak_of_a_test_that_has_ended_is_that_ones(with_go):
    done = go_test(with_go, "afterwards", "-json")
    assert verdicts(done.stdout) == {"TestStarterLeak": "fail"}, done.stdout + done.stderr


@pytest.mark.parametrize("with_go", CHOSEN)
def test_one_that_leaks_now_and_then_fails_when_it_does(with_go, tmp_path):
    for count in (1, 3, 30):
        report = tmp_path / f"{count}.json"
        done = go_test(with_go, "flaky", "-v", f"-count={count}", ours=f"--report json={report}")
        leaks = done.stdout.count("it leaks")
        (target,) = json.loads(report.read_text())["targets"]
        assert done.returncode == (1 if leaks else 0), done.stdout + done.stderr
        assert [(finding["test"], finding["count"]) for finding in target["findings"]] == ([("TestSometimesLeak", leaks)] if leaks else [])


@pytest.mark.parametrize("with_go", CHOSEN)
def test_what_was_started_last_has_its_time(with_go):
    done = go_test(with_go, "at_the_end", "-json")
    assert verdicts(done.stdout) == {"TestLastLeak": "fail"}, done.stdout + done.stderr


@pytest.mark.parametrize("with_go", [release for release in CHOSEN if go_programs.minor(release) > 19])
def test_what_was_started_last_has_its_time_with_one_processor(with_go):
    done = go_test(with_go, "at_the_end", "-json", "-cpu=1")
    assert verdicts(done.stdout) == {"TestLastLeak": "fail"}, done.stdout + done.stderr


@pytest.mark.parametrize("with_go", CHOSEN)
def test_in_the_midst_of_collections_nothing_is_left_undecided(with_go, tmp_path):
    built = go(with_go, "test", "-c", "-o", tmp_path / "collecting.test", "./collecting")
    assert built.returncode == 0, built.stderr
    for _ in range(200 if EVERYTHING and with_go == RELEASES[-1] else 5):
        done = goshawk("exec", tmp_path / "collecting.test")
        assert done.code == 1 and "5 leaked, 0 undecided" in done.err, done.err


def test_what_ends_in_c_is_said(built):
    done = goshawk("exec", built("ends_in_c"))
    assert done.code == 0 and "exit in C" in done.err and "breakpoint" not in done.err, done.err


def test_a_loop_that_its_ticker_wakes_and_nobody_can_stop_is_likely_leaked(tmp_path):
    """With it who waits for its work. Before Go 1.21 a goroutine does not know who started it."""
    for release in SOME[1:]:
        assert go_test(release, "ticking").returncode == 0  # not proven: it runs again
        done = go_test(release, "ticking", "-json", ours=f"--fail-on likely --report json={tmp_path / 'leaks.json'}")
        assert verdicts(done.stdout) == {test: "fail" for test in leaking("ticking")}
        findings = json.loads((tmp_path / "leaks.json").read_text())["targets"][0]["findings"]
        assert sorted((one["test"], one["rule"], one["confidence"]) for one in findings) == [
            (test, rule, "likely") for test in ("Example_leak", "TestDroppedLeaks") for rule in ("goroutine/blocked-receive", "goroutine/runaway")]


def test_what_goes_on_for_ever_is_likely_leaked(tmp_path):
    """By its code, or because nobody can close its listener; its twins end, or may be ended."""
    for release in SOME[1:]:
        report = tmp_path / f"{release}.json"
        done = go_test(release, "endless", "-json", ours=f"--fail-on likely --report json={report}")
        assert verdicts(done.stdout) == {test: "fail" for test in leaking("endless")}, done.stdout + done.stderr
        findings = json.loads(report.read_text())["targets"][0]["findings"]
        assert sorted((one["test"], one["rule"], one["confidence"]) for one in findings) == [
            (test, "goroutine/io-wait" if "Listener" in test else "goroutine/runaway", "likely") for test in sorted(leaking("endless"))]
        assert {len(one["goids"]) for one in findings if one["test"] == "TestListenersBehindOthersLeak"} == {8}


@pytest.mark.parametrize("with_go", CHOSEN)
def test_more_than_the_name_of_a_test_is_told(with_go, tmp_path):
    report = tmp_path / "report.json"
    done = go_test(with_go, "origins", ours=f"--report json={report}")
    (target,) = json.loads(report.read_text())["targets"]
    told = {(finding["test"] or "", evidence) for finding in target["findings"] for evidence in finding["evidence"]}
    for test, words in (("TestTableLeak", "the test stood in goshawk.example/testruns/origins.TestTableLeak.func1 (origins_test.go:14)"),
                        ("TestWorkerLeak", "which lives on: if that serves other tests too"), ("", "was deeper in calls than the 50 that Go keeps"),
                        ("", "a timer started it (time.AfterFunc)")):
        assert any(test == of and words in text for of, text in told), (words, told)
    assert "1 Go process that it started (origins.test) was not examined" in done.stdout + done.stderr, done.stdout + done.stderr


def test_a_baseline_hides_no_other_test(tmp_path):
    def run(*flags):
        return subprocess.run([GOSHAWK, "test", *flags, "-count=1", "./leaks"], cwd=MODULE, env=environment(RELEASES[-1]), capture_output=True, text=True,
                              timeout=600)

    assert run("-run", "TestPlainLeak", "--report", f"json={tmp_path}/known.json").returncode == 1
    again = run("-run", "TestPlainLeak", "--baseline", f"{tmp_path}/known.json")
    assert again.returncode == 0, again.stdout
    more = run("-run", "TestPlainLeak|TestNestedLeak", "--baseline", f"{tmp_path}/known.json")  # by the same function
    assert more.returncode == 1 and "TestNestedLeak: 1 goroutine" in more.stdout and "TestPlainLeak: 1" not in more.stdout, more.stdout


def test_suppressions_in_vain_are_told_once_of_a_whole_run(tmp_path):
    known = tmp_path / "known.toml"
    entry = '[[suppress]]\nreason = "known"\ncreated_by = "{}"\n{}\n'
    known.write_text(entry.format("*/forgotten.Goroutine", "") + entry.format("nobody.here", "") + entry.format("*.Old", "until = 2020-01-01"))
    done = subprocess.run([GOSHAWK, "test", "-count=1", "-run=TestPlain", "./leaks", "./correct", "--suppressions", known], cwd=MODULE,
                          env=environment(RELEASES[-1]), capture_output=True, text=True, timeout=600)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and said.count("fit no leak of this run: line 5 (created_by nobody.here)") == 1, said
    assert said.count("have expired and suppress no longer: line 9") == 1 and "forgotten.Goroutine)" not in said, said


def test_our_options_behind_the_program_are_said_not_to_be_ours(test_binary):
    done = goshawk("exec", test_binary, "--fail-on", "likely")
    assert done.code == 2 and "Goshawk's own options come first" in done.err, done.err


def test_what_a_go_program_became_is_said(built):
    done = goshawk("exec", "sh", "-c", "exec true")
    assert done.code == 0 and "sh, true at its end, is no Go program" in done.err, done.err


def test_without_ancestors_what_is_left_tells():
    done = go_test(RELEASES[-1], "leaks", "-json", ours="--ancestors 0")
    told = verdicts(done.stdout)
    assert told.pop("goshawk") == "fail", done.stdout  # of those the go statement's function says nothing
    assert set(told) <= leaking("leaks")


def test_gotestsum_shows_it(tmp_path):
    release = RELEASES[-1]
    built = go(release, "install", GOTESTSUM, GOBIN=str(tmp_path), GOFLAGS="")
    assert built.returncode == 0, built.stderr
    done = subprocess.run([tmp_path / "gotestsum", "--format", "testname", "--junitfile", tmp_path / "junit.xml", "--", "-count=1", "-exec", f"{GOSHAWK} exec",
                           "./leaks", "./correct"], cwd=MODULE, env=environment(release), capture_output=True, text=True, timeout=600)
    assert done.returncode == 1 and "panic" not in done.stdout + done.stderr, done.stdout + done.stderr
    cases = ElementTree.parse(tmp_path / "junit.xml").getroot().iter("testcase")
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    assert failed == {f"{name}/goshawk" for name in leaking("leaks") if not name.startswith("Benchmark")}


def test_quiet_output_is_for_people():
    done = go_test(RELEASES[-1], "leaks")
    assert done.returncode == 1 and "=== RUN" not in done.stdout
    assert "TestNestedLeak: 1 goroutine" in done.stdout and "forgotten.go" in done.stdout
    assert done.stdout.rstrip().endswith("FAIL")


def test_what_may_not_fail_passes():
    done = go_test(RELEASES[-1], "leaks", "-json", ours="--fail-on never")
    assert done.returncode == 0 and set(verdicts(done.stdout).values()) == {"pass"}, done.stdout


def test_goshawk_test_finds_itself():
    done = subprocess.run([GOSHAWK, "test", "-count=1", "-run", "TestPlain$|TestPlainLeak", "-json", "./leaks"], cwd=MODULE, env=environment(RELEASES[-1]),
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 1 and verdicts(done.stdout) == {"TestPlainLeak": "fail"}, done.stdout + done.stderr
    assert "switches off Go's cache" in done.stderr
    assert goshawk("test", "-exec", "x", "./leaks").code == 2


def test_the_programs_own_exit_code_wins(test_binary):
    assert goshawk("exec", test_binary, "-test.run", "TestPlainLeak").code == 1
    assert goshawk("exec", "--leak-exit-code", "9", test_binary, "-test.run", "TestPlainLeak").code == 9
    assert goshawk("exec", test_binary, "-test.run", "TestPlain$").code == 0
    assert goshawk("exec", test_binary, "-test.nonsense").code == 2
    assert goshawk("exec", "/nowhere/at/all").code == 127
    assert goshawk("exec", "/etc/passwd").code == 126


def test_what_is_not_go_runs_and_is_told_once():
    done = goshawk("exec", "sh", "-c", "cat; exit 7", stdin=subprocess.DEVNULL)
    assert done.code == 7 and done.err.count("is no Go program") == 1


def test_we_die_of_the_programs_signal():
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGABRT):
        assert goshawk("exec", "sh", "-c", f"kill -{int(number)} $$").code == -number


def test_input_and_output_are_the_programs():
    done = subprocess.run([GOSHAWK, "exec", "sh", "-c", "tr a-z A-Z; echo oops >&2"], input=b"hello", capture_output=True, timeout=60)
    assert done.stdout == b"HELLO" and done.stderr.startswith(b"oops\n")


def test_a_signal_is_passed_on_once(tmp_path):
    script = "n=0; trap 'n=$((n+1))' TERM; echo ready; i=0; while [ $i -lt 20 ]; do sleep 0.05; i=$((i+1)); done; echo n=$n"
    for to_group in (False, True):
        with subprocess.Popen([GOSHAWK, "exec", "sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True) as run:
            assert run.stdout.readline() == "ready\n"
            os.killpg(run.pid, signal.SIGTERM) if to_group else os.kill(run.pid, signal.SIGTERM)
            assert run.stdout.read() == "n=1\n"
        assert run.returncode == 0


def test_the_program_goes_with_us(tmp_path):
    pid_file = tmp_path / "pid"
    with subprocess.Popen([GOSHAWK, "exec", "sh", "-c", f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; sleep 60"]) as run:
        while not pid_file.exists():
            assert run.poll() is None
            time.sleep(0.01)
        run.kill()
    pid = int(pid_file.read_text())
    for _ in range(1000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.01)
    raise AssertionError("it runs on")


def test_run_looks_at_each_go_process(test_binary):
    line = f"{test_binary} -test.run TestPlainLeak; {test_binary} -test.run TestPlain$; exit 0"
    done = goshawk("run", "--", "sh", "-c", line)
    assert done.code == 1 and "2 Go processes examined at the end" in done.err and "1 proven leaked" in done.err, done.err
    assert goshawk("exec", "sh", "-c", line).code == 0  # sub-processes are let alone


def test_reports_beside_the_output(test_binary, tmp_path):
    reports = [word for kind in ("json", "sarif", "junit", "markdown") for word in ("--report", f"{kind}={tmp_path}/%p.{kind}")]
    run = goshawk("exec", *reports, test_binary, "-test.run", "^TestPlainLeak$")
    assert run.code == 1
    (as_json,), (as_sarif,), (as_junit,), (as_markdown,) = (list(tmp_path.glob(f"*.{kind}")) for kind in ("json", "sarif", "junit", "markdown"))
    (target,) = json.loads(as_json.read_text())["targets"]
    assert [finding["test"] for finding in target["findings"]] == ["TestPlainLeak"] and target["name"] == "leaks.test"
    (sarif,) = json.loads(as_sarif.read_text())["runs"]
    assert [result["level"] for result in sarif["results"]] == ["error"]
    assert len(ElementTree.parse(as_junit).findall(".//failure")) == 1
    assert "TestPlainLeak" in as_markdown.read_text()


def test_one_report_of_all_packages(tmp_path):
    reports, temporary = tmp_path / "reports", tmp_path / "temporary"
    reports.mkdir()
    temporary.mkdir()
    flags = [word for name in ("json=all.json", "sarif=all.sarif", "junit=all.xml", "markdown=all.md", "json=each-%p.json")
             for word in ("--report", name.replace("=", f"={reports}/"))]
    done = subprocess.run([GOSHAWK, "test", *flags, "-count=1", "./under_main", "./at_the_end", "./correct"], cwd=MODULE, capture_output=True, text=True,
                          env=environment(RELEASES[-1], TMPDIR=str(temporary)), timeout=600)
    assert done.returncode == 1 and not list(temporary.glob("goshawk-*")), done.stdout + done.stderr
    targets = json.loads((reports / "all.json").read_text())["targets"]
    packages = [f"goshawk.example/testruns/{name}" for name in ("at_the_end", "correct", "under_main")]
    assert [target["name"] for target in targets] == packages
    assert [target["checked"]["leaked"] for target in targets] == [1, 0, 2]
    (sarif,) = json.loads((reports / "all.sarif").read_text())["runs"]
    assert sorted(result["properties"]["test"] for result in sarif["results"]) == ["TestLastLeak", "TestMain", "TestOneLeak"]
    suites = ElementTree.parse(reports / "all.xml").getroot().findall("testsuite")
    assert [(suite.get("name"), suite.get("failures")) for suite in suites] == list(zip(packages, "102"))
    assert "TestOneLeak" in (reports / "all.md").read_text() and len(list(reports.glob("each-*.json"))) == 3


def test_a_joined_report_that_cannot_be_written_is_said(tmp_path):
    done = subprocess.run([GOSHAWK, "test", "--report", f"json={tmp_path}/none/there.json", "-count=1", "./correct"], cwd=MODULE, capture_output=True, text=True,
                          env=environment(RELEASES[-1]), timeout=600)
    assert done.returncode == 3 and "there.json" in done.stderr
    assert goshawk("test", "--report", "sarif", "./correct").code == 2


def test_a_report_that_cannot_be_written_is_said(test_binary, tmp_path):
    run = goshawk("exec", "--report", f"json={tmp_path}/none/there.json", test_binary, "-test.run", "^TestNone$")
    assert run.code == 3 and "there.json" in run.err


def forbid_ptrace():
    """In a child before its exec: a seccomp filter under which ptrace(2) fails with EPERM, as container runtimes have."""
    number = {"x86_64": 101, "aarch64": 117}[platform.machine()]
    code = struct.pack("HBBI" * 4, 0x20, 0, 0, 0, 0x15, 0, 1, number, 0x06, 0, 0, 0x00050001, 0x06, 0, 0, 0x7FFF0000)
    instructions = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(instructions)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0


def test_without_leave_to_trace_nothing_runs_unless_that_is_wanted(test_binary):
    denied = goshawk("exec", test_binary, "-test.run", "TestPlain$", preexec_fn=forbid_ptrace)
    assert denied.code == 4 and denied.out == b"" and "--best-effort" in denied.err
    unexamined = goshawk("exec", "--best-effort", test_binary, "-test.run", "TestPlainLeak", preexec_fn=forbid_ptrace)
    assert unexamined.code == 0 and unexamined.out == b"PASS\n" and "unexamined" in unexamined.err


@pytest.mark.parametrize("ignored", [False, True])
def test_the_program_finds_its_signals_as_we_did(ignored):
    def prepare():
        signal.signal(signal.SIGPIPE, signal.SIG_IGN if ignored else signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])

    look = ["grep", "-E", "^Sig(Ign|Blk|Cgt)", "/proc/self/status"]
    alone = subprocess.run(look, capture_output=True, preexec_fn=prepare, restore_signals=False)
    assert subprocess.run([GOSHAWK, "exec", *look], capture_output=True, preexec_fn=prepare, restore_signals=False).stdout == alone.stdout


def test_a_stop_and_its_end_reach_the_program(test_binary):
    with subprocess.Popen([GOSHAWK, "exec", "sh", "-c", "echo $$; kill -STOP $$; echo on; exit 4"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as run:
        pid = int(run.stdout.readline())
        while "stopped" not in open(f"/proc/{pid}/status").read() and "tracing stop" not in open(f"/proc/{pid}/status").read():
            time.sleep(0.01)
        os.kill(pid, signal.SIGCONT)
        assert run.stdout.read() == "on\n"
    assert run.returncode == 4


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A program of tests/test_runs or one of its test binaries, by the name of its folder."""
    folder = tmp_path_factory.mktemp("built")

    def build(name):
        path = folder / name
        if not path.exists():
            how = ["build"] if (MODULE / name / "main.go").exists() else ["test", "-c"]
            done = go(RELEASES[-1], *how, "-o", path, f"./{name}")
            assert done.returncode == 0, done.stderr
        return path

    return build


class Run:
    """The service of tests/test_runs under `goshawk run`; it does what it is told by lines."""

    def __init__(self, command, *flags, by="run"):
        self.process = subprocess.Popen([GOSHAWK, by, *map(str, flags), "--", *map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        word, pid = self.process.stdout.readline().split()
        assert word == "ready"
        self.pid = int(pid)

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == line + "\n"

    def signal(self, number):
        os.kill(self.process.pid, number)

    def wait_for_line(self, words):
        """Of standard error; what came before it is gone."""
        for line in self.process.stderr:
            if words in line:
                return line
        raise AssertionError(f"it ended without {words}")

    def end(self):
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


def goroutines_leaked(report):
    (target,) = json.loads(report.read_text())["targets"]
    return target["checked"]["leaked"]


def wait_for_file(path):
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not come"
        time.sleep(0.01)


def test_a_signal_to_us_takes_a_picture_of_what_runs(built, tmp_path):
    run = Run([built("service")], "--report", f"json={tmp_path}/leaks.json")
    run.tell("leak")
    run.tell("spin")
    run.signal(signal.SIGUSR1)
    assert "(SIGUSR1): 1 Go process stood still for" in run.wait_for_line("picture 1")
    wait_for_file(tmp_path / "leaks.1.json")
    assert goroutines_leaked(tmp_path / "leaks.1.json") == 1 and not (tmp_path / "leaks.json").exists()
    run.tell("leak")
    run.signal(signal.SIGUSR1)
    assert "2 proven leaked" in run.wait_for_line("picture 2")
    code, err = run.end()
    assert code == 1 and "1 Go process examined at the end" in err, err
    assert goroutines_leaked(tmp_path / "leaks.json") == 2


def test_pictures_every_so_often_tell_nothing_twice(built, tmp_path):
    run = Run(["sh", "-c", f"{built('service')}; exit 0"], "--every", "100ms", "--report", f"json={tmp_path}/leaks.json")
    run.tell("leak")
    run.wait_for_line("proven leaked")
    run.wait_for_line("as told before")
    os.kill(run.pid, signal.SIGKILL)  # what was seen of it last counts
    code, err = run.end()
    assert code == 1 and "Killed" in err, err


def test_what_was_asked_to_end_and_does_not_is_looked_at(built):
    run = Run([built("service")])
    run.tell("stay")
    run.tell("leak")
    run.signal(signal.SIGINT)
    run.signal(signal.SIGTERM)
    assert "1 proven leaked" in run.wait_for_line("SIGTERM, the second time")
    run.tell("leak")  # it goes on
    assert run.end()[0] == 1


def test_run_tells_who_holds_the_heap(built):
    run = Run([built("service")])
    run.tell("keep")
    code, err = run.end()
    assert code == 0 and "who holds much of it" in err and "main.kept holds 20 MB" in err, err


def test_children_have_their_time_too(built):
    done = goshawk("run", "--", "sh", "-c", f"{built('at_the_end')}; exit 0")
    assert done.code == 1 and "1 proven leaked" in done.err, done.err


def test_a_child_that_outlives_the_command_ends_as_ever(built, tmp_path):
    os.mkfifo(tmp_path / "input")
    line = f"({built('service')} < {tmp_path}/input > {tmp_path}/out 2> /dev/null; echo $? > {tmp_path}/code.new; mv {tmp_path}/code.new {tmp_path}/code) 2> /dev/null & read unused; true"
    with subprocess.Popen([GOSHAWK, "run", "--", "sh", "-c", line], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        with open(tmp_path / "input", "w") as words:
            wait_for_file(tmp_path / "out")
            while "ready" not in (tmp_path / "out").read_text():
                time.sleep(0.01)
            run.stdin.close()
            assert run.wait(60) == 0 and "still run and were not examined" in run.stderr.read()
            words.write("leak\n")
    wait_for_file(tmp_path / "code")
    assert (tmp_path / "code").read_text() == "0\n"  # without a breakpoint of ours


def test_a_child_that_makes_threads_meanwhile_lives_on(built, tmp_path):
    """Those that are being made when all are let go are traced too."""
    line = f"{built('makes_threads')} > {tmp_path}/out 2> /dev/null & echo $! > {tmp_path}/pid; until grep -q ready {tmp_path}/out; do sleep 0.01; done"
    for _ in range(10):
        done = goshawk("run", "--", "sh", "-c", line)
        pid = int((tmp_path / "pid").read_text())
        assert done.code == 0 and "still run and were not examined" in done.err, done.err
        assert Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("by", ["exec", "run"])
def test_what_crashes_is_looked_at_too(built, by):
    run = Run([built("service")], by=by)
    run.tell("leak")
    run.process.stdin.write("crash\n")
    code, err = run.end()
    assert code == 2 and "panic: as told" in err and "1 goroutine will never run again" in err, err


@pytest.mark.parametrize("by", ["exec", "run"])
def test_what_is_killed_is_said_not_to_be_examined(built, by):
    run = Run([built("service")], by=by)
    run.tell("leak")
    os.kill(run.pid, signal.SIGKILL)
    code, err = run.end()
    assert code == -signal.SIGKILL and err.count("service was killed") == 1 and "never run again" not in err, err


@pytest.fixture
def little_memory():
    """A cgroup with 64 MB, of either version."""
    for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        group = f"{root}/goshawk-{os.getpid()}"
        try:
            os.mkdir(group)
        except OSError:
            continue
        try:
            if os.path.exists(f"{group}/{limit}"):
                with open(f"{group}/{limit}", "w") as file:
                    file.write(str(64 << 20))
                yield group
                return
        finally:
            os.rmdir(group)
    pytest.skip("needs a cgroup of its own for memory")


@pytest.mark.parametrize("by", ["exec", "run"])
def test_what_the_kernel_kills_for_want_of_memory_is_said(built, little_memory, by):
    run = Run(["sh", "-c", f"echo $$ > {little_memory}/cgroup.procs && exec {built('service')}"], by=by)
    run.tell("leak")
    run.process.stdin.write("fill\n")
    code, err = run.end()
    assert code == -signal.SIGKILL and err.count("service was killed (SIGKILL, or for want of memory)") == 1, err


def test_what_ignores_its_signal_is_waited_for(built):
    run = Run([built("service")], by="exec")
    run.tell("stay")
    run.signal(signal.SIGTERM)
    run.tell("leak")
    assert run.end()[0] == 1


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_what_is_closed_stays_closed_and_is_no_file_of_ours(test_binary, tmp_path, closed):
    def close():
        for descriptor in closed:
            os.close(descriptor)

    report = tmp_path / "report.json"
    done = subprocess.run([GOSHAWK, "exec", "--report", f"json={report}", test_binary, "-test.v", "-test.run=TestPlainLeak"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=close, timeout=60)
    assert done.returncode == 1 and goroutines_leaked(report) == 1
    seen = "".join(f"test -e /proc/$$/fd/{descriptor} && exit 9; " for descriptor in closed)
    script = ["sh", "-c", f"{seen}exit 4"]  # a shell opens none of these
    assert subprocess.run([GOSHAWK, "exec", *script], preexec_fn=close, timeout=60).returncode == 4


@pytest.fixture
def readable_by_all():
    """A folder with goshawk in it that another user may enter, and a command that runs as that one."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root, and setpriv")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        shutil.copy(GOSHAWK, f"{folder}/goshawk")
        yield folder, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"{folder}/goshawk"]


def test_as_another_user(readable_by_all, test_binary):
    folder, as_nobody = readable_by_all
    shutil.copy(test_binary, f"{folder}/leaks.test")
    tested = [f"{folder}/leaks.test", "-test.run=TestPlainLeak"]
    assert goshawk("exec", "setpriv", "--reuid=65534", "--clear-groups", *tested, cwd=folder).code == 1
    assert goshawk("run", "--", "setpriv", "--reuid=65534", "--clear-groups", *tested, cwd=folder).code == 1

    def run(*words):
        return subprocess.run([*as_nobody, *words], cwd=folder, capture_output=True, text=True, timeout=60)

    assert run("exec", *tested).returncode == 1
    os.chmod(tested[0], 0o711)  # it may be executed, and nothing more
    denied = run("exec", *tested)
    assert denied.returncode == 3 and "was not examined" in denied.stderr and "no Go program" not in denied.stderr, denied.stderr
    assert run("exec", "--best-effort", *tested).returncode == 0
    shutil.copy("/usr/bin/id", f"{folder}/id")
    os.chmod(f"{folder}/id", 0o4755)
    for words in (["exec", f"{folder}/id", "-u"], ["run", "--", "sh", "-c", f"{folder}/id -u; exit 0"]):
        powerless = run(*words)
        assert powerless.stdout == "65534\n" and "without the privileges" in powerless.stderr, powerless.stderr
    assert run("exec", "sh", "-c", f"{folder}/id -u; exit 0").stdout == "0\n"  # a child is let alone


def test_goleak_works_inside_and_sees_no_leak_that_we_do_not(tmp_path):
    release, module = RELEASES[-1], tmp_path / "module"
    shutil.copytree(MODULE, module)
    (module / "leaks" / "main_test.go").write_text(
        'package leaks\n\nimport (\n\t"testing"\n\n\t"go.uber.org/goleak"\n)\n\nfunc TestMain(m *testing.M) { goleak.VerifyTestMain(m) }\n')

    def go_there(*words):
        return subprocess.run(["go", *words], cwd=module, env=environment(release, GOFLAGS="-mod=mod"), capture_output=True, text=True, timeout=600)

    fetched = go_there("get", GOLEAK)
    assert fetched.returncode == 0, fetched.stderr
    report = tmp_path / "report.json"
    done = go_there("test", "-count=1", "-exec", f"{GOSHAWK} exec --report json={report}", "./leaks")
    assert done.returncode == 1, done.stdout + done.stderr
    (target,) = json.loads(report.read_text())["targets"]
    proven = {goid for finding in target["findings"] if finding["confidence"] == "proven" for goid in finding["goids"]}
    of_goleak = dict(re.findall(r"Goroutine (\d+) in state [^,]*, with (\S+) on top", done.stdout))
    assert len(proven) == len(leaking("leaks")) - 1 and proven <= set(map(int, of_goleak)), done.stdout
    (alive,) = [function for goid, function in of_goleak.items() if int(goid) not in proven]
    assert "TestServiceOfAGlobal" in alive  # somebody can wake it
