"""Reads the Go runtime's own text of goroutines: runtime.Stack, debug=2, and the dump that SIGQUIT makes.

The latter shows every frame and the runtime's own goroutines; showing() then leaves what the former would show.
Follows runtime/traceback.go: goroutineheader, traceback2, showfuncinfo.
"""

import re
from dataclasses import dataclass, field

HEADER = re.compile(r"^goroutine (\d+)(?: gp=\S+)?(?: m=\S+)?(?: mp=\S+)? \[([^\]]*)\](.*):$")
PLACE = re.compile(r"^\t(.*):(\d+)(?: |$)")
CREATOR = re.compile(r"^created by (.*?)(?: in goroutine (\d+))?$")
ELIDED = re.compile(r"^\.\.\.(?:additional|\d+) frames elided\.\.\.$")
MARKS = ("leaked", "scan", "durable")  # what a collection or a testing/synctest bubble adds to a state


@dataclass(frozen=True)
class Frame:
    function: str
    file: str
    line: int

    def __str__(self):
        return f"{self.function} {self.file}:{self.line}"


@dataclass
class Goroutine:
    goid: int
    state: str
    locked: bool
    leaked: bool
    frames: list = field(default_factory=list)
    elided_after: int = -1  # frames before the gap, if the runtime left some out
    created_by: Frame = None
    creator_goid: int = 0
    unavailable: bool = False


def printed_name(function):
    """As the runtime prints it: type arguments shortened to [...]."""
    if function == "runtime.gopanic":
        return "panic"
    opening, closing = function.find("["), function.rfind("]")
    return function if opening < 0 or closing < opening else function[:opening] + "[...]" + function[closing + 1:]


def without_arguments(line):
    """main.f(0x1, {...}) -> main.f; receivers are parenthesised too, so the last group counts."""
    depth = 0
    for position in range(len(line) - 1, -1, -1):
        depth += (line[position] == ")") - (line[position] == "(")
        if depth == 0:
            return line[:position]
    return line


def parse_header(line):
    match = HEADER.match(line)
    if not match:
        return None
    state, *others = [part.strip() for part in match[2].split(",")]
    leaked = "(leaked)" in match[2]
    for word in MARKS:
        state = state.replace(f" ({word})", "")
    return Goroutine(int(match[1]), state, "locked to thread" in others, leaked)


def parse_block(lines):
    goroutine = parse_header(lines[0])
    if goroutine is None or goroutine.goid == 0:
        return None
    position = 1
    while position < len(lines):
        line = lines[position]
        if line.startswith("\tgoroutine running on other thread"):
            goroutine.unavailable = True
        elif ELIDED.match(line):
            goroutine.elided_after = len(goroutine.frames)
        elif position + 1 < len(lines) and (place := PLACE.match(lines[position + 1])):
            position += 1
            creator = CREATOR.match(line)
            if creator:
                goroutine.created_by = Frame(printed_name(creator[1]), place[1], int(place[2]))
                goroutine.creator_goid = int(creator[2] or 0)
            else:
                goroutine.frames.append(Frame(printed_name(without_arguments(line)), place[1], int(place[2])))
        else:
            break  # registers follow, or an ancestor
        position += 1
    return goroutine


def parse_dump(text):
    """{goid: Goroutine}; blocks that are something else (g0, registers) are left out."""
    found = {}
    for block in re.split(r"\n\n+", text):
        lines = block.strip("\n").split("\n")
        while lines and not lines[0].startswith("goroutine "):
            lines.pop(0)
        if lines and (goroutine := parse_block(lines)):
            found[goroutine.goid] = goroutine
    return found


def is_shown(function):
    """showfuncinfo at the default level: the runtime's own functions are hidden unless exported."""
    if function in ("panic",):
        return True
    if "." not in function:
        return False
    return not function.startswith("runtime.") or re.match(r"runtime\.(\(\*?)?[A-Z]", function) is not None


def showing(frames):
    return [frame for frame in frames if is_shown(frame.function)]
