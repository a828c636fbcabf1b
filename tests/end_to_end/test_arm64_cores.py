"""Cores of arm64 programs, read here whatever machine this is: the same list as the runtime's own, leaks exactly as declared,
and the same again from a snapshot.

The programs are cross-built and run under qemu's user mode, which writes the cores (emulated.py). Without GOSHAWK_TEST_ARM64=whole
(script/test-all sets it) every release gets its turn with some of the programs.
"""

import os
import re

import pytest

import corpus
import go_programs
from agreement import first_difference
from conftest import RELEASES
from emulated import EmulatedProgram, core_at_some_instant, crashed
from goshawk_command import FINE, UNREADABLE, goshawk, goshawk_json
from judgement import differences_in_counts, differences_of_leaks, differences_of_lists, false_proofs, proven_goids, without_what_differs
from runtime_dump import parse_dump

WHOLE = os.environ.get("GOSHAWK_TEST_ARM64") == "whole"
FLAVOURS = ["arm64", "arm64-stripped"]
PROGRAMS = [
    "abandoned_result", "shapes_of_calls", "held_by_timers", "cond_never_signalled", "blocked_select", "runaway_loop", "lost_cancel", "held_by_finalizer",
    "mutex_never_released", "deferred_and_panicking", "main_parked", "locked_to_thread", "held_by_live_goroutines", "big_frames", "in_syscall", "deep_stack",
    "chain_of_goroutines", "pulled_iterator",
]
UNLUCKY = {"the runtime was changing its list of spans or goroutines", "the runtime was putting finalizers into their queue",
           "what a thread did before a signal cannot be told",
           "the collector was scanning its stack", "the runtime's timers are not where they were expected (runtime.p)"}
SPREAD = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]})


def chosen_cases():
    """(release, flavour, program): all, or two programs for each release, another pair and the other flavour from one to the next."""
    if WHOLE:
        wanted = [(release, flavour, name) for release in RELEASES for flavour in FLAVOURS for name in PROGRAMS]
    else:
        wanted = [
            (release, FLAVOURS[(turn + part) % 2], PROGRAMS[(2 * turn + part) % len(PROGRAMS)])
            for turn, release in enumerate(RELEASES) for part in range(2)
        ]
    return [
        pytest.param(release, flavour, name, mode, id=f"{release}-{flavour}-{name}-{mode}")
        for release, flavour, name in wanted
        if go_programs.program(name).exists_in(release)
        for mode in go_programs.program(name).modes
    ]


def differences_of_core(core, executable, target, dump):
    """Also of a snapshot of the core from the core. None: the signal came at an unlucky instant."""
    told = {command: goshawk_json(command, core, "--all", "--exe", executable) for command in ("leaks", "goroutines")}
    if UNLUCKY & {*told["leaks"]["doubts"], *told["leaks"]["checked"]["unknown_reasons"]}:
        return None
    assert told["leaks"]["target"]["arch"] == "arm64" and told["leaks"]["target"]["pid"] == target.pid
    differences = differences_of_leaks(told["leaks"], target)
    differences += differences_of_lists(told["goroutines"]["goroutines"], parse_dump(dump), but=target.never_at_rest())
    snapshot = core.parent / "snapshot"
    outcome = goshawk("snapshot", core, "--exe", executable, "-o", snapshot)
    assert outcome.code == FINE, outcome.err
    for command, report in told.items():
        told_again = without_what_differs(goshawk_json(command, snapshot, "--all"))
        if told_again != (right := without_what_differs(report)):
            differences.append(f"{command} of the snapshot are others than of the core: {first_difference(right, told_again)}")
    snapshot.unlink()
    return differences


def is_hidden_by_the_runtime(differences, core, executable):
    """All that differs is that leaked goroutines count as alive, and for one of them a word of a thread, or of a goroutine of the
    runtime's own that is at work, is the reason."""
    hidden = [re.fullmatch(r"goroutine (\d+) is leaked .* but was not proven", one) for one in differences]
    if not hidden or None in hidden:
        return False
    stories = (goshawk_json("leaks", core, "--exe", executable, "--goroutine", one[1])["goroutine"] for one in hidden)
    told = [" ".join(story["reasons"]) for story in stories]
    return any("reachable from a thread" in one or "it is the runtime's own" in one for one in told)


def check_a_core(name, mode, release, flavour, directory):
    """In a program at rest too the runtime takes its locks now and then, collects what the test's own dump left, or is in the
    midst of handling a signal: once in hundreds of cores. In one of sixty a thread (or the sweeper) still has a word, of no use to
    it any more, that leads to what a leaked goroutine waits on, which then counts as alive; three times in a row would be another
    matter."""
    differences = None
    for _ in range(3):
        with crashed(name, mode, release, flavour, directory) as (target, executable, core, dump):
            differences = differences_of_core(core, executable, target, dump)
            hidden = differences is not None and is_hidden_by_the_runtime(differences, core, executable)
        if differences is not None and not hidden:
            break
    assert differences == [], "\n" + "\n".join((differences or sorted(UNLUCKY))[:20])


@pytest.mark.parametrize("built_by, flavour, name, mode", chosen_cases())
def test_core_of_a_crash(built_by, flavour, name, mode, tmp_path):
    check_a_core(name, mode, built_by, flavour, tmp_path)


@pytest.mark.parametrize("name, mode", [("lock_held_past_calls", "leaky"), ("lock_released_by_a_method", "fixed"),
                                        ("lock_released_by_a_function_value", "fixed"), ("lock_sent_away", "fixed")])
@pytest.mark.parametrize("built_by, flavour", [(RELEASES[0], FLAVOURS[1]), (RELEASES[-1], FLAVOURS[0])])
def test_who_holds_a_lock(built_by, flavour, name, mode, tmp_path):
    """Told by machine code, which is followed step by step."""
    for _ in range(3):
        with crashed(name, mode, built_by, flavour, tmp_path) as (target, executable, core, _):
            report = goshawk_json("leaks", core, "--all", "--exe", executable)
        if not UNLUCKY & {*report["doubts"], *report["checked"]["unknown_reasons"]}:
            break
    assert corpus.wrong(report, target) == [] and corpus.missed(report, target) == set()


@pytest.mark.parametrize("built_by", SPREAD if WHOLE else RELEASES[-1:])
def test_who_made_a_context(built_by, tmp_path):
    """By machine code too."""
    with crashed("lost_cancel", "leaky", built_by, "arm64-stripped", tmp_path) as (_, executable, core, _):
        report = goshawk_json("leaks", core, "--exe", executable)
    told = [line for finding in report["findings"] for line in finding["evidence"]]
    assert any("made by main.lostCancel, which calls context.WithCancel (contexts.go:" in line for line in told), told


@pytest.mark.parametrize("mode", ["leaky", "fixed"])
@pytest.mark.parametrize("built_by", RELEASES if WHOLE else RELEASES[-1:])
def test_core_of_a_program_with_c(built_by, mode, tmp_path):
    check_a_core("c_callbacks", mode, built_by, "arm64-cgo", tmp_path)


@pytest.mark.parametrize("mode", ["leaky", "fixed"])
@pytest.mark.parametrize("built_by", RELEASES if WHOLE else SPREAD)
def test_core_of_an_instant_under_load(built_by, mode, tmp_path):
    """Threads are interrupted wherever they are: nothing is proven falsely, and what was planted is found nearly always."""
    found, planted, unlucky, doubts, cores = 0, 0, 0, set(), 10 if WHOLE else 3
    for _ in range(cores):
        with core_at_some_instant("load", mode, built_by, "arm64-stripped", tmp_path) as (target, executable, core):
            report = goshawk_json("leaks", core, "--all", "--exe", executable)
            wrong = false_proofs(report, target) + differences_in_counts(report)
            assert not wrong, "\n".join(wrong)
            if UNLUCKY & {*report["doubts"]}:
                unlucky += 1
                continue
            doubts |= {*report["doubts"]}
            found += len(target.goids("leaked") & proven_goids(report).keys())
            planted += len(target.goids("leaked"))
    assert found >= 0.9 * planted, f"{found} of {planted} were proven: {doubts}"
    assert unlucky <= cores // 2


@pytest.mark.parametrize("path", ["result", "register", "reflect", "barrier"])
@pytest.mark.parametrize("built_by", RELEASES if WHOLE else RELEASES[-1:])
def test_nothing_is_proven_between_safe_points(built_by, path, tmp_path):
    """The program wakes all that it starts, and mostly has a value in no place that a stack map names (test_between_safe_points)."""
    for _ in range(5 if WHOLE else 1):
        with core_at_some_instant("in_transit", "fixed", built_by, "arm64", tmp_path, {"IN_TRANSIT": path}) as (_, executable, core):
            report = goshawk_json("leaks", core, "--all", "--exe", executable)
        assert report["checked"]["goroutines"] > 1 and not report["findings"], report["findings"]


def test_emulated_process_is_refused(newest):
    """Its threads' registers are the emulator's: only what it tells of itself can be looked at."""
    target = EmulatedProgram(go_programs.build(newest, "arm64-stripped"), "abandoned_result", "leaky")
    try:
        for command in ("leaks", "goroutines"):
            outcome = goshawk(command, target.pid)
            assert outcome.code == UNREADABLE and outcome.out == b""
            assert "is an emulator" in outcome.err and "core" in outcome.err, outcome.err
        assert target.command("ping")
    finally:
        target.end()


def test_without_its_executable_nothing_is_proven(newest, tmp_path):
    """qemu's cores do not say which files were mapped, and have all memory but the code."""
    with crashed("abandoned_result", "leaky", newest, "arm64-stripped", tmp_path) as (_, _, core, _):
        outcome = goshawk("leaks", core)
    assert outcome.code in (FINE, UNREADABLE) and b"proven  " not in outcome.out and "--exe" in outcome.out.decode() + outcome.err


def test_executable_of_another_processor_is_refused(newest, tmp_path):
    with crashed("abandoned_result", "leaky", newest, "arm64-stripped", tmp_path) as (_, _, core, _):
        outcome = goshawk("leaks", core, "--exe", go_programs.build(newest, "stripped"))
    assert outcome.code == UNREADABLE and "for another machine" in outcome.err, outcome.err
