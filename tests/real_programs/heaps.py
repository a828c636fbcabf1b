"""Fills servers that nobody here wrote with data and judges what goshawk heap says of them; writes docs/real-heaps.md.

Usage: heaps.py [NAME...]     without names: all, and the table is written
"""

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from filled import SERVERS
from judge import fetch, goshawk_json
from packages import executable
from run import Running, build_of

TABLE = Path(__file__).resolve().parents[2] / "docs" / "real-heaps.md"
LEAST_TYPED = {"DWARF": 95, "stripped": 80}  # in hundredths of the bytes in use
FIRST_WITH_HEADERS = 22  # before Go 1.22 the share of a stripped program is told, not judged
ATTEMPTS = 5  # what is in use changes while it is looked at

HEAD = """# Heaps of programs that nobody here wrote

Written by `script/real-heaps` (part of `script/test-all`); do not edit. Each server is unpacked, or built from its module, as published,
started, filled, and looked at by `goshawk heap PID`; with debug information if it has it, and stripped.

- **typed**: of how much of what is in use the type is known. At least 95 % with debug information; 80 % stripped, from Go 1.22 on.
- **its own count**: what goshawk calls in use or not yet collected, against `HeapAlloc` of its own heap profile, taken after a collection
  of its own, if it has one. At most 1 % off.
- **balance**: the sum of the lines against the kernel's RSS, as it was before and after. At most 1 % off.
- **filled with**: there must be as many of that type, and how one of the large holders is told must name where they are held.

| server | package | Go | build | in use | objects | typed | its own count | balance | filled with | largest of unknown type |
|---|---|---|---|---|---|---|---|---|---|---|
"""


@dataclass
class Look:
    typed: float
    bytes: int
    objects: int
    own_off: float
    balance_off: float
    report: dict


def own_count(running, filled):
    text = fetch(running.url(filled.heap, filled.heap_port) + "?gc=1&debug=1").decode()
    return int(re.search(r"^# HeapAlloc = (\d+)$", text, re.MULTILINE)[1])


def resident_bytes(pid):
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith("Rss:")))


def look_once(running, filled):
    own = own_count(running, filled) if filled.heap else None
    before = resident_bytes(running.pid)
    report = goshawk_json("heap", running.pid, "--types", "--all")
    resident = sorted((before, resident_bytes(running.pid)))
    typed = sum(row["bytes"] for row in report["types"])
    untyped = sum(row["bytes"] for row in report["unknown_types"])
    garbage = sum(line["bytes"] for line in report["balance"] if line["name"] == "heap_garbage")
    told = sum(line["bytes"] for line in report["balance"])
    rss = min(max(told, resident[0]), resident[1])
    return Look(typed=100 * typed / (typed + untyped), bytes=typed + untyped,
                objects=sum(row["objects"] for row in report["types"] + report["unknown_types"]),
                own_off=100 * (typed + untyped + garbage - own) / own if own else 0, balance_off=100 * (told - rss) / rss, report=report)


def look(running, filled):
    """The best of a few: it allocates meanwhile."""
    looks = []
    while len(looks) < ATTEMPTS and (not looks or abs(looks[-1].own_off) > 1):
        looks.append(look_once(running, filled))
    return min(looks, key=lambda one: abs(one.own_off))


def count_of(report, name):
    return sum(row["objects"] for row in report["types"] if row["type"] == name)


def ways_of_holders(report):
    for finding in report["findings"]:
        for holder in (finding.get("holder"), finding.get("accumulation")):
            if holder:
                yield " ".join([*holder["path"], *holder.get("held_by", ()), holder["type"] or ""])


def differences(filled, flavour, looked):
    wrong = []
    minor = int(looked.report["target"]["go"].split(".")[1])
    if looked.typed < LEAST_TYPED[flavour] and (flavour == "DWARF" or minor >= FIRST_WITH_HEADERS):
        wrong.append(f"only {looked.typed:.1f} % has a type: {looked.report['unknown_types'][:5]}")
    if abs(looked.own_off) > 1:
        wrong.append(f"its own count is {looked.own_off:+.2f} % off")
    if abs(looked.balance_off) > 1:
        wrong.append(f"the balance is {looked.balance_off:+.2f} % off")
    if (count := count_of(looked.report, filled.most)) < filled.count:
        wrong.append(f"it has {count} {filled.most}, and was filled with {filled.count}")
    if not any(filled.held_at in way for way in ways_of_holders(looked.report)):
        wrong.append(f"no large holder names {filled.held_at}: {list(ways_of_holders(looked.report))}")
    return wrong


def unknown_text(report):
    rows = report["unknown_types"]
    if not rows:
        return ""
    first = rows[0]
    size = f"{first['slot_bytes']:,} bytes" if first["slot_bytes"] else "large"
    return f"{first['objects']:,} × {size}" + (f", held by {first['held_by']}" if first["held_by"] else "")


def row_of(filled, flavour, looked):
    program, target = filled.program, looked.report["target"]
    own = f"{looked.own_off:+.2f} %" if filled.heap else "has none"
    return [program.name, program.package, target["go"], flavour,
            f"{looked.bytes / 1e6:.0f} MB", f"{looked.objects:,}", f"{looked.typed:.1f} %", own, f"{looked.balance_off:+.2f} %",
            f"{count_of(looked.report, filled.most):,} × {filled.most}", unknown_text(looked.report)]


def flavours_of(path):
    return ("DWARF", "stripped") if build_of(path).endswith("DWARF") else ("stripped",)


def stripped(path, directory):
    if not build_of(path).endswith("stripped"):
        subprocess.run(["strip", "-o", directory / "stripped", path], check=True)
        path = directory / "stripped"
    return path


def look_at(filled, path, flavour):
    with tempfile.TemporaryDirectory(prefix="goshawk-heap-") as folder:
        directory = Path(folder)
        running = Running(filled.program, directory, path if flavour == "DWARF" else stripped(path, directory))
        try:
            running.await_ready()
            with filled.fill(running):
                looked = look(running, filled)
                running.assert_alive()
            return row_of(filled, flavour, looked), differences(filled, flavour, looked)
        finally:
            running.end()


def look_at_all(filled):
    """(row, what is wrong) of each flavour."""
    flavour = ""
    try:
        path = executable(filled.program.package, filled.program.executable)
        for flavour in flavours_of(path):
            yield look_at(filled, path, flavour)
    except (AssertionError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        yield [filled.program.name, filled.program.package, "", flavour], [f"{type(error).__name__}: {error}"]


def main(names):
    rows, failed = [], 0
    for filled in (one for one in SERVERS if not names or one.program.name in names):
        for row, wrong in look_at_all(filled):
            rows.append(row)
            print(f"{'FAILED' if wrong else 'ok':6s} " + " | ".join(map(str, row)), flush=True)
            for line in wrong:
                print(f"         {line}", flush=True)
            failed += bool(wrong)
    if not names and not failed:
        TABLE.write_text(HEAD + "".join("| " + " | ".join(map(str, row)) + " |\n" for row in rows))
    print(f"{len(rows) - failed} of {len(rows)} looks")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
