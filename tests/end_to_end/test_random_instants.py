"""Stops at random instants of a program under full load (channels, locks, timers, contexts, HTTP, a pool of database
connections, collections all the time), on one processor or on four: nothing correct is proven or likely, no crash, no hang, and
what was planted is proven nearly always. GOSHAWK_TEST_STOPS is the number of stops for each release, flavour and GOMAXPROCS, which
are tried by turns (conftest)."""

import os
import random
import time

import pytest

from conftest import FLAVOURS, by_turns
from goshawk_command import leaks
from judgement import differences_in_counts, false_proofs, false_suspicions, proven_goids
from running_program import running

STOPS = int(os.environ.get("GOSHAWK_TEST_STOPS", "100"))
FOUND_AT_LEAST = 0.99
PROCESSORS = ("1", "4")


def wrong_in(report, target):
    return false_proofs(report, target) + false_suspicions(report, target) + differences_in_counts(report)


@pytest.mark.parametrize("release, flavour, processors", by_turns(FLAVOURS, PROCESSORS))
def test_under_load(release, flavour, processors):
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    found, missed = 0, {}
    with running("load", "leaky", release, flavour, environment={"GOMAXPROCS": processors}) as target:
        planted = target.goids("leaked")
        for stop in range(STOPS):
            time.sleep(chance.uniform(0, 0.03))  # the instant, not a wait for anything
            report = leaks(target.pid)
            wrong = wrong_in(report, target)
            assert not wrong, f"seed {seed}, stop {stop}:\n" + "\n".join(wrong)
            proven = planted & proven_goids(report).keys()
            found += len(proven)
            for goid in planted - proven:
                missed[goid] = missed.get(goid, 0) + 1
        assert target.command("ping")
    rate = found / (STOPS * len(planted))
    assert rate >= FOUND_AT_LEAST, f"{rate:.3f} of the planted ones were proven in {STOPS} stops; missed (goid: times) {missed}"


@pytest.mark.parametrize("release, flavour, processors", by_turns(FLAVOURS, PROCESSORS, first=2))
def test_correct_program_under_load(release, flavour, processors):
    with running("load", "fixed", release, flavour, environment={"GOMAXPROCS": processors}) as target:
        for _ in range(STOPS // 4):
            wrong = wrong_in(leaks(target.pid), target)
            assert not wrong, "\n".join(wrong)
        assert target.command("wake")["left"] == []
