"""A real Prometheus takes the metrics of `goshawk watch`: its rules fire, and what the dashboard asks has an answer.

Not of script/test: Debian's package starts a service where it is installed. script/test-all runs it.
"""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

import go_programs
from goshawk_command import GOSHAWK

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PATIENCE_SECONDS = 60
WATCHED = ("-abandon", "20ms", "-hold", "20ms", "-remind", "20ms")


def get(url):
    with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
        return answer.read()


def await_truth(what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if found := what():
                return found
        except OSError:
            pass  # it does not listen yet
        assert time.monotonic() < deadline, what


@contextmanager
def running(command, cwd, **options):
    process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, cwd=cwd, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def metrics(tmp_path_factory):
    """Where the metrics of a shop that leaks are."""
    folder = tmp_path_factory.mktemp("watch")
    shop = folder / "shop"
    shutil.copy(go_programs.build(go_programs.releases()[-1], "dwarf", "shop"), shop)
    with running([shop, *WATCHED], folder, stdout=subprocess.PIPE) as target:
        assert target.stdout.readline() == b"ready\n"
        watch = [GOSHAWK, "watch", target.pid, "--every", "100ms", "--metrics", "127.0.0.1:0", "--no-history"]
        with open(folder / "out", "wb") as out, running(watch, folder, stdout=out) as _:
            url = await_truth(lambda: re.search(r"metrics: (\S+)", (folder / "out").read_text()))[1]
            await_truth(lambda: b"goshawk_alerts_total{" in get(url))
            yield url


class Prometheus:
    def __init__(self, url):
        self.url = url

    def ask(self, path, **query):
        answer = json.loads(get(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"))
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression):
        return self.ask("query", query=expression)["result"]


@pytest.fixture(scope="module")
def prometheus(metrics, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    target = urllib.parse.urlparse(metrics).netloc
    configuration = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(DEPLOY / "prometheus/goshawk.rules.yaml")],
        "scrape_configs": [{"job_name": "goshawk", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(json.dumps(configuration))  # JSON is YAML
    subprocess.run(["promtool", "check", "config", folder / "prometheus.yml"], check=True)
    command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:0",
               "--enable-feature=exemplar-storage"]
    with open(folder / "log", "wb") as log, running(command, folder, stderr=log):
        pattern = r'msg="Listening on" address=(\S+)'
        server = Prometheus("http://" + await_truth(lambda: re.search(pattern, (folder / "log").read_text()))[1])
        await_truth(lambda: server.query("goshawk_goroutines"))
        yield server


def test_the_rules_say_what_they_should():
    for command in ("check", "rules", "goshawk.rules.yaml"), ("test", "rules", "goshawk.test.yaml"):
        subprocess.run(["promtool", *command], cwd=DEPLOY / "prometheus", check=True)


def test_promtool_has_nothing_against_the_metrics(metrics):
    checked = subprocess.run(["promtool", "check", "metrics"], input=get(metrics), capture_output=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_it_takes_them(prometheus):
    (target,) = prometheus.ask("targets")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")
    (goroutines,) = prometheus.query("goshawk_goroutines")
    assert goroutines["metric"]["program"] == "shop" and float(goroutines["value"][1]) > 20
    assert prometheus.ask("metadata", metric="goshawk_heap_in_use_bytes")["goshawk_heap_in_use_bytes"][0]["unit"] == "bytes"
    exemplars = prometheus.ask("query_exemplars", query="goshawk_alerts_total", start=time.time() - 600, end=time.time() + 60)
    assert re.fullmatch("[0-9a-f]{16}", exemplars[0]["exemplars"][0]["labels"]["fingerprint"])


def test_a_proven_leak_fires(prometheus):
    def firing():
        return [one for one in prometheus.ask("alerts")["alerts"] if one["labels"]["alertname"] == "GoroutineLeakProven" and one["state"] == "firing"]

    (alert,) = await_truth(firing)
    assert alert["annotations"]["summary"] == "shop leaks goroutines, proven"


PANELS = json.loads((DEPLOY / "grafana/goshawk.json").read_text())["panels"]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_what_the_dashboard_asks_has_an_answer(prometheus, panel):
    for target in panel["targets"]:
        found = await_truth(lambda: prometheus.query(target["expr"].replace("$program", ".*")))
        legend = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
        assert legend <= set().union(*(one["metric"] for one in found)), found[0]
    assert {"id", "title", "type", "gridPos", "datasource", "targets"} <= set(panel)
