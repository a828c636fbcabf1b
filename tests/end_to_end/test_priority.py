"""What can wait runs at low priority: beside a twin and once the process goes on. While it stands still nothing does."""

import subprocess
from pathlib import Path

import pytest

from goshawk_command import FINE, GOSHAWK
from running_program import running


@pytest.fixture
def large(newest):
    with running("memory", "fixed", newest) as target:
        target.command("pointers 512")
        yield target


def fields(path):
    """Of a stat file, those behind the command's name; none of what has ended."""
    try:
        return path.read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def nices(pid):
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return set()
    return {int(found[16]) for task in tasks if (found := fields(task / "stat"))}


def is_stopped(target):
    """As a whole: when a twin has been read, the thread that made it is stopped once more, by the keeper, to collect it."""
    return all(target.status("State", thread)[0] == "t" for thread in target.threads())


def keepers(pid):
    """Its children: the one that holds the target."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return children.read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def looks(target, *arguments):
    """The nice values of all threads, again and again while it looks; of its keeper; and whether the target stood still all the while."""
    process = subprocess.Popen([GOSHAWK, "leaks", str(target.pid), *arguments], stdout=subprocess.DEVNULL)
    seen = []
    while process.poll() is None:
        before = is_stopped(target)
        values, of_keepers = nices(process.pid), [nice for keeper in keepers(process.pid) for nice in nices(keeper)]
        seen.append((values, of_keepers, before and is_stopped(target)))
    assert process.returncode == FINE
    return seen


def test_beside_a_twin(large):
    seen = looks(large, "--way", "twin")
    assert any(5 in values for values, _, _ in seen)
    assert {nice for _, of_keepers, _ in seen for nice in of_keepers} == {0}, "who stops it has a priority as others have"
    assert not any(max(values, default=0) > 0 for values, _, stopped in seen if stopped)


def test_while_it_stands_still(large):
    seen = looks(large, "--way", "copy")
    still = [values for values, _, stopped in seen if stopped and values]
    assert len(still) > 3, "it stood still for too short a time to be looked at"
    assert set().union(*still) == {0}
    assert any(5 in values for values, _, stopped in seen), "the proof can wait"
