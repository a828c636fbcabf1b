"""The pprof output, read by `go tool pprof`, is what the process' own goroutine profile is: the same stacks with the same counts,
functions, files, lines and labels."""

import re
import subprocess
from collections import Counter

import pytest

import flavours
import go_programs
from conftest import FLAVOURS
from goshawk_command import FINE, goshawk
from running_program import running

PROGRAMS = ["shapes_of_calls", "pprof_labels", "deferred_and_panicking", "http_handler_timeout", "io_wait"]
SEPARATOR = re.compile(r"^-+\+-+$", re.M)
FIRST_FRAME = re.compile(r"^\s*\d+   \S")  # before it: labels, which may have lines of their own


def pprof_text(*arguments):
    tool = go_programs.goroot(go_programs.releases()[-1]) / "bin" / "go"
    done = subprocess.run([tool, "tool", "pprof", *arguments], capture_output=True, text=True, env=go_programs.go_environment("patterns", flavours.flavour("dwarf")))
    assert done.returncode == 0, done.stderr
    return done.stdout


def traces(profile):
    """A Counter of (labels, stack). The goroutine that serves is another one at each time, so it is left out."""
    found = Counter()
    for block in SEPARATOR.split(pprof_text("-traces", "-lines", profile))[1:]:
        lines = block.strip("\n").split("\n")
        starts = [number for number, line in enumerate(lines) if FIRST_FRAME.match(line)]
        if not starts or "truth.serve" in block:
            continue
        labels = tuple(sorted(line.strip() for line in lines[:starts[0]]))
        count, first = lines[starts[0]].split(None, 1)
        found[labels, (first.strip(), *(line.strip() for line in lines[starts[0] + 1:]))] += int(count)
    assert found
    return found


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_same_profile(release, flavour, name, tmp_path):
    ours, theirs = tmp_path / "ours.pb.gz", tmp_path / "theirs.pb.gz"
    with running(name, "leaky", release, flavour) as target:
        outcome = goshawk("goroutines", target.pid, "--format", "pprof", "-o", ours)
        assert outcome.code == FINE, outcome.err
        target.command(f"goroutineprofile {theirs}")
    expected = traces(theirs)
    told = traces(ours)
    assert told == expected, f"only ours: {list((told - expected).items())[:3]}\nonly theirs: {list((expected - told).items())[:3]}"


def test_top_names_the_unit(newest, tmp_path):
    profile = tmp_path / "ours.pb.gz"
    with running("blocked_receive", "leaky", newest) as target:
        goshawk("goroutines", target.pid, "--format", "pprof", "-o", profile)
    top = pprof_text("-top", profile)
    assert "Type: goroutine" in top
    assert re.search(r"\b3\b.*main\.blockedReceive\.func1", top)


def test_profile_of_leaks(newest, tmp_path):
    profile = tmp_path / "leaks.pb.gz"
    with running("blocked_receive", "leaky", newest) as target:
        outcome = goshawk("leaks", target.pid, "--format", "pprof", "-o", profile)
        assert outcome.code == FINE, outcome.err
    assert sum(traces(profile).values()) == 3
