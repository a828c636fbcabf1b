"""What users and scripts read: the fixed names of the JSON, the filters, the texts."""

import json
import os
import re
import subprocess
from contextlib import contextmanager

import pytest

from goshawk_command import FINDINGS, FINE, goroutines, goshawk, leaks
from running_program import running
from stopped_program import stop_at_rest

FRAME = {"function", "file", "line", "pc"}


def assert_frame(frame):
    assert FRAME <= frame.keys() and isinstance(frame["line"], int) and int(str(frame["pc"]), 0) >= 0


def test_shape_of_leaks(newest):
    with running("abandoned_result", "leaky", newest, "stripped") as target:
        report = leaks(target.pid)
    assert report["schema"] == 1
    assert {"kind": "process", "pid": target.pid, "go": f"go{newest}", "arch": "amd64"}.items() <= report["target"].items()
    assert report["target"]["exe"].endswith("/patterns")
    assert report["picture"].keys() >= {"way", "pause_ns", "bytes_read"}
    assert 0 < report["picture"]["pause_ns"] < 5_000_000_000 and report["picture"]["bytes_read"] > 0
    assert report["checked"].keys() >= {"goroutines", "alive", "leaked", "likely", "parked", "suppressed", "unknown", "unknown_reasons"}
    (finding,) = report["findings"]
    assert finding.keys() >= {"rule", "confidence", "count", "goids", "fingerprint", "wait_reason", "blocked_at", "created_at", "stack", "test", "cost", "rate", "evidence", "advice"}
    assert (finding["rule"], finding["confidence"], finding["count"]) == ("goroutine/abandoned-result", "proven", 5)
    assert finding["wait_reason"] == "chan send"
    assert finding["blocked_at"]["function"] == "main.handle.func1" and finding["created_at"]["function"] == "main.handle"
    assert finding["cost"].keys() >= {"stack_bytes", "retained_bytes"}
    assert finding["evidence"] and finding["advice"]
    for frame in [finding["blocked_at"], finding["created_at"], *finding["stack"]]:
        assert_frame(frame)


def test_goroutines_are_counted_by_one_rule(newest, tmp_path):
    """The program's own, and beside them the runtime's."""
    with running("abandoned_result", "leaky", newest, "stripped") as target:
        stop_at_rest(target)
        everyone = goroutines(target.pid, "--system")["goroutines"]
        system = sum(one["system"] for one in everyone)
        own = len(everyone) - system
        listed = goshawk("goroutines", target.pid).out.decode()
        checked = goshawk("leaks", target.pid).out.decode()
        examined = goshawk("doctor", target.pid).out.decode()
        saved = goshawk("snapshot", target.pid, "-o", tmp_path / "picture").err
        processes = goshawk("ps", env={**os.environ, "COLUMNS": "200"}).out.decode()
        report = leaks(target.pid)["checked"]
    assert system > 0
    assert listed.startswith(f"{own} goroutines, ") and f"not shown: {system} of the runtime's own" in listed, listed
    both = f"{own} goroutines and {system} of the runtime's own"
    assert f"\n{both} checked: " in checked and both in examined and both in saved, (checked, examined, saved)
    (line,) = [line for line in processes.splitlines() if line.split()[:1] == [str(target.pid)]]
    assert line.split()[2] == str(own), line
    assert (report["goroutines"], report["runtime_goroutines"]) == (own + system, system)


def test_fingerprint_survives(release, newest):
    """The same leak in another release, stripped or not, is the same finding."""
    told = []
    for one, flavour in ((release, "dwarf"), (newest, "stripped")):
        with running("abandoned_result", "leaky", one, flavour) as target:
            told.append(leaks(target.pid)["findings"][0]["fingerprint"])
    assert told[0] == told[1]


def test_shape_of_goroutines(newest):
    with running("pprof_labels", "leaky", newest) as target:
        report = goroutines(target.pid)
    assert report["schema"] == 1 and report["target"]["pid"] == target.pid
    for goroutine in report["goroutines"]:
        assert goroutine.keys() >= {"goid", "status", "wait_reason", "wait_ns", "labels", "waits_on", "created_by", "creator_goid", "stack"}
        for frame in goroutine["stack"]:
            assert_frame(frame)
        for wait in goroutine["waits_on"]:
            assert wait.keys() >= {"kind", "address", "remote"}
    labels = [g["labels"] for g in report["goroutines"] if g["goid"] in target.claims]
    assert {"handler": "/checkout"} in labels and {} in labels
    assert {"handler": "/cart", "tenant": "acme", "zone": 'eu\nwest "1"'} in labels


def test_waits_name_the_channel(release):
    """Goroutines that wait for one channel show the same address, in all three kinds of wait."""
    with running("forgotten_worker", "leaky", release) as target:
        waits = [g["waits_on"] for g in goroutines(target.pid)["goroutines"] if g["goid"] in target.claims]
    assert len(waits) == 4 and all(len(w) == 1 and w[0]["kind"] == "receive" for w in waits)
    assert len({w[0]["address"] for w in waits}) == 1


@pytest.mark.parametrize("options, expected", [
    (["--state", "waiting", "--function", "blockedSelect"], 2),
    (["--wait-reason", "select", "--function", "blockedSelect"], 2),
    (["--wait-reason", "chan receive", "--function", "blockedSelect"], 0),
    (["--function", "no such function"], 0),
    (["--state", "running", "--function", "blockedSelect"], 0),
    (["--state", "running, waiting", "--function", r"^main\.blockedSelect(\.func\d+)?$"], 2),
    (["--function", r"(?i)BLOCKEDselect\b"], 2),
    (["--function", r"blocke\dSelect"], 0),
])
def test_filters(newest, options, expected):
    with running("blocked_select", "leaky", newest) as target:
        assert len(goroutines(target.pid, *options)["goroutines"]) == expected


def test_goids_and_ranges(newest):
    with running("blocked_select", "leaky", newest) as target:
        everyone = [g["goid"] for g in goroutines(target.pid, "--system")["goroutines"]]
        assert [g["goid"] for g in goroutines(target.pid, "--goid", f"1, 2-{max(everyone)}")["goroutines"]] == everyone
        missing, some = goshawk("goroutines", target.pid, "--goid", "424242"), goshawk("goroutines", target.pid, "--goid", "1,424242,500000-500009")
    assert missing.code == FINE and missing.out == b""
    assert f"process {target.pid} has no goroutine 424242" in missing.err, missing.err
    assert some.out.startswith(b"goroutine 1 [") and "has no goroutine 424242 and 500000-500009" in some.err


def test_main_has_no_creator(release):
    with running("forgotten_worker", "leaky", release, "stripped") as target:
        creators = {g["goid"]: g["created_by"] for g in goroutines(target.pid)["goroutines"]}
    assert creators[1] is None
    assert all(creators[goid] is not None for goid in target.claims)


def test_ages_that_the_runtime_did_not_note(newest):
    """Without a collection no wait has a known begin: a filter by age says so instead of calling all of them young."""
    with running("blocked_select", "leaky", newest, environment={"GOGC": "off"}) as target:
        listed = goroutines(target.pid)["goroutines"]
        assert {g["wait_ns"] for g in listed if g["goid"] in target.claims} == {None}
        old, young = goshawk("goroutines", target.pid, "--min-age", "1.5m"), goshawk("goroutines", target.pid, "--max-age", "1.5m")
        dump = goshawk("goroutines", target.pid, "--min-age", "1.5m", "--all")
    assert re.match(r"0 goroutines, .*\n.*\n\n\d+ goroutines wait for an unknown time and are not among these:", old.out.decode()), old.out.decode()
    assert "for an unknown time and are among these all the same" in " ".join(young.out.decode().split())
    assert dump.out == b"" and "for an unknown time" in dump.err
    assert old.err == ""


def test_labels_need_no_all(newest):
    with running("pprof_labels", "leaky", newest) as target:
        text = goshawk("goroutines", target.pid, "--labels").out.decode()
    assert re.search(r'^goroutine \d+ \[.*\] \{.*handler: .*checkout', text, re.M), text[:1000]


def test_text_is_as_wide_as_columns_says(newest):
    def width(columns):
        text = goshawk("goroutines", target.pid, env={**os.environ, "COLUMNS": columns}).out.decode()
        return max(len(line) for line in text.splitlines() if "forgottenWorker" in line)

    with running("forgotten_worker", "leaky", newest) as target:
        assert width("60") <= 60 < width("100") <= 100
        assert width("nonsense") == width("0") == width("100")


def test_text_of_leaks(release):
    with running("abandoned_result", "leaky", release, "stripped") as target:
        short, bare = goshawk("leaks", target.pid), goshawk(target.pid)
    assert short.code == FINE and bare.code == FINE
    text = short.out.decode()
    for word in ("abandoned-result", "main.handle.func1", "channels.go", "5", "proven"):
        assert word in text, f"{word!r} is not in:\n{text}"
    assert len(text.splitlines()) < 50 and "\x1b" not in text
    assert "abandoned-result" in bare.out.decode()


def test_text_without_leaks_says_what_was_checked(release):
    with running("abandoned_result", "fixed", release, "stripped") as target:
        outcome = goshawk("leaks", target.pid)
    assert outcome.code == FINE
    assert re.search(r"\b[0-9]+ goroutines", outcome.out.decode()), outcome.out.decode()


def test_fail_on(newest):
    with running("abandoned_result", "leaky", newest) as target:
        assert goshawk("leaks", target.pid, "--fail-on", "proven").code == FINDINGS
        assert goshawk("leaks", target.pid, "--fail-on", "never").code == FINE
        assert goshawk("leaks", target.pid, "--rule", "goroutine/mutex", "--fail-on", "proven").code == FINE
        assert goshawk("leaks", target.pid, "--rule", "mutex,Abandoned-Result", "--fail-on", "proven").code == FINDINGS
    with running("abandoned_result", "fixed", newest) as target:
        assert goshawk("leaks", target.pid, "--fail-on", "proven").code == FINE


def test_grouped_list(newest):
    with running("forgotten_worker", "leaky", newest) as target:
        text = goshawk("goroutines", target.pid).out.decode()
    assert re.search(r"\b4\b", text) and "main.worker" in text and "chan receive" in text


def test_list_of_processes(release):
    with running("forgotten_worker", "leaky", release, "stripped") as target:
        outcome = goshawk("ps")
        told = goshawk("ps", "--format", "json")
    assert outcome.code == FINE, outcome.err
    (line,) = [line for line in outcome.out.decode().splitlines() if line.split()[:1] == [str(target.pid)]]
    assert release in line
    (entry,) = [entry for entry in json.loads(told.out)["targets"] if entry["target"]["pid"] == target.pid]
    assert entry["target"]["arch"] == {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    assert entry["target"]["go"] == f"go{release}"


def test_list_of_processes_has_hosts_of_libraries(newest):
    """Python with Go in a library is listed with it, Python without is not."""
    with running("in_a_library", "leaky", newest, "python") as target, running_python() as other:
        text, told = goshawk("ps").out.decode(), json.loads(goshawk("ps", "--format", "json").out)
    pids = [entry["target"]["pid"] for entry in told["targets"]]
    assert target.pid in pids and other.pid not in pids
    entry = told["targets"][pids.index(target.pid)]
    assert [os.path.basename(path) for path in entry["target"]["libraries"]] == ["libgo.so"]
    assert "python3" in entry["target"]["exe"] and entry["target"]["go"] == f"go{newest}"
    assert entry["inspectable"] and entry["goroutines"] >= len(target.claims)
    (line,) = [line for line in text.splitlines() if line.split()[:1] == [str(target.pid)]]
    assert re.search(r"python3\S* \(libgo\.so\)$", line) and len(line) <= 100, line


@contextmanager
def running_python():
    """Which has started, and waits for input."""
    process = subprocess.Popen(["/usr/bin/python3", "-c", "print(flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_list_of_processes_is_only_a_list(newest):
    """What could not be looked at is told apart, so that a script takes no pid from it."""
    with running("forgotten_worker", "leaky", newest) as target:
        ids, text = goshawk("ps", "-q"), goshawk("ps")
    assert str(target.pid) in ids.out.decode().split() and ids.err == ""
    assert all(re.fullmatch(r"\d+", line) for line in ids.out.decode().splitlines())
    assert b"could not be looked at" not in text.out
    assert all(line.startswith("goshawk: process") for line in text.err.splitlines() if line), text.err


def test_output_file(newest, tmp_path):
    path = tmp_path / "leaks.json"
    with running("forgotten_worker", "leaky", newest) as target:
        outcome = goshawk("leaks", target.pid, "--format", "json", "-o", path)
    assert outcome.code == FINE and outcome.out == b""
    assert json.loads(path.read_text())["checked"]["leaked"] == 4
