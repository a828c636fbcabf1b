"""goshawk goroutines --no-stop: of a program at rest the same list as with a stop; of one at work only what can be so; and the process
is not even traced."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from goshawk_command import DENIED, FINE, USAGE, goroutines, goshawk
from running_program import running
from test_heap_balance import SOME, some_releases

AT_REST = ["blocked_receive", "blocked_select", "mutex_never_released", "http_handler_timeout", "shapes_of_calls", "crowd", "pprof_labels", "deep_stack"]
LOOKS = 30
both_flavours = pytest.mark.parametrize("flavour", ["dwarf", "stripped"])


def list_running(pid, *arguments):
    report = goroutines(pid, "--no-stop", *arguments)
    picture = report["picture"]
    assert (picture["way"], picture["pause_ns"], picture["stops"]) == ("no-stop", 0, 0)
    return report


def at_rest(report, target):
    """Ages and deadlines are the clock's; the goroutine that serves commands has just run."""
    listed = [dict(one) for one in report["goroutines"] if one["goid"] not in target.never_at_rest()]
    for one in listed:
        one.pop("wait_ns", None)
        one["waits_on"] = [{**wait, "deadline_in_ns": None} for wait in one["waits_on"]]
    return listed


def place(frame):
    return frame and (frame["function"], frame["line"])


@some_releases
@both_flavours
@pytest.mark.parametrize("program", AT_REST)
def test_the_same_list_as_with_a_stop(some, flavour, program):
    with running(program, "leaky", some, flavour) as target:
        running_list = list_running(target.pid)
        stopped = goroutines(target.pid)
    assert at_rest(running_list, target) == at_rest(stopped, target)
    assert len(at_rest(stopped, target)) > 0 and running_list["doubts"] == []


@some_releases
@pytest.mark.parametrize("processors", ["1", "4"])
def test_of_a_program_under_load_only_what_can_be(some, processors):
    whole = torn = 0
    with running("load", "leaky", some, "stripped", environment={"GOMAXPROCS": processors}) as target:
        planted = target.goids("leaked")
        began_in, stacks = {}, {}
        for _ in range(LOOKS):
            for one in goroutines(target.pid)["goroutines"]:
                if one["stack_complete"] and one["created_by"] and one["created_by"]["function"] != "time.goFunc":
                    began_in.setdefault(place(one["created_by"]), set()).add(one["stack"][-1]["function"])
                if one["goid"] in planted:
                    stacks[one["goid"]] = one["stack"]
        for functions in began_in.values():
            functions.discard("runtime.goexit")  # of one that has not begun yet
        for _ in range(LOOKS):
            report = list_running(target.pid)
            listed = {one["goid"]: one for one in report["goroutines"]}
            assert len(listed) == len(report["goroutines"]), "a goroutine is there twice"
            for goid in planted:
                assert listed[goid]["stack"] == stacks[goid]
            for one in listed.values():
                whole += one["stack_complete"]
                torn += not one["stack_complete"]
                begun = one["stack_complete"] and one["stack"][-1]["function"] != "runtime.goexit"
                known = began_in.get(place(one["created_by"]))
                if known and begun:
                    assert one["stack"][-1]["function"] in known, (one, known)
        assert target.command("ping")
    assert torn < whole, f"{whole} with their whole stack, {torn} without"


def test_of_what_runs_its_function_is_told():
    """At any moment it may wait for a processor instead, where others want them."""
    seen = False
    with running("runaway_loop", "fixed", SOME[-1]) as target:
        for _ in range(50):
            busy = [one for one in list_running(target.pid)["goroutines"] if one["status"] == "running"]
            assert [len(one["stack"]) for one in busy] == [1] * len(busy) and not any(one["stack_complete"] for one in busy), busy
            seen = any("runaway" in one["stack"][0]["function"].lower() for one in busy)
            if seen:
                break
            time.sleep(0.02)
    assert seen


def test_the_process_is_not_traced():
    """One that another debugger holds can be listed, where a stop is refused."""
    with running("blocked_receive", "leaky", SOME[-1]) as target:
        holder = Path(__file__).with_name("ptrace_holder.py")
        with subprocess.Popen([sys.executable, holder, str(target.pid)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tracer:
            assert tracer.stdout.readline() == b"tracing\n"
            assert goshawk("goroutines", target.pid).code == DENIED
            assert len(list_running(target.pid)["goroutines"]) > 1
            tracer.stdin.close()
        assert target.command("ping")


def test_only_of_a_process(tmp_path):
    with running("blocked_receive", "leaky", SOME[-1]) as target:
        assert goshawk("snapshot", target.pid, "-o", tmp_path / "one").code == FINE
    outcome = goshawk("goroutines", tmp_path / "one", "--no-stop")
    assert outcome.code == USAGE and "stands still" in outcome.err


def test_many_come_and_go():
    """Its goroutines are others with every command: those that have ended are not listed."""
    with running("load_that_rises", "fixed", SOME[-1]) as target:
        for _ in range(5):
            workers = target.command("turn")["did"]
            time.sleep(0.01)
            listed = list_running(target.pid)["goroutines"]
            assert sum(one["stack"][-1]["function"].endswith("(*shift).work") for one in listed) == workers
