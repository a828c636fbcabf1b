"""Stops at random instants of a program under full load: nothing false is proven, no crash, no hang, and what was planted is
proven nearly always. GOSHAWK_TEST_STOPS is the number of stops for each release and flavour."""

import os
import random
import time

import pytest

from conftest import FLAVOURS
from goshawk_command import leaks
from judgement import differences_in_counts, false_proofs, proven_goids
from running_program import running

STOPS = int(os.environ.get("GOSHAWK_TEST_STOPS", "200"))
FOUND_AT_LEAST = 0.99


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_under_load(release, flavour):
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    found, missed = 0, {}
    with running("load", "leaky", release, flavour) as target:
        planted = target.goids("leaked")
        for stop in range(STOPS):
            time.sleep(chance.uniform(0, 0.03))  # the instant, not a wait for anything
            report = leaks(target.pid)
            wrong = false_proofs(report, target) + differences_in_counts(report)
            assert not wrong, f"seed {seed}, stop {stop}:\n" + "\n".join(wrong)
            proven = planted & proven_goids(report).keys()
            found += len(proven)
            for goid in planted - proven:
                missed[goid] = missed.get(goid, 0) + 1
        assert target.command("ping")
    rate = found / (STOPS * len(planted))
    assert rate >= FOUND_AT_LEAST, f"{rate:.3f} of the planted ones were proven in {STOPS} stops; missed (goid: times) {missed}"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_correct_program_under_load(release, flavour):
    with running("load", "fixed", release, flavour) as target:
        for _ in range(STOPS // 4):
            wrong = false_proofs(leaks(target.pid), target)
            assert not wrong, "\n".join(wrong)
        assert target.command("wake")["left"] == []
