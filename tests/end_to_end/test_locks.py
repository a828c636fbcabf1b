"""What is told of locks: which one, its state, who probably holds it, rings. Of a process, its core and its saved picture, with and
without debug information; of correct programs nothing of the kind."""

import pytest

import go_programs
from conftest import FLAVOURS, RELEASES
from cores import gcore
from goshawk_command import FINE, goshawk, leaks
from running_program import running

BUILDS = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]}, key=go_programs.minor)


def lock_findings(report):
    return [f for f in report["findings"] if f["locks"]]


def findings_of(name, release, flavour):
    with running(name, "leaky", release, flavour) as target:
        report = leaks(target.pid)
        assert report["checked"]["leaked"] == len(target.goids("leaked")) > 0
    return report["findings"]


def only_lock(findings):
    (lock,) = {lock["address"]: lock for finding in findings for lock in finding["locks"]}.values()
    assert int(lock["object"], 0) <= int(lock["address"], 0)
    return lock


def sentences(findings):
    return "\n".join(sentence for finding in findings for sentence in finding["evidence"])


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("built_by", BUILDS)
class TestLocks:
    def test_mutex(self, built_by, flavour):
        """Locked by a function that has returned: nobody holds it, and nobody is named."""
        (finding,) = findings_of("mutex_never_released", built_by, flavour)
        lock = only_lock([finding])
        assert (lock["kind"], lock["locked"], lock["waiters"], lock["holders"], finding["ring"]) == ("sync.Mutex", True, 3, [], [])
        assert f"the sync.Mutex at {lock['address']}" in sentences([finding]) and "3 goroutines wait" in sentences([finding])

    def test_rwmutex_held_by_a_writer(self, built_by, flavour):
        lock = only_lock(findings_of("rwmutex_reader", built_by, flavour))
        assert (lock["kind"], lock["writer_holds"], lock["readers"], lock["waiters"]) == ("sync.RWMutex", True, None, 2)

    def test_rwmutex_held_by_a_reader(self, built_by, flavour):
        """The second writer waits for the first, which waits for a reader that has gone."""
        findings = findings_of("rwmutex_writer", built_by, flavour)
        lock = only_lock(findings)
        assert (lock["kind"], lock["writer_holds"], lock["readers"], lock["waiters"]) == ("sync.RWMutex", False, 1, 2)
        (first,) = [f for f in findings if f["rule"] == "goroutine/rwmutex"]
        (second,) = [f for f in findings if f["rule"] == "goroutine/mutex"]
        assert second["locks"][0]["holders"] == first["goids"] and first["locks"][0]["holders"] == []
        assert f"kept by goroutine {first['goids'][0]}, which waits in main.rwmutexWriter.func1 (locks.go:" in sentences([second])
        assert second["advice"].startswith("unlock on every path")

    def test_waitgroup(self, built_by, flavour):
        lock = only_lock(findings_of("waitgroup_never_done", built_by, flavour))
        assert (lock["kind"], lock["counter"], lock["waiters"], lock["referrers"]) == ("sync.WaitGroup", 1, 2, [])

    def test_cond(self, built_by, flavour):
        findings = findings_of("cond_never_signalled", built_by, flavour)
        lock = only_lock(findings)
        assert (lock["kind"], lock["waiters"], lock["holders"], findings[0]["ring"]) == ("sync.Cond", 3, [], [])

    @pytest.mark.parametrize("name, seats", [("two_locks_in_two_orders", 2), ("three_locks_in_a_ring", 3), ("lock_order_ring", 5)])
    def test_rings(self, built_by, flavour, name, seats):
        (finding,) = findings_of(name, built_by, flavour)
        ring = finding["ring"]
        assert sorted(step["goid"] for step in ring) == finding["goids"] and len(ring) == seats
        assert sorted(step["lock"] for step in ring) == sorted(lock["address"] for lock in finding["locks"])
        first, second = ring[0]["goid"], ring[1]["goid"]
        assert f"goroutine {first} waits for the lock that goroutine {second} probably holds" in sentences([finding])
        for i, step in enumerate(ring):
            (lock,) = [lock for lock in finding["locks"] if lock["address"] == step["lock"]]
            assert lock["holders"] == [ring[(i + 1) % seats]["goid"]]

    @pytest.mark.parametrize("name, how", [("mutex_locked_twice", ""), ("lock_again_in_callee", ""), ("once_inside_itself", ""),
                                           ("read_lock_upgraded", ", as a reader")])
    def test_rings_of_one(self, built_by, flavour, name, how):
        (finding,) = findings_of(name, built_by, flavour)
        (goid,) = finding["goids"]
        assert finding["ring"] == [{"goid": goid, "lock": finding["locks"][0]["address"]}]
        assert finding["evidence"][-1] == f"goroutine {goid} waits for a lock that it probably holds itself{how}"

    def test_as_many_unlocks_as_locks_hold_nothing(self, built_by, flavour):
        """One branch of this function unlocks before it locks again, and which was taken is not known."""
        findings = findings_of("lock_cycle", built_by, flavour)
        assert [(f["ring"], lock["holders"]) for f in findings for lock in f["locks"]] == [([], [])] * 2

    @pytest.mark.parametrize("name, rule", [("owner_waits_for_answer", "blocked-receive"), ("send_while_locked", "blocked-send"),
                                            ("wait_while_locked", "waitgroup"), ("once_stuck", "blocked-receive")])
    def test_holders(self, built_by, flavour, name, rule):
        findings = findings_of(name, built_by, flavour)
        (holds,) = [f for f in findings if f["rule"] == f"goroutine/{rule}"]
        (waits,) = [f for f in findings if f["rule"] == "goroutine/mutex"]
        assert waits["locks"][0]["holders"] == holds["goids"] and waits["ring"] == []
        place = f"{holds['blocked_at']['function']} (locks.go:{holds['blocked_at']['line']})"
        assert f"probably held by goroutine {holds['goids'][0]}, which waits in {place}" in sentences([waits])
        assert waits["advice"].startswith(
            f"mend what goroutine {holds['goids'][0]}, behind which this probably waits, waits for in {place}, or unlock before it waits"
        )

    def test_who_should_call_done(self, built_by, flavour):
        findings = findings_of("wait_while_locked", built_by, flavour)
        (workers,) = [f for f in findings if f["rule"] == "goroutine/mutex"]
        (waits,) = [f for f in findings if f["rule"] == "goroutine/waitgroup"]
        assert (waits["locks"][0]["counter"], waits["locks"][0]["referrers"]) == (2, workers["goids"])
        assert "2 leaked goroutines refer to it: 2 in main.waitWhileLocked.func" in sentences([waits])
        assert waits["advice"].startswith(f"mend what goroutine {workers['goids'][0]} waits for in main.waitWhileLocked.func")

    def test_a_writer_comes_before_readers(self, built_by, flavour):
        """RUnlock on the way, of what TryRLock has locked: that the reader holds the lock too is not told."""
        findings = findings_of("read_lock_again_behind_writer", built_by, flavour)
        lock = only_lock(findings)
        assert (lock["writer_holds"], lock["readers"], lock["waiters"]) == (False, 1, 2)
        assert sorted(f["locks"][0]["holders"] for f in findings) == [[], findings_with_writer(findings)]
        assert all(f["ring"] == [] for f in findings)


def findings_with_writer(findings):
    (writer,) = [f for f in findings if any("sync.(*RWMutex).Lock" == frame["function"] for frame in f["stack"])]
    return writer["goids"]


@pytest.mark.parametrize("name", ["mutex_never_released", "rwmutex_reader", "rwmutex_writer", "waitgroup_never_done",
                                  "cond_never_signalled", "lock_cycle", "lock_order_ring", "once_stuck", "two_locks_in_two_orders",
                                  "lock_again_in_callee", "read_lock_upgraded", "send_while_locked", "wait_while_locked"])
@pytest.mark.parametrize("built_by", BUILDS)
def test_correct_twins_say_nothing(built_by, name):
    with running(name, "fixed", built_by) as target:
        report = leaks(target.pid)
        assert report["checked"]["goroutines"] > len(target.claims) > 0
        assert lock_findings(report) == []


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("built_by", BUILDS)
def test_core_and_saved_picture_say_the_same(built_by, flavour, tmp_path):
    with running("two_locks_in_two_orders", "leaky", built_by, flavour) as target:
        live = leaks(target.pid)["findings"]
        path = tmp_path / "picture"
        assert goshawk("snapshot", target.pid, "-o", path).code == FINE
        core = gcore(target, tmp_path)
    told = [[(f["locks"], f["ring"], f["evidence"]) for f in findings]
            for findings in (live, leaks(path)["findings"], leaks(core)["findings"])]
    assert len(live) == 1 and len(live[0]["ring"]) == 2
    assert told[0] == told[1] == told[2]
