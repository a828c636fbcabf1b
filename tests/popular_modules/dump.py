"""Goroutines of a dump, as runtime.Stack writes them."""

import re
from dataclasses import dataclass

STANDARD = re.compile(r"^(internal/|net[./]|runtime\.|sync\.|sync/|time\.|io\.|bufio\.|os[./]|crypto/|context\.|testing\.)")
TEST = re.compile(r"\.((?:Test|Example|Fuzz|Benchmark)[A-Z_]?\w*)")


@dataclass(frozen=True)
class Goroutine:
    goid: int
    state: str
    function: str  # where it stands: the first that is not the standard library's, if there is one
    created_by: str
    test: str  # of its creators, as far as they are named so; "" if none is


def parse(block):
    lines = block.split("\n")
    goid, state = re.match(r"goroutine (\d+)[^\[]*\[([^\],]*)", lines[0]).groups()
    created_by, functions, all_functions = "", [], []
    for line in lines[1:]:
        if line.startswith("created by "):
            created_by = created_by or line.split()[2]
        elif not line.startswith(("\t", "[", "...")):
            all_functions.append(line[:line.rfind("(")])
            if not created_by:
                functions.append(all_functions[-1])
    own = next((f for f in functions if not STANDARD.match(f)), functions[0])
    tests = [found[1] for f in all_functions if not f.startswith("testing.") and (found := TEST.search(f))]
    return Goroutine(int(goid), state, own, created_by, tests[-1] if tests else "")


def read(path):
    return [parse(block) for block in path.read_text().split("\n\n") if block.startswith("goroutine ")]
