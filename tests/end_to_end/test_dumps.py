"""Goroutine dumps of real programs of every release: what goshawk reads in the text is what is in it, by another reader
(runtime_dump.py), goroutine by goroutine and frame by frame; and what it says of the process that wrote it."""

import corpus
from go_programs import LEAKY
from goshawk_command import goroutines, leaks
from judgement import differences_of_lists
from runtime_dump import parse_dump
from running_program import running

PREFIXES = {
    "journal": lambda n: f"Nov 29 18:30:{n % 60:02} web1 shop[4711]: ",
    "cri": lambda n: f"2026-11-29T18:30:{n % 60:02}.{n}Z stderr F ",
    "pod": lambda n: "[pod/shop-7d9f8b-x2x4z/shop] ",
}


def differences_in_file(path, text):
    """Of the list that goshawk makes of the file: every goroutine of the text, and no other."""
    listed = [{**g, "system": False} for g in goroutines(path, "--system")["goroutines"]]
    theirs = parse_dump(text)
    differences = differences_of_lists(listed, theirs)
    if [g["goid"] for g in listed] != sorted(theirs):
        differences.append("other goroutines than those of the text")
    return differences


def with_prefix(text, prefix):
    return "".join(prefix(n) + line + "\n" for n, line in enumerate(text.splitlines()))


def test_dumps_of_a_program(release, tmp_path):
    """Hundreds of goroutines in dozens of ways to wait: by runtime.Stack, and by SIGQUIT with all that the runtime has."""
    with running(corpus.together(release, LEAKY), LEAKY, release, "stripped", environment={"GOTRACEBACK": "system"}) as target:
        live = {g["goid"]: g for g in goroutines(target.pid)["goroutines"]}
        stacks = target.command("dump")["dump"]
        last_words = target.die_with_dump()
    path = tmp_path / "stacks.txt"
    path.write_text(stacks)
    assert differences_in_file(path, stacks) == []
    told = {g["goid"]: g for g in goroutines(path)["goroutines"]}
    for goid in live.keys() - target.never_at_rest():
        for fact in ("wait_reason", "status", "creator_goid"):
            assert told[goid][fact] == live[goid][fact], (goid, fact)
    path.write_text("2026/11/29 18:30:53 started\n" + last_words + "exit status 2\n")
    assert differences_in_file(path, last_words) == []
    assert leaks(path)["doubts"] == []
    for name, prefix in PREFIXES.items():
        path.write_text("".join(f"{prefix(n)}GET /{n}\n" for n in range(100)) + with_prefix(stacks, prefix))
        assert differences_in_file(path, stacks) == [], name
