"""What users and scripts read: the fixed names of the JSON, the filters, the texts."""

import json
import re

import pytest

from goshawk_command import FINDINGS, FINE, goroutines, goshawk, leaks
from running_program import running

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
])
def test_filters(newest, options, expected):
    with running("blocked_select", "leaky", newest) as target:
        assert len(goroutines(target.pid, *options)["goroutines"]) == expected


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
    if told.code == FINE:
        assert json.loads(told.out)


def test_output_file(newest, tmp_path):
    path = tmp_path / "leaks.json"
    with running("forgotten_worker", "leaky", newest) as target:
        outcome = goshawk("leaks", target.pid, "--format", "json", "-o", path)
    assert outcome.code == FINE and outcome.out == b""
    assert json.loads(path.read_text())["checked"]["leaked"] == 4
