"""Locks that everybody can reach and nobody will unlock: which one, who has locked it and where, the chain to the one that never
runs again. Of a process, its core and its saved picture, with and without debug information. That nothing of the kind is told of correct
programs, test_corpus tells (tests/programs/corpus/held_locks.go)."""

import re

import pytest

from conftest import FLAVOURS
from cores import gcore
from goshawk_command import FINE, goshawk, leaks
from running_program import running
from test_corpus import BUILDS


def likely(report):
    return [finding for finding in report["findings"] if finding["confidence"] == "likely"]


def only_lock(report):
    (lock,) = {lock["address"]: lock for finding in likely(report) for lock in finding["locks"]}.values()
    return lock


def told(name, release, flavour):
    with running(name, "leaky", release, flavour) as target:
        report = leaks(target.pid)
        assert {goid for finding in likely(report) for goid in finding["goids"]} == target.goids("likely")
        return report, target.goids("leaked")


def is_named(lock, flavour, name):
    if flavour == "dwarf":
        return re.fullmatch(name, lock["name"]) is not None
    return re.fullmatch(r"in a global variable \((noptr)?(data|bss)\+0x[0-9a-f]+\)", lock["name"]) is not None


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("built_by", BUILDS)
class TestHeldLocks:
    def test_variable_holder_and_place(self, built_by, flavour):
        report, (owner,) = told("global_lock_past_an_early_return", built_by, flavour)
        (finding,) = likely(report)
        lock = only_lock(report)
        assert (finding["rule"], finding["count"]) == ("goroutine/mutex", 2)
        assert is_named(lock, flavour, r"main\.inventory(\.mu|\+0x8)") and lock["object"] is None and lock["locked"] is True
        assert lock["holders"] == [owner]
        (step,) = lock["chain"]
        assert (step["goid"], step["fate"], step["reads"], step["wait_reason"]) == (owner, "proven leaked", False, "chan receive")
        (proven,) = [f for f in report["findings"] if f["confidence"] == "proven"]
        assert (step["locked_in"]["function"], step["locked_in"]["line"]) == ("main.reserve", proven["blocked_at"]["line"])
        evidence = "\n".join(finding["evidence"])
        assert f"the sync.Mutex {lock['name']} at {lock['address']}: locked, 2 goroutines wait" in evidence
        assert f"goroutine {owner}, which is proven leaked, has locked it in main.reserve (held_locks.go:" in evidence
        assert finding["advice"].startswith(f"mend what goroutine {owner} waits for")
        assert f"goroutine {owner} has locked the sync.Mutex {lock['name']}, for which 2 goroutines wait" in proven["evidence"]

    def test_one_of_an_array(self, built_by, flavour):
        report, (owner,) = told("global_lock_of_many", built_by, flavour)
        lock = only_lock(report)
        assert is_named(lock, flavour, r"main\.shards(\[3\]\.lock|\+0x[0-9a-f]+)") and lock["waiters"] == 1
        assert [step["goid"] for step in lock["chain"]] == [owner]

    def test_lock_in_a_heap_object(self, built_by, flavour):
        report, (owner,) = told("server_lock_of_a_leaked_one", built_by, flavour)
        lock = only_lock(report)
        assert int(lock["object"], 0) < int(lock["address"], 0)
        assert [step["locked_in"]["function"] for step in lock["chain"]] == ["main.(*server).reload"]

    def test_chain(self, built_by, flavour):
        report, (owner,) = told("global_locks_in_a_chain", built_by, flavour)
        chains = sorted((lock["chain"] for finding in likely(report) for lock in finding["locks"]), key=len)
        assert [len(chain) for chain in chains] == [1, 2, 3]
        assert all(chain[-1]["goid"] == owner and chain[-1]["fate"] == "proven leaked" for chain in chains)
        assert [step["fate"] for step in chains[2]] == ["likely leaked", "likely leaked", "proven leaked"]
        assert [step["goid"] for step in chains[2][1:]] == [step["goid"] for step in chains[1]]

    def test_writer(self, built_by, flavour):
        report, (owner,) = told("global_write_lock_of_a_leaked_one", built_by, flavour)
        lock = only_lock(report)
        assert (lock["kind"], lock["writer_holds"]) == ("sync.RWMutex", True) and is_named(lock, flavour, r"main\.settings")
        assert [(step["goid"], step["reads"]) for step in lock["chain"]] == [(owner, False)]

    def test_reader(self, built_by, flavour):
        """The writer waits for a reader; who wants to read waits for the writer."""
        report, (owner,) = told("global_read_lock_of_a_leaked_one", built_by, flavour)
        chains = {finding["goids"][0]: finding["locks"][0]["chain"] for finding in likely(report)}
        ((writer, last),) = [(goid, chain) for goid, chain in chains.items() if len(chain) == 1]
        assert [(step["goid"], step["reads"]) for step in last] == [(owner, True)]
        (reader_chain,) = [chain for chain in chains.values() if len(chain) == 2]
        assert [step["goid"] for step in reader_chain] == [writer, owner] and reader_chain[0]["locked_in"] is None

    def test_once(self, built_by, flavour):
        report, (owner,) = told("global_once_stuck", built_by, flavour)
        lock = only_lock(report)
        assert is_named(lock, flavour, r"main\.connecting\.m") and [step["goid"] for step in lock["chain"]] == [owner]

    @pytest.mark.parametrize("name, members", [("global_lock_taken_twice", 1), ("global_locks_in_a_ring", 2),
                                               ("global_rwmutex_upgraded", 1)])
    def test_rings(self, built_by, flavour, name, members):
        report, leaked = told(name, built_by, flavour)
        assert leaked == set() and {len(finding["ring"]) for finding in likely(report)} - {0} == {members}

    def test_core_and_saved_picture_say_the_same(self, built_by, flavour, tmp_path):
        with running("global_locks_in_a_chain", "leaky", built_by, flavour) as target:
            live = leaks(target.pid)["findings"]
            path = tmp_path / "picture"
            assert goshawk("snapshot", target.pid, "-o", path).code == FINE
            core = gcore(target, tmp_path)
        pictures = [live, leaks(path)["findings"], leaks(core)["findings"]]
        for findings in pictures:
            for step in (step for finding in findings for lock in finding["locks"] for step in lock["chain"]):
                step["wait_ns"] = None  # a core has no clock
        assert [f["confidence"] for f in live].count("likely") >= 1
        assert all(f["locks"][0]["name"] for f in live if f["locks"])
        assert pictures[1] and [[f["locks"] for f in findings] for findings in pictures] == [[f["locks"] for f in live]] * 3
