"""An interrupted run of a long suite goes on where it was: what passed is not run again.

With GOSHAWK_TEST_RESUME (any text) each test that passes is written down in go_programs.CACHE, under a hash of all that could make it
end otherwise: goshawk, the test programs, the test's file and every module that it imports here, each GOSHAWK_TEST_ variable, the
kernel. Where GOSHAWK is a script, the text is to tell one executable behind it from another. The next run takes those over, tells
how many, and what they left out; what fails is printed at once, too. A run that came to its end, well or not, leaves no record of
its tests: only what was interrupted is taken over, and nothing that failed."""

import ast
import functools
import hashlib
import json
import os
from pathlib import Path

import pytest

import go_programs
from goshawk_command import GOSHAWK

HERE = Path(__file__).resolve().parent
WANTED = bool(os.environ.get("GOSHAWK_TEST_RESUME"))


def imported_names(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def modules_behind(path):
    """The file and all of this folder that it imports, and they in turn."""
    found, left = set(), [path, HERE / "conftest.py"]
    while left:
        path = left.pop()
        if path not in found and path.exists():
            found.add(path)
            left += [HERE / f"{name}.py" for name in imported_names(path)]
    return sorted(found)


@functools.cache
def record_of(path):
    """Where the tests of a file are written down."""
    settings = sorted((name, value) for name, value in os.environ.items() if name.startswith("GOSHAWK_TEST_"))
    digest = hashlib.sha256(Path(GOSHAWK).read_bytes() + repr((settings, os.uname().release)).encode())
    for source in [*modules_behind(path), go_programs.TESTS / "go_versions.txt", go_programs.TOOLCHAIN_SCRIPT]:
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    for folder in sorted({program.folder for program in go_programs.programs()}):
        digest.update(go_programs.source_hash(folder).encode())
    return go_programs.CACHE / "passed" / f"{path.stem}-{digest.hexdigest()[:16]}"


class Resumed:
    """`left_out` is the list of conftest.py, which tests add to."""

    def __init__(self, config, left_out):
        self.config = config
        self.left_out = left_out
        self.earlier = {}  # of each file, {test: what it left out}
        self.passed = {}  # in each record, the tests of this run
        self.taken_over = 0

    def say(self, text):
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        terminal.write_line(text)
        terminal.flush()

    def passed_earlier(self, record):
        if record not in self.earlier:
            lines = record.read_text().splitlines() if record.exists() else []
            self.earlier[record] = dict(json.loads(line) for line in lines)
        return self.earlier[record]

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item):
        known = len(self.left_out)
        yield
        item.user_properties.append(("left_out", self.left_out[known:]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem):
        passed = self.passed_earlier(record_of(pyfuncitem.path))
        if pyfuncitem.nodeid not in passed:
            return None
        self.left_out += [tuple(one) for one in passed[pyfuncitem.nodeid]]
        pyfuncitem.user_properties.append(("taken_over", True))
        return True

    def pytest_runtest_logreport(self, report):
        """In the process that the user started, whoever ran the test."""
        if "PYTEST_XDIST_WORKER" in os.environ:
            return
        if report.failed:
            self.say(f"\n{report.nodeid} failed:\n{report.longreprtext}\n")
        if report.when != "call" or not report.passed:
            return
        properties = dict(report.user_properties)
        record = record_of(self.config.rootpath / report.location[0])
        self.passed.setdefault(record, set()).add(report.nodeid)
        if properties.get("taken_over"):
            self.taken_over += 1
            return
        record.parent.mkdir(parents=True, exist_ok=True)
        with open(record, "a") as file:
            file.write(json.dumps([report.nodeid, properties["left_out"]]) + "\n")

    def pytest_sessionfinish(self, exitstatus):
        if "PYTEST_XDIST_WORKER" in os.environ or exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        for record, passed in self.passed.items():
            others = [line for line in record.read_text().splitlines(keepends=True) if json.loads(line)[0] not in passed]
            record.write_text("".join(others))

    def pytest_terminal_summary(self):
        if self.taken_over:
            self.say(f"taken over: {self.taken_over} tests, passed by the same goshawk before the run was interrupted")
