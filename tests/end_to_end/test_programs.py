"""Every program with its truth, on every release, with debug information and without: the leaks are exactly what it declares,
the list of goroutines is the runtime's own, and the program does what it would have done anyway."""

from goshawk_command import goroutines, goshawk, leaks
from judgement import differences_of_leaks, differences_of_lists, stacks_differ
from running_program import running
from runtime_dump import parse_dump, showing


# Busy from the moment they are ready: their lists change all the time.
RESTLESS = ("load", "starts_processes", "ends_threads")


def assert_none(differences):
    assert not differences, "\n" + "\n".join(differences[:20])


def judge_list_by_dump(target, listed):
    """Twice: as JSON, and as the text that tools for dumps read. The goroutine that dumps runs while it does."""
    dump = parse_dump(target.command("dump")["dump"])
    differences = differences_of_lists(listed, dump, but=target.never_at_rest())
    text = parse_dump(goshawk("goroutines", target.pid, "--all").out.decode())
    for goid in dump.keys() - target.never_at_rest():
        ours, theirs = text.get(goid), dump[goid]
        if ours is None or (ours.state, ours.locked, ours.created_by) != (theirs.state, theirs.locked, theirs.created_by):
            differences.append(f"goroutine {goid} in text: {ours}, not {theirs}")
        elif stacks_differ(ours.frames, theirs):
            differences.append(f"goroutine {goid} in text has another stack")
    return differences


def judge_list_by_last_words(target, listed):
    """The dump of SIGQUIT has the serving goroutine at rest too, and the runtime's own ones, but every hidden frame."""
    dump = parse_dump(target.die_with_dump())
    differences = []
    for goroutine in listed:
        theirs = dump.get(goroutine["goid"])
        if theirs is None:
            differences.append(f"goroutine {goroutine['goid']} is listed, but not in the last dump")
        elif goroutine["goid"] == target.serving_goid:
            shown = [frame["function"] for frame in goroutine["stack"]]
            if shown != [frame.function for frame in showing(theirs.frames)]:
                differences.append(f"the serving goroutine: {shown}, not {showing(theirs.frames)}")
    missing = dump.keys() - {g["goid"] for g in listed}
    return differences + [f"goroutine {goid} is not listed: {dump[goid]}" for goid in sorted(missing)]


def test_program(case):
    with running(case.program.name, case.mode, case.release, case.flavour) as target:
        report = leaks(target.pid)
        assert_none(differences_of_leaks(report, target, at_rest=case.program.name not in RESTLESS))
        assert report["target"]["go"] == f"go{case.release}"
        if not case.program.obeys:
            return
        if case.program.name in RESTLESS:
            assert target.command("ping")
            return
        assert_none(judge_list_by_dump(target, goroutines(target.pid)["goroutines"]))
        if case.mode == "fixed":
            assert target.command("wake")["left"] == [], "declared to wake, but still there"
        elif case.program.name != "crowd":
            assert_none(judge_list_by_last_words(target, goroutines(target.pid, "--system")["goroutines"]))
