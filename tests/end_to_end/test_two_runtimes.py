"""Two Go libraries in one C program, of different releases, each with a runtime and leaks of its own: one is judged, exactly, and the
answer says which, and that there is another, which --runtime reads as exactly."""

import json
import subprocess
from contextlib import contextmanager

import pytest

import go_programs
from conftest import RELEASES
from cores import gcore
from goshawk_command import FINE, USAGE, goshawk, goshawk_json
from judgement import differences_of_leaks
from running_program import RunningProgram

OLDEST, NEWEST = (sorted(RELEASES, key=go_programs.minor)[at] for at in (0, -1))
PROGRAM = "in_a_library"


class TwoPrograms(RunningProgram):
    """Knows what both declare; `claims` and `serving_goid` are of the one that is looked at."""

    def __init__(self, host, first, second):
        self.two = []
        super().__init__(*second, under=[host, *first])

    def _read_line(self):
        """The handshake is two lines, one of each library."""
        self.two = [super(TwoPrograms, self)._read_line() for _ in range(2)]
        return self.two[0]

    def _await_reading(self):
        while sum(self._reads_commands(thread) for thread in self.threads()) < 2:
            super()._await_reading()

    def look_at(self, number):
        ready = self.two[number]
        self.claims = {claim["goid"]: claim for claim in ready["claims"]}
        self.serving_goid = ready["serving"]
        return ready["go"]


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """The host, and the libraries in the order in which it loads them."""
    folder = tmp_path_factory.mktemp("two")
    subprocess.run(
        ["gcc", "-pthread", go_programs.PROGRAMS / "two_libraries/host.c", "-o", folder / "host"], check=True, capture_output=True
    )
    libraries = [go_programs.build(release, "c-shared-loaded", "c_library").parent / "libgo.so" for release in (NEWEST, OLDEST)]
    return folder / "host", libraries


@contextmanager
def running_two(host, first="leaky", second="leaky"):
    program, libraries = host
    target = TwoPrograms(program, (libraries[0], PROGRAM, first), (libraries[1], PROGRAM, second))
    try:
        yield target
    finally:
        target.end()


def judged(target, path, *options):
    report = goshawk_json("leaks", path, "--all", *options)
    (remark,) = report["doubts"]
    return report, remark


def assert_right(target, number, path, *options):
    release = target.look_at(number)
    report, remark = judged(target, path, *options)
    differences = differences_of_leaks(report, target)
    assert not differences, "\n" + "\n".join(differences)
    assert report["target"]["go"] == release
    return remark


@pytest.mark.parametrize("first, second", [("leaky", "leaky"), ("leaky", "fixed"), ("fixed", "leaky")])
def test_each_is_judged_and_the_other_told_of(host, first, second, tmp_path):
    _, libraries = host
    with running_two(host, first, second) as target:
        core = gcore(target, tmp_path)
        for path in (target.pid, core):
            for number, library in enumerate(libraries):
                other = libraries[1 - number]
                remark = assert_right(target, number, path, "--runtime", library)
                assert f"another Go runtime is in this process, {other} (go" in remark, remark
                assert f"those of {library} (go" in remark and "--runtime" in remark, remark


def test_first_by_its_path_where_none_is_named(host):
    _, libraries = host
    first = libraries.index(min(libraries))
    with running_two(host) as target:
        assert str(libraries[1 - first]) in assert_right(target, first, target.pid)
        for number, library in enumerate(sorted(libraries), start=1):
            assert_right(target, libraries.index(library), target.pid, "--runtime", number)
        outcome = goshawk("goroutines", target.pid)
        assert outcome.code == FINE and "another Go runtime" in outcome.out.decode().replace("\n", " ")


@pytest.mark.parametrize("wanted", ["3", "0", "libc.so.6", "libgo.so"])
def test_name_of_none(host, wanted):
    """The error lists what there is; the name of both files is the name of none."""
    _, libraries = host
    with running_two(host) as target:
        outcome = goshawk("leaks", target.pid, "--runtime", wanted)
        assert outcome.code == USAGE and outcome.out == b""
        assert all(str(library) in outcome.err for library in libraries), outcome.err
        assert ("more than one" if wanted == "libgo.so" else "names none") in outcome.err


def test_list_of_processes_has_both(host):
    with running_two(host) as target:
        told = json.loads(goshawk("ps", "--format", "json").out)
        text = goshawk("ps").out.decode()
    (entry,) = [entry for entry in told["targets"] if entry["target"]["pid"] == target.pid]
    assert entry["target"]["libraries"] == sorted(str(library) for library in host[1])
    declared = sum(len(ready["claims"]) + 1 for ready in target.two)
    assert entry["inspectable"] and entry["goroutines"] > declared  # the runtimes' own too
    (line,) = [line for line in text.splitlines() if line.split()[:1] == [str(target.pid)]]
    assert "(libgo.so, libgo.so)" in line


def test_snapshot_holds_one(host, tmp_path):
    with running_two(host) as target:
        saved = tmp_path / "snapshot"
        assert goshawk("snapshot", target.pid, "--runtime", host[1][1], "-o", saved).code == FINE
        assert "another Go runtime" in assert_right(target, 1, saved)
    outcome = goshawk("leaks", saved, "--runtime", "1")
    assert outcome.code == USAGE and "one runtime" in outcome.err
