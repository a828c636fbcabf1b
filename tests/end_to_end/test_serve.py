"""goshawk serve: what it answers is what the other commands say, whoever may not ask is refused, and no client, however hostile, keeps
the others from being answered."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
from contextlib import contextmanager

import pytest

import flavours
import go_programs
from conftest import RELEASES
from goshawk_command import DENIED, FINE, GOSHAWK, TIMEOUT_SECONDS, UNREADABLE, USAGE, goshawk, goshawk_json, leaks
from running_program import running
from test_allocations import compare
from test_pprof import traces

oldest_and_newest = pytest.mark.parametrize("some", sorted({RELEASES[0], RELEASES[-1]}, key=go_programs.minor))
TOKEN = "a-token-that-nobody-guesses"


class Serving:
    def __init__(self, pid, *arguments):
        self.process = subprocess.Popen(
            [GOSHAWK, "serve", str(pid), "--listen", "127.0.0.1:0", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        first = self.process.stdout.readline()
        assert first, self.process.stderr.read()
        self.url = re.search(r"http://\S+?(?=/debug/pprof/)", first)[0]
        self.port = int(self.url.rsplit(":", 1)[1])

    def ask(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        answer.content = answer.read()
        connection.close()
        return answer

    def get(self, path):
        answer = self.ask(path)
        assert answer.status == 200, answer.content
        return answer.content

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        rest, told = self.process.communicate(timeout=TIMEOUT_SECONDS)
        assert self.process.returncode == FINE, told
        return told


@contextmanager
def serving(pid, *arguments):
    served = Serving(pid, "--min-interval", "0s", *arguments)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.end()


def settled(text):
    """Without the goroutine that reads commands, and without ages."""
    blocks = re.sub(r", \d+ minutes", "", text).split("\n\n")
    return [block.strip() for block in blocks if "truth.serve" not in block]


@oldest_and_newest
def test_goroutines_are_what_the_command_lists(some, tmp_path):
    ours, served = tmp_path / "ours.pb.gz", tmp_path / "served.pb.gz"
    with running("http_handler_timeout", "leaky", some, "stripped") as target, serving(target.pid) as server:
        assert goshawk("goroutines", target.pid, "--format", "pprof", "-o", ours).code == FINE
        served.write_bytes(server.get("/debug/pprof/goroutine"))
        assert traces(served) == traces(ours)
        dump = goshawk("goroutines", target.pid, "--all").out.decode()
        assert settled(server.get("/debug/pprof/goroutine?debug=2").decode()) == settled(dump)
        counts = server.get("/debug/pprof/goroutine?debug=1").decode()
        assert f"goroutine profile: total {len(dump.strip().split(chr(10) * 2))}\n" in counts
        assert re.search(r"^2 @( 0x[0-9a-f]+)+\n#\t0x[0-9a-f]+\tmain\.httpHandlerTimeout\.func1\+0x", counts, re.M), counts
        leaked = server.get("/debug/pprof/goroutineleak?debug=1").decode()
        assert leaked.startswith("goroutineleak profile: total 2\n2 @") and "\tmain.httpHandlerTimeout.func1+0x" in leaked


def own_of(profile):
    """Of inlined calls the text has one address for all: totals are not told, nor who of the runtime is called by whom."""
    return {one["function"]: (one["own"], one["own_count"]) for one in goshawk_json("heap", profile)["functions"] if one["own"] > 0 and one["function"].startswith("main.")}


@oldest_and_newest
def test_gos_own_tool_reads_it_over_http(some, tmp_path):
    tool = go_programs.goroot(RELEASES[-1]) / "bin" / "go"
    environment = {**go_programs.go_environment("patterns", flavours.flavour("dwarf")), "PPROF_TMPDIR": str(tmp_path)}
    theirs, served = tmp_path / "theirs.pb.gz", tmp_path / "served.pb.gz"
    with running("allocations", "leaky", some, "stripped", environment={"RATE": "1"}) as target, serving(target.pid) as server:
        target.command("collect")

        def top(path):
            return subprocess.run([tool, "tool", "pprof", "-top", server.url + path], capture_output=True, text=True, env=environment)

        target.command(f"heapprofile {theirs}")
        served.write_bytes(server.get("/debug/pprof/heap"))
        compare(served, theirs, 1)
        as_text = tmp_path / "served.txt"
        as_text.write_bytes(server.get("/debug/pprof/heap?debug=1"))
        assert own_of(as_text) == own_of(served)
        heap = top("/debug/pprof/heap")
        assert "Type: inuse_space" in heap.stdout and " main.leaf" in heap.stdout, heap.stderr
        assert " 100% of " in top("/debug/pprof/goroutine").stdout
        assert "404 Not Found - profile is not served: a CPU profile is made by" in top("/debug/pprof/profile").stderr


def test_leaks_are_what_the_command_finds(newest):
    with running("http_handler_timeout", "leaky", newest, "stripped") as target, serving(target.pid) as server:
        answer = server.ask("/debug/goshawk/leaks")
        assert answer.headers["Content-Type"] == "application/json"
        assert json.loads(answer.content)["findings"] == goshawk_json("leaks", target.pid)["findings"]
        text = server.get("/debug/goshawk/leaks?format=text").decode()
        assert text.startswith("2 goroutines will never run again") and "\x1b" not in text
        assert len(leaks(target.pid)["findings"]) == 1  # it is none the worse for it


def test_who_may_not_ask_is_refused(newest, tmp_path):
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    with running("blocked_receive", "fixed", newest) as target:
        with serving(target.pid) as server:
            for headers in ({"Host": "evil.example"}, {"Host": f"evil.example:{server.port}"}, {"Sec_Fetch_Site": "cross-site"}):
                assert server.ask("/debug/pprof/goroutine", **headers).status == 403
            for method in ("POST", "PUT", "DELETE"):
                assert server.ask("/debug/pprof/goroutine", method).status == 405
            head = server.ask("/debug/pprof/goroutine", "HEAD")
            assert head.status == 200 and head.content == b""
            assert b"goroutine?debug=2" in server.get("/debug/pprof/")
        with serving(target.pid, "--token-file", token) as server:
            assert server.ask("/debug/pprof/").status == 401
            assert server.ask("/debug/pprof/goroutine", Authorization=f"Bearer {TOKEN}x").status == 401
            assert server.ask("/debug/pprof/goroutine", Authorization=f"Bearer {TOKEN}", Host="shop.example").status == 200
            tool = go_programs.goroot(RELEASES[-1]) / "bin" / "go"
            done = subprocess.run(
                [tool, "tool", "pprof", "-top", f"http://any:{TOKEN}@127.0.0.1:{server.port}/debug/pprof/goroutine"],
                capture_output=True, text=True, env={**os.environ, "PPROF_TMPDIR": str(tmp_path)},
            )
            assert "Type: goroutine" in done.stdout, done.stderr
        token.write_text("short")
        for arguments, why in (
            (("--listen", "0.0.0.0:0"), "that takes a token"),
            (("--listen", "nonsense"), "is no address to listen on"),
            (("--token-file", token), "could be guessed"),
        ):
            outcome = goshawk("serve", target.pid, *arguments)
            assert outcome.code == USAGE and why in outcome.err, outcome.err
        with serving(target.pid) as server:
            outcome = goshawk("serve", target.pid, "--listen", f"127.0.0.1:{server.port}")
            assert outcome.code == DENIED and "cannot listen" in outcome.err
    assert goshawk("serve", "core.123").code == USAGE
    outcome = goshawk("serve", os.getpid())
    assert outcome.code == UNREADABLE and "Go" in outcome.err


def test_pictures_are_kept_apart(newest):
    with running("blocked_receive", "fixed", newest) as target, serving(target.pid, "--min-interval", "1h") as server:
        assert server.ask("/debug/pprof/goroutine").status == 200
        again = server.ask("/debug/pprof/heap")
        assert again.status == 429 and 3500 < int(again.headers["Retry-After"]) <= 3600
        assert server.ask("/debug/pprof/").status == 200  # which needs none
        assert server.ask("/debug/pprof/heap", "HEAD").status == 200
        server.end(signal.SIGINT)


def test_a_pause_that_would_be_too_long_is_refused(newest):
    with running("blocked_receive", "fixed", newest) as target, serving(target.pid, "--max-pause", "1ns") as server:
        refused = server.ask("/debug/pprof/goroutine")
        assert refused.status == 502 and b"--max-pause" in refused.content
        assert refused.headers["X-Go-Pprof"] == "1"


def test_the_process_ends_before_the_server(newest):
    with running("blocked_receive", "fixed", newest) as target, serving(target.pid) as server:
        assert server.ask("/debug/pprof/goroutine").status == 200
        target.process.kill()
        target.process.wait()
        gone = server.ask("/debug/pprof/goroutine")
        assert gone.status == 502 and gone.content.startswith(f"process {target.pid} has ended".encode())
        while "has ended: requests are answered with 502" not in (told := server.process.stderr.readline()):
            assert told
        assert server.ask("/debug/goshawk/leaks").status == 502


def test_hostile_clients(newest):
    with running("blocked_receive", "fixed", newest) as target, serving(target.pid) as server:

        def say(content):
            with socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT_SECONDS) as line:
                line.sendall(content)
                line.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: line.recv(65536), b""))

        def is_served():
            return server.ask("/debug/pprof/goroutine").status == 200

        assert say(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 10_000 + b"\r\n\r\n").startswith(b"HTTP/1.1 431 ")
        assert say(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000 + b"\r\n").startswith(b"HTTP/1.1 431 ")
        assert say(os.urandom(5000)).startswith((b"HTTP/1.1 4", b""))
        assert say(b"GET /debug/pprof/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.1 404 ")
        assert say(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000000\r\n\r\nx").startswith(b"HTTP/1.1 413 ")
        assert is_served()
        before = len(os.listdir(f"/proc/{server.process.pid}/fd"))
        # As many as there may be, none of which says its request to the end.
        slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(64)]
        for line in slow:
            line.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        while server.ask("/debug/pprof/").status != 503:
            pass
        for line in slow:
            line.close()
        while server.ask("/debug/pprof/").status == 503:
            pass
        assert is_served()
        # Those who do not wait for what they asked.
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", server.port)) as line:
                line.sendall(b"GET /debug/pprof/goroutine?debug=2 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert is_served()
        while len(os.listdir(f"/proc/{server.process.pid}/fd")) > before:
            pass
