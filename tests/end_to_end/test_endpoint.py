"""goshawk host:port, goshawk URL: what an endpoint serves is told as its files would be, nothing is asked of a program that could hurt it,
and no endpoint, however hostile, keeps goshawk, floods it or passes for another one."""

import gzip
import http.server
import re
import ssl
import subprocess
import threading
from contextlib import contextmanager

import pytest

from goshawk_command import DENIED, FINE, UNREADABLE, USAGE, goshawk, goshawk_json
from running_program import running
from test_serve import TOKEN, serving

HARMLESS = ["goroutine", "goroutine?debug=2", "heap", "allocs", "block", "mutex", "threadcreate"]
DUMP = b"""goroutine 1 [chan receive, 5 minutes]:
main.main()
\t/src/main.go:10 +0x1d

goroutine 7 [chan send, 5 minutes]:
main.worker(...)
\t/src/main.go:20 +0x2d
created by main.main in goroutine 1
\t/src/main.go:9 +0x3d
"""


def varint(value):
    text = bytearray()
    while value > 0x7F:
        text.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*text, value])


def field(number, value):
    return varint(number << 3) + varint(value) if isinstance(value, int) else varint(number << 3 | 2) + varint(len(value)) + value


def goroutine_profile(count):
    """All of them in one function."""
    strings = [b"", b"goroutine", b"count", b"main.worker", b"/src/main.go"]
    return gzip.compress(
        field(1, field(1, 1) + field(2, 2)) + field(2, field(1, b"\x01") + field(2, varint(count)))
        + field(4, field(1, 1) + field(4, field(1, 1) + field(2, 20))) + field(5, field(1, 1) + field(2, 3) + field(4, 4))
        + b"".join(field(6, text) for text in strings) + field(11, field(1, 1) + field(2, 2)) + field(12, 1)
    )


@contextmanager
def answering(answer, tls=None):
    """answer(handler) does what it likes. Gives the address, and the paths that were asked for with their headers."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, dict(self.headers)))
            answer(self)

        def log_message(self, *arguments):
            pass

        def say(self, content, status=200, **headers):
            self.send_response(status)
            for name, value in {"Content_Length": len(content), **headers}.items():
                self.send_header(name.replace("_", "-"), str(value))
            self.end_headers()
            self.wfile.write(content)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *arguments: None
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def serving_goroutines(count):
    def answer(handler):
        name = handler.path.removeprefix("/debug/pprof/")
        if name == "goroutine":
            handler.say(goroutine_profile(count))
        elif name == "goroutine?debug=2":
            handler.say(DUMP)
        else:
            handler.say(b"Unknown profile", 404)

    return answering(answer)


def test_an_endpoint_is_told_as_its_files_are(newest, tmp_path):
    file = tmp_path / "heap.pb.gz"
    with running("http_handler_timeout", "leaky", newest, "stripped") as target, serving(target.pid) as server:
        file.write_bytes(server.get("/debug/pprof/heap"))
        address = server.url.removeprefix("http://")
        of_file, of_endpoint = goshawk("heap", file).out.decode(), goshawk("heap", address).out.decode()
        # Lines break elsewhere, for the two names differ in length.
        words_of = lambda text: re.sub(r"\d\d:\d\d:\d\d", "", text.replace(f"{server.url}/debug/pprof/heap", str(file))).split()
        assert words_of(of_endpoint) == words_of(of_file)  # taken a second later, perhaps
        text = goshawk("leaks", address).out.decode()
        assert f"in {server.url}/debug/pprof/goroutine?debug=2, a goroutine dump" in text, text
        listed = goshawk("goroutines", address, "--all").out.decode()
        assert listed.count("main.httpHandlerTimeout.func1(...)") == 2
        assert goshawk_json("leaks", address)["findings"] is not None
        one = goshawk(f"{server.url}/debug/pprof/allocs")
        assert one.code == FINE and b"allocated since the start" in one.out, one.out
        everything = goshawk(address)
        assert everything.code == FINE and b"in use" in everything.out, everything.err
        assert re.search(rf"allocated since the start, .*: goshawk {server.url}/debug/pprof/allocs\n", everything.out.decode().replace("\n  ", " ")), \
            everything.out.decode()
        assert "mutex is answered with 404" in " ".join(everything.err.split())
        leaked = goshawk(f"{server.url}/debug/pprof/goroutineleak")
        assert leaked.code == FINE and b"main.httpHandlerTimeout.func1" in leaked.out, leaked.err


def test_nothing_harmful_is_asked_for():
    with serving_goroutines(2) as (address, asked):
        assert goshawk(address).code == FINE
        assert [path.removeprefix("/debug/pprof/") for path, _ in asked] == HARMLESS
        asked.clear()
        goshawk("leaks", address, "--goroutineleak")
        assert [path for path, _ in asked][-1] == "/debug/pprof/goroutineleak"
    with serving_goroutines(100_000) as (address, asked):
        outcome = goshawk("leaks", f"http://{address}/debug/pprof")
        assert "would hold the program still for 16 s" in " ".join(outcome.err.split()), outcome.err
        assert b"100,000 of 100,000" in outcome.out
        assert [path for path, _ in asked] == ["/debug/pprof/goroutine"]


def test_headers_are_sent_and_wanted(newest, tmp_path):
    token = tmp_path / "token"
    token.write_text(TOKEN)
    with running("blocked_receive", "leaky", newest) as target, serving(target.pid, "--token-file", token) as server:
        refused = goshawk("leaks", server.url)
        assert refused.code == DENIED and "401" in refused.err and "--header" in refused.err
        assert goshawk("leaks", server.url, "--header", f"Authorization: Bearer {TOKEN}").code == FINE
        assert goshawk("leaks", server.url.replace("//", f"//any:{TOKEN}@")).code == FINE
    for header in ("Authorization", "A b: c", "A: b\r\nC: d", ": x"):
        assert goshawk("leaks", "http://127.0.0.1:1/", "--header", header).code == USAGE


def hang(handler):
    handler.rfile.read(1)  # until nobody is there any more


def lie(handler):
    handler.say(b"goroutine 1 [running]:\n", Content_Length=1000)


def flood(handler):
    handler.say(b"goroutine 1 [running]:\n", Content_Length=10_000_000_000)


def pour(handler):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    while True:
        handler.wfile.write(chunk)


def redirect(handler):
    handler.say(b"", 302, Location="/debug/pprof/again")


@pytest.mark.parametrize(
    "answer, arguments, why",
    [
        (hang, ("--timeout", "300ms"), "no answer came in time"),
        (lie, (), "said to be 1000 bytes long"),
        (flood, (), "longer than 256 MB"),
        (redirect, (), "only leads to another one"),
        (lambda handler: handler.say(b"<html>log in</html>"), (), "not understood"),
        (lambda handler: handler.say(b"gone", 410), (), "is answered with 410 (gone)"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n"), (), "no answer of HTTP"),
    ],
    ids=["hangs", "lies", "floods", "redirects", "serves something else", "gone", "speaks something else"],
)
def test_hostile_endpoints(answer, arguments, why):
    with answering(answer) as (address, _):
        outcome = goshawk("leaks", f"http://{address}/debug/pprof/goroutine?debug=2", *arguments)
    assert outcome.code in (UNREADABLE, USAGE) and why in " ".join(outcome.err.split()), outcome.err


def test_what_is_no_profile_has_its_url_in_the_error():
    with answering(lambda handler: handler.say(b"<html>log in</html>")) as (address, _):
        outcome = goshawk("leaks", address)
    assert outcome.code == UNREADABLE and f"http://{address}/debug/pprof/goroutine is malformed" in outcome.err, outcome.err


def test_what_pours_for_ever_is_left():
    with answering(pour) as (address, _):
        outcome = goshawk("leaks", f"http://{address}/debug/pprof/goroutine?debug=2", "--timeout", "300ms")
    assert outcome.code == UNREADABLE and "did not come to its end in time" in " ".join(outcome.err.split()), outcome.err


def test_nobody_is_there():
    with serving_goroutines(1) as (address, _):
        pass
    outcome = goshawk(address)
    assert outcome.code == UNREADABLE and "Connection refused" in outcome.err
    outcome = goshawk("leaks", "http://nowhere.invalid/", "--timeout", "10s")
    assert outcome.code == UNREADABLE and "nowhere.invalid" in outcome.err
    assert goshawk("leaks", "ftp://shop/").code == USAGE


def test_certificates(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=goshawk test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with answering(lambda handler: handler.say(DUMP), context) as (address, asked):
        url = f"https://{address}/debug/pprof/goroutine?debug=2"
        unknown = goshawk("leaks", url)
        assert unknown.code == DENIED and "self-signed certificate" in unknown.err and "--ca-file" in unknown.err
        other = goshawk("leaks", url.replace("127.0.0.1", "localhost"), "--ca-file", certificate)
        assert other.code == DENIED and "hostname mismatch" in other.err
        assert asked == []
        assert goshawk("leaks", url, "--ca-file", certificate).code == FINE
        loud = goshawk("leaks", url, "--insecure")
        assert loud.code == FINE and "--insecure: whoever answers is believed" in loud.err
