"""A Go web server at work, and the visitor that keeps it busy and counts what goes wrong (tests/programs/web)."""

import json
import os
import select
import subprocess
import urllib.request
from contextlib import contextmanager

import go_programs

PATIENCE_SECONDS = 60


class Spoken:
    """A process that answers every line with one of JSON."""

    def __init__(self, *command):
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = self.process.pid

    def hear(self):
        readable, _, _ = select.select([self.process.stdout], [], [], PATIENCE_SECONDS)
        line = self.process.stdout.readline() if readable else b""
        assert line, f"process {self.pid} says nothing more (exit code {self.process.poll()})"
        return json.loads(line)

    def ask(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return self.hear()

    def end(self):
        self.process.stdin.close()
        code = self.process.wait(timeout=PATIENCE_SECONDS)
        self.process.stdout.close()
        return code


class WebService:
    def __init__(self, executable):
        self.server = Spoken(executable, "serve")
        self.address = self.server.hear()["address"]
        self.pid = self.server.pid
        self._executable = executable
        self.visitor = None

    def leak(self, count):
        for _ in range(count):
            with urllib.request.urlopen(f"http://{self.address}/leak", timeout=PATIENCE_SECONDS) as answer:
                assert answer.read() == b"timed out"

    def get_busy(self):
        self.visitor = Spoken(self._executable, "visit", self.address)
        while self.visitor.ask()["requests"] < 100:
            pass

    def get_idle(self):
        visitor, self.visitor = self.visitor, None
        told = visitor.ask()
        assert visitor.end() == 0
        return told

    def threads(self):
        return sorted(int(entry) for entry in os.listdir(f"/proc/{self.pid}/task"))

    def end(self):
        for spoken in (self.visitor, self.server):
            if spoken is not None and spoken.process.poll() is None:
                spoken.process.kill()
                spoken.process.wait()


@contextmanager
def web_service(release, flavour="stripped"):
    service = WebService(go_programs.build(release, flavour, "web"))
    try:
        yield service
    finally:
        service.end()
