"""Servers that nobody here wrote, and what they are filled with: many of one thing, of which it is known who holds it.

Each is as its package or module is published.
"""

import http.client
import http.server
import json
import base64
import contextlib
import socket
import threading
import time
import urllib.request
from dataclasses import dataclass
from typing import Callable

from judge import fetch
from packages import Package
from programs import AT, Program

PATIENCE_SECONDS = 240


@dataclass(frozen=True)
class Filled:
    program: Program
    fill: Callable  # of a running one; a context: what it needs is there until it has been looked at
    most: str  # the type of what it was filled with,
    count: int  # of which it has so many at least,
    held_at: str  # and that is told by one of the large holders
    heap: str = "/debug/pprof/heap"  # the path of its own heap profile; "": it has none
    heap_port: str = "port"


def post(connection, path, body, kind="application/json"):
    connection.request("POST", path, body, {"Content-Type": kind})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status < 300, f"{path}: {answer.status} {text[:200]}"
    return text


def await_true(what, holds):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.5)


def local(port):
    return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)


# --- etcd: keys ---

KEYS = 150_000


@contextlib.contextmanager
def put_keys(running):
    def text(what):
        return base64.b64encode(what.encode()).decode()

    connection = local(running.names["port"])
    for first in range(0, KEYS, 100):
        puts = [{"requestPut": {"key": text(f"/registry/pods/namespace-{k % 300}/pod-{k:08d}"), "value": text("x" * 200 + str(k))}}
                for k in range(first, first + 100)]
        post(connection, "/v3/kv/txn", json.dumps({"success": puts}))
    yield


# --- prometheus: series that it scrapes ---

SERIES = 200_000


def exposition():
    return "".join(f'requests_total{{service="service-{i % 100}",pod="pod-{i:07d}",code="{200 + i % 5}"}} {i}\n' for i in range(SERIES)).encode()


class Exporter(http.server.BaseHTTPRequestHandler):
    text = b""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(self.text)))
        self.end_headers()
        self.wfile.write(self.text)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def offer_series(running):
    Exporter.text = exposition()
    with http.server.ThreadingHTTPServer(("127.0.0.1", running.names["other_port"]), Exporter) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        await_true("prometheus has not scraped the series", lambda: head_series(running) >= SERIES)
        yield
        server.shutdown()


def head_series(running):
    with urllib.request.urlopen(running.url("/metrics"), timeout=PATIENCE_SECONDS) as answer:
        return next(float(line.split()[1]) for line in answer.read().decode().splitlines() if line.startswith("prometheus_tsdb_head_series "))


PROMETHEUS = """global: {scrape_interval: 30s, scrape_timeout: 29s}
scrape_configs:
- job_name: many
  static_configs:
  - targets: ['127.0.0.1:{other_port}']
"""


# --- VictoriaMetrics: series that are sent to it ---

@contextlib.contextmanager
def import_series(running):
    lines = exposition().splitlines(keepends=True)
    connection = local(running.names["port"])
    for first in range(0, len(lines), 10_000):
        post(connection, "/api/v1/import/prometheus", b"".join(lines[first:first + 10_000]), "text/plain")
    post(connection, "/internal/force_flush", b"")
    yield


# --- nats-server: connections, each with many subscriptions ---

CLIENTS, SUBSCRIPTIONS = 200, 500


@contextlib.contextmanager
def subscribe(running):
    with contextlib.ExitStack() as open_ones:
        for client in range(CLIENTS):
            connection = open_ones.enter_context(socket.create_connection(("127.0.0.1", running.names["other_port"])))
            subjects = "".join(f"SUB orders.{client}.{k}.created {k + 1}\r\n" for k in range(SUBSCRIPTIONS))
            connection.sendall(b"CONNECT {\"verbose\":false}\r\n" + subjects.encode() + b"PING\r\n")
            answer = b""
            while b"PONG" not in answer:
                answer += connection.recv(1 << 16)
        yield


# --- caddy: routes, and clients that keep their connections ---

ROUTES, KEPT = 20_000, 200


@contextlib.contextmanager
def load_routes(running):
    routes = [{"match": [{"host": [f"shop-{i}.example.com"], "path": [f"/api/{i}/*"]}],
               "handle": [{"handler": "static_response", "body": f"shop {i}"}]} for i in range(ROUTES)]
    server = {"listen": [f"127.0.0.1:{running.names['port']}"], "automatic_https": {"disable": True}, "routes": routes}
    admin = {"listen": f"127.0.0.1:{running.names['other_port']}"}
    post(local(running.names["other_port"]), "/load", json.dumps({"admin": admin, "apps": {"http": {"servers": {"shops": server}}}}))
    with contextlib.ExitStack() as open_ones:
        for _ in range(KEPT):
            connection = open_ones.enter_context(contextlib.closing(local(running.names["port"])))
            connection.request("GET", "/api/7/x", headers={"Host": "shop-7.example.com"})
            assert connection.getresponse().read() == b"shop 7"
        yield


# --- esbuild: a bundle of many modules, kept to be built anew ---

MODULES, FUNCTIONS = 1_500, 40


def modules():
    imports = "".join(f"import {{f0 as m{i}}} from './m{i}.js';\n" for i in range(MODULES))
    main = imports + f"console.log({' + '.join(f'm{i}(1)' for i in range(MODULES))});\n"
    body = "".join(f"export function f{k}(x) {{ return x === {k} ? 'text {k} of this module' : [x, {k}, {{k: x}}].length; }}\n" for k in range(FUNCTIONS))
    return (("a.js", main), *((f"m{i}.js", f"// {i}\n" + body) for i in range(MODULES)))


@contextlib.contextmanager
def fetch_bundle(running):
    for _ in range(2):
        assert len(fetch(running.url("/a.js"))) > MODULES * FUNCTIONS
    yield


def built(module_path, version, *flags):
    return Package("go", module_path, version, flags)


SERVERS = (
    Filled(Program("etcd", built("go.etcd.io/etcd/server/v3", "v3.7.3"), "program",
                   ("--data-dir={directory}/etcd", f"--listen-client-urls=http://{AT}", f"--advertise-client-urls=http://{AT}",
                    "--listen-peer-urls=http://127.0.0.1:{other_port}", "--initial-advertise-peer-urls=http://127.0.0.1:{other_port}",
                    "--initial-cluster=default=http://127.0.0.1:{other_port}", "--enable-pprof"), visits=("/health",)),
           put_keys, "mvcc.keyIndex", KEYS, "kvindex.tree"),
    Filled(Program("prometheus", built("github.com/prometheus/prometheus/cmd/prometheus", "v0.316.0", "-tags=remove_all_sd"), "program",
                   ("--config.file={directory}/prometheus.yml", "--storage.tsdb.path={directory}/data", f"--web.listen-address={AT}"),
                   visits=("/-/ready",), files=(("prometheus.yml", PROMETHEUS),)),
           offer_series, "tsdb.memSeries", SERIES, "tsdb.Head"),
    Filled(Program("victoria-metrics", built("github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics", "v1.151.0"), "program",
                   (f"-httpListenAddr={AT}", "-storageDataPath={directory}/vm", "-memory.allowedBytes=512MB"), visits=("/health",)),
           import_series, "mergeset.part", 1, ""),  # the series themselves are in its files and in memory of its own
    Filled(Program("nats-server", built("github.com/nats-io/nats-server/v2", "v2.15.3"), "program",
                   ("-a", "127.0.0.1", "-p", "{other_port}", "-m", "{port}", "--profile", "{dump_port}"), visits=("/varz",)),
           subscribe, "server.subscription", CLIENTS * SUBSCRIPTIONS, "server.Account", heap_port="dump_port"),
    Filled(Program("caddy", built("github.com/caddyserver/caddy/v2/cmd/caddy", "v2.11.9"), "program",
                   ("run", "--config", "{directory}/caddy.json"), files=(("caddy.json", '{"admin": {"listen": "127.0.0.1:{other_port}"}}'),),
                   environment=(("XDG_DATA_HOME", "{directory}"), ("XDG_CONFIG_HOME", "{directory}"))),
           load_routes, "caddyhttp.StaticResponse", ROUTES, "caddyhttp", heap_port="other_port"),
    Filled(Program("esbuild", Package("npm", "@esbuild/linux-x64", "0.28.2"), "package/bin/esbuild",
                   ("{directory}/a.js", "--bundle", "--outdir={directory}/out", "--serve=127.0.0.1:{port}", "--watch=forever"),
                   visits=("/",), files=modules()),
           fetch_bundle, "cache.jsCacheEntry", MODULES + 1, "JSCache.entries", heap=""),
)
