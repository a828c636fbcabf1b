"""Watching: a leak is found while it grows and proven, load is none, restarts and several processes are followed."""

import fcntl
import http.server
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import termios
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

import go_programs
from goshawk_command import FINDINGS, FINE, GOSHAWK, UNREADABLE, USAGE, goshawk, goshawk_json
from running_program import running

NEWEST = go_programs.releases()[-1]
PATIENCE_SECONDS = 60
ABANDON, KEEP = ("-abandon", "20ms"), ("-keep", "20ms")


@pytest.fixture(autouse=True)
def nobody_elses_files(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def shop(tmp_path):
    """The service, under a name that nothing else on this machine has."""
    executable = tmp_path / f"shop-{os.getpid()}"
    shutil.copy(go_programs.build(NEWEST, "dwarf", "shop"), executable)
    return executable


@contextmanager
def service(executable, *options):
    process = subprocess.Popen([executable, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()


@contextmanager
def receiver():
    """Who gets webhooks: busy at the first attempt. Its address, and what it has got: (path, JSON)."""
    received = []
    attempts = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            attempts.append(self.path)
            if len(attempts) > 1:
                received.append((self.path, json.loads(body)))
            self.send_response(200 if len(attempts) > 1 else 503)
            self.end_headers()

        def log_message(self, *_):
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/api/v2/alerts", received
        server.shutdown()


class Watch:
    """goshawk watch, whose lines are read as they come."""

    def __init__(self, *arguments, every="50ms"):
        self.process = subprocess.Popen(
            [GOSHAWK, "watch", *map(str, arguments), "--every", every],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self.lines = []
        self._pending = b""

    def await_line(self, pattern):
        deadline = time.monotonic() + PATIENCE_SECONDS
        seen = 0
        while True:
            for line in self.lines[seen:]:
                if re.search(pattern, line):
                    return line
            seen = len(self.lines)
            ready, _, _ = select.select([self.process.stdout], [], [], deadline - time.monotonic())
            assert ready, f"no line with {pattern} among {self.lines}"
            read = os.read(self.process.stdout.fileno(), 1 << 16)
            assert read, f"ended without {pattern}: {self.lines}; {self.process.stderr.read()}"
            *whole, self._pending = (self._pending + read).split(b"\n")
            self.lines += [line.decode() for line in whole]

    def end(self):
        self.process.send_signal(signal.SIGINT)
        out, self.err = self.process.communicate(timeout=PATIENCE_SECONDS)
        self.lines += (self._pending + out).decode().splitlines()
        return self.process.returncode

    def alerts(self):
        return [line for line in self.lines if "  ALERT  " in line]


def test_a_leak_is_proven_while_it_grows(shop, tmp_path):
    told = tmp_path / "alert.json"
    with service(shop, *ABANDON) as target, receiver() as (url, received):
        outcome = goshawk("watch", target.pid, "--every", "50ms", "--until-alert", "--exec", f"cat > {told}",
                          "--webhook", url, "--webhook-format", "alertmanager")
    assert outcome.err == ""
    text = outcome.out.decode()
    assert outcome.code == FINDINGS, outcome.err
    assert re.search(r"ALERT  .*: goroutines started in main.abandon \(main.go:\d+\) grow by \d+ a second since .*proven leaked", text), text
    assert "goroutine/abandoned-result" in text
    assert "will never run again" in text  # the report
    alert = json.loads(told.read_text())
    assert alert["schema"] == 1 and alert["confidence"] == "proven"
    assert alert["process"]["pid"] == target.pid and alert["process"]["name"] == shop.name
    assert alert["growing"]["what"] == "goroutines" and alert["growing"]["created_at"]["function"] == "main.abandon"
    assert 20 * 3600 < alert["growing"]["per_hour"] < 80 * 3600
    assert alert["picture"]["pause_ns"] > 0
    (finding,) = alert["findings"]
    assert finding["rule"] == "goroutine/abandoned-result" and finding["confidence"] == "proven"
    assert alert["fingerprint"] == finding["fingerprint"]
    assert alert["text"] in text
    ((path, (posted,)),) = received
    assert path == "/api/v2/alerts" and posted["labels"]["fingerprint"] == alert["fingerprint"]
    assert posted["labels"]["program"] == shop.name and posted["annotations"]["summary"] == alert["text"]

    # It is in the history, and no other watcher gives it again.
    kept = goshawk_json("history")
    assert [one["fingerprint"] for one in kept["alerts"]] == [alert["fingerprint"]]
    whats = {(one["what"], one.get("created_at", {}).get("function")): one for one in kept["series"]}
    assert {("goroutines", "main.abandon"), ("all-goroutines", None), ("heap", None), ("resident", None)} <= set(whats)
    (time_of, value), *_ = whats["goroutines", "main.abandon"]["points"]
    assert abs(time_of - time.time()) < 120 and value >= 3
    shown = goshawk("history").out.decode()
    assert shown.startswith("1 alert since") and f"{shop.name} {target.pid}: main.abandon (main.go:" in shown
    assert "no alert" in goshawk("history", "--match", "other").out.decode().lower()
    with service(shop, *ABANDON) as again:
        watch = Watch(again.pid)
        watch.await_line("there was an alert of this already")
        assert watch.end() == FINE


def test_a_broken_history_is_moved_aside(shop, tmp_path):
    history = tmp_path / "history.db"
    history.write_bytes(b"no database" * 1000)
    with service(shop) as target:
        outcome = goshawk("watch", target.pid, "--every", "20ms", "--for", "100ms", "--history", history)
    assert outcome.code == FINE
    assert f"{history} was broken: it is {history}.broken-" in outcome.err
    assert goshawk_json("history", "--history", history)["series"]


def test_without_a_place_for_a_history_it_watches_all_the_same(shop):
    with service(shop) as target:
        outcome = goshawk("watch", target.pid, "--every", "20ms", "--for", "100ms", "--history", "/proc/no/history.db")
    assert outcome.code == FINE and "goroutines, 1 timer, heap" in outcome.out.decode()
    assert outcome.err.startswith("goshawk: no history is kept for now: /proc/no/history.db")
    assert goshawk("history").code == UNREADABLE


def test_load_is_no_leak(shop):
    with service(shop, "-parked", "300") as target:
        outcome = goshawk("watch", target.pid, "--every", "20ms", "--for", "8s")
    assert outcome.code == FINE, outcome.out.decode()
    assert "ALERT" not in outcome.out.decode()
    assert outcome.err == ""


def test_growth_without_a_proof_is_no_alert_before_a_day_has_passed(shop):
    with service(shop, *KEEP) as target:
        watch = Watch(target.pid)
        line = watch.await_line("main.keep")
        assert "it may still be the load of the day, which is told tomorrow; a picture proved no leak" in line
        assert watch.end() == FINE
        assert not watch.alerts()
        outcome = goshawk("watch", target.pid, "--every", "50ms", "--alert-on", "suspected", "--no-picture", "--until-alert",
                          "--exec", "cat >&2; exit 3")
    assert outcome.code == FINDINGS
    alert, note = outcome.err.splitlines()
    assert json.loads(alert)["picture"] is None and json.loads(alert)["confidence"] == "suspected"
    assert "ended with code 3" in note


def test_a_service_is_found_again_after_its_restart(shop):
    watch = Watch("--match", shop.name)
    watch.await_line(f"no Go process called {shop.name} is there yet")
    with service(shop) as first:
        watch.await_line(f"{shop.name} {first.pid}: watched from now on")
    watch.await_line(f"{shop.name} {first.pid}: has ended")
    with service(shop, *ABANDON) as second:
        watch.await_line(f"{shop.name} {second.pid}: watched from now on")
        # Of the site, or of the sum, whichever is seen to grow first.
        assert f"{shop.name} {second.pid}: goroutines" in watch.await_line("ALERT")
        assert watch.end() == FINDINGS


def test_ten_processes_and_one_alert_of_what_is_the_same(shop):
    options = [ABANDON if number in (3, 7) else () for number in range(10)]
    with running_all(shop, options) as processes:
        watch = Watch("--match", shop.name[:-1] + "*")
        for process in processes:
            watch.await_line(f"{shop.name} {process.pid}: watched from now on")
        watch.await_line("ALERT")
        watch.await_line("there was an alert of this already")
        assert watch.end() == FINDINGS
    (alert,) = watch.alerts()
    assert any(f"{shop.name} {processes[number].pid}: " in alert for number in (3, 7))


def test_timers_that_pile_up_are_told_by_what_they_call(shop):
    with service(shop, "-remind", "3ms") as target:
        outcome = goshawk("watch", target.pid, "--every", "50ms", "--alert-on", "suspected", "--until-alert")
    text = outcome.out.decode()
    assert outcome.code == FINDINGS and re.search(r"ALERT  .*: timers grow by \d+ a second since .*see what the picture shows", text), text
    assert re.search(r"timers of time.AfterFunc will call\s+main.remind.func1", text), text
    assert "timers for main.remind.func1" in text


def test_a_heap_that_grows_is_told_by_its_holder_and_the_size_of_its_objects(shop):
    with service(shop, "-hold", "20ms") as target:
        outcome = goshawk("watch", target.pid, "--every", "50ms", "--alert-on", "suspected", "--until-alert")
    text = outcome.out.decode()
    assert outcome.code == FINDINGS, text
    assert re.search(r"ALERT  .*: Go's heap grows by .*, most of it memory in objects larger than 32 KB", text), text
    assert "main.pages holds" in text


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_an_endpoint_is_watched_over_the_restart_of_its_server(shop):
    address = f"127.0.0.1:{free_port()}"
    assert goshawk("watch", address, "--no-history").code == UNREADABLE
    options = (*ABANDON, "-hold", "20ms", "-endpoint", address)
    with service(shop, *options):
        await_answer(f"http://{address}/debug/pprof/")
        watch = Watch(address, "--alert-on", "suspected")
        assert re.search(f"{address}: \\d+ goroutines, heap", watch.await_line("goroutines, heap"))
        line = watch.await_line("ALERT .*goroutines")
        assert f"{address}: goroutines that stand in main.ask (main.go:" in line
        assert "a picture of the process tells who could still wake them: on its machine, goshawk leaks PID" in line
        watch.await_line("began in main.ask")
        # Of the whole heap or of what is allocated there, whichever is sure first.
        assert "memory allocated in main.hold (main.go:" in watch.await_line("ALERT .*heap")
    watch.await_line(f"{address}: does not answer: ")
    with service(shop, *options):
        watch.await_line(f"{address}: answers again")
        watch.await_line(f"{address}: was started anew")
        watch.await_line(f"{address}: goroutines that stand in main.ask .*there was an alert of this already")
        assert watch.end() == FINDINGS
    kept = goshawk_json("history", "--match", address)
    assert [one["process"] for one in kept["alerts"]] == [{"name": address, "url": f"http://{address}/debug/pprof/"}] * 2
    places = {(one["what"], one.get("place", {}).get("function")) for one in kept["series"]}
    assert {("goroutines-in", "main.ask"), ("all-goroutines", None), ("heap", None)} <= places and ("allocated", None) not in places


@contextmanager
def silent_server():
    """Takes connections and never answers. Its address, and the connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}", server


def test_several_are_watched_together_and_one_that_hangs_keeps_none_away(shop):
    first, second = (f"127.0.0.1:{free_port()}" for _ in range(2))
    with silent_server() as (silent, _), service(shop, "-endpoint", first), service(shop, "-endpoint", second) as other:
        for address in (first, second):
            await_answer(f"http://{address}/debug/pprof/")
        watch = Watch(first, second, silent, other.pid, "--timeout", "1s", "--verbose", every="100ms")
        for name in (first, second, f"{shop.name} {other.pid}"):
            watch.await_line(f"{name}: \\d+ goroutines")
        assert watch.end() == FINE
    assert watch.err.decode().count(f"{silent}: cannot be watched yet, and is asked again: ") == 1


def test_ctrl_c_does_not_wait_for_an_answer():
    with silent_server() as (silent, server):
        watch = Watch(silent, "--timeout", f"{10 * PATIENCE_SECONDS}s")
        connection, _ = server.accept()
        assert watch.end() == FINE
        connection.close()


def await_answer(url):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return urllib.request.urlopen(url).read()
        except urllib.error.URLError:
            assert time.monotonic() < deadline


def test_timers_and_the_heap_by_size_are_read_of_every_release(release):
    with running("unneeded", "fixed", release, "stripped") as target:
        target.command("functions 2000")
        watched = ("watch", target.pid, "--every", "10ms", "--for", "30ms", "--no-picture")
        assert goshawk(*watched).code == FINE
        series = {(one["what"], one.get("object_bytes")): one["points"][-1][1] for one in goshawk_json("history")["series"]}
    assert 2000 <= series["timers", None] <= 2010
    parts = {size: value for (what, size), value in series.items() if what == "heap-of-size"}
    assert 2000 * 1024 <= parts[1024] <= 2200 * 1024  # what each of them keeps
    assert sum(parts.values()) <= series["heap", None]


@contextmanager
def running_all(shop, options):
    if not options:
        yield []
        return
    with service(shop, *options[0]) as first, running_all(shop, options[1:]) as others:
        yield [first, *others]


def test_a_cgroup_has_its_processes(shop):
    own = Path("/proc/self/cgroup").read_text().splitlines()[-1].split(":", 2)[2]
    with service(shop) as target:
        outcome = goshawk("watch", "--cgroup", f"/sys/fs/cgroup{own}", "--every", "50ms", "--for", "100ms", "--no-picture", "--no-history")
        nothing = goshawk("watch", "--cgroup", "/no/such", "--for", "10ms", "--no-history")
    assert f"{shop.name} {target.pid}: watched from now on" in outcome.out.decode()
    assert "no Go process in cgroup /no/such is there yet: waiting" in nothing.out.decode()


def test_prometheus_reads_its_metrics(shop):
    with service(shop, *ABANDON) as target:
        watch = Watch(target.pid, "--metrics", "127.0.0.1:0")
        url = watch.await_line("metrics: ").rsplit(" ", 1)[1]
        watch.await_line("ALERT")
        families = await_metrics(url, "goshawk_alerts")
        ours = {"program": shop.name, "pid": str(target.pid)}
        (all_of_them,) = families["goshawk_goroutines"].samples
        assert all_of_them.labels == ours and all_of_them.value > 100
        sites = {one.labels["created_by"]: one.value for one in families["goshawk_site_goroutines"].samples}
        assert sites["main.main"] == 10 and sum(sites.values()) == all_of_them.value
        (growth,) = [one for one in families["goshawk_growth_per_second"].samples if one.labels["created_by"] == "main.abandon"]
        assert growth.labels["grade"] == "rising" and 20 < growth.value < 80
        (alert,) = families["goshawk_alerts"].samples
        assert alert.labels == {"program": shop.name, "confidence": "proven"} and alert.value == 1
        assert re.fullmatch("[0-9a-f]{16}", alert.exemplar.labels["fingerprint"])
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(url.replace("/metrics", "/"))
        assert watch.end() == FINDINGS


def await_metrics(url, family):
    """Those of the first sample in which there is something of this family."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": "application/openmetrics-text"})) as answer:
            assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
            families = {one.name: one for one in text_string_to_metric_families(answer.read().decode())}
        if families[family].samples:
            return families
    raise AssertionError(f"no {family}")


def test_it_ends_with_the_process(shop):
    with service(shop) as target:
        watch = Watch(target.pid)
        watch.await_line("goroutines, .*heap")
    watch.await_line("has ended")
    assert watch.process.wait(PATIENCE_SECONDS) == FINE


def test_a_terminal_shows_what_changes(shop):
    with service(shop, *ABANDON) as target:
        ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 110, 0, 0))
        process = subprocess.Popen(
            [GOSHAWK, "watch", str(target.pid), "--every", "50ms", "--until-alert"], stdin=subprocess.DEVNULL, stdout=its,
            stderr=subprocess.PIPE, env={**os.environ, "TERM": "xterm"},
        )
        os.close(its)
        shown = read_terminal(ours)
        assert process.wait(PATIENCE_SECONDS) == FINDINGS
        process.stderr.close()
    assert "1 process watched every 50 ms" in shown
    assert re.search("[\u2581-\u2588]{5}.*rising.*main.abandon", shown)


def read_terminal(descriptor):
    shown = b""
    while select.select([descriptor], [], [], PATIENCE_SECONDS)[0]:
        try:
            read = os.read(descriptor, 1 << 16)
        except OSError:  # nobody writes to it any more
            break
        shown += read
    os.close(descriptor)
    return shown.decode()


@pytest.mark.parametrize("arguments, code, why", [
    ((), USAGE, "watch takes one of: process ids and URLs, --match NAME, --cgroup PATH"),
    (("1", "--match", "shop"), USAGE, "watch takes one of"),
    (("999999999",), UNREADABLE, "999999999"),
    (("999999998", "999999999"), UNREADABLE, "999999998"),
    (("999999999", "999999999"), USAGE, "999999999 is named twice"),
    (("http://127.0.0.1:1/a", "127.0.0.1:1/a"), USAGE, "127.0.0.1:1/a is named twice"),
    (("--match", "shop", "--every", "1ms"), USAGE, "--every: \"1ms\" is too short"),
    (("--match", "shop", "--webhook", "nowhere"), USAGE, "nowhere"),
    (("--match", "shop", "--max-pause", "0"), USAGE, "--max-pause 0"),
    (("/dev/null",), USAGE, "regular file"),
])
def test_what_cannot_be_watched_is_refused(arguments, code, why):
    outcome = goshawk("watch", *arguments)
    assert (outcome.code, why in outcome.err) == (code, True), outcome.err


def test_what_is_no_go_program_is_refused():
    with subprocess.Popen(["sleep", "60"]) as other:
        outcome = goshawk("watch", other.pid)
        other.kill()
    assert outcome.code == UNREADABLE and "is not a Go program" in outcome.err, outcome.err
