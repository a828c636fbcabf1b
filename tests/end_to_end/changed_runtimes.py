"""Go runtimes that do not exist: a release's own sources with a field more, two fields swapped, or a wider one.

A GOROOT is taken over by hard links (its files belong to the module cache: `-overlay` refuses those, and none may be written
to), and the one file that a change touches is replaced. The programs are built from it as from any other, without those that need
most of the standard library, kept beside the ordinary ones, and the GOROOT is removed again with all that was compiled of it: a
changed runtime is linked into nothing else. What a change is called says which structure and where.

As a command: `python3 changed_runtimes.py RELEASE CHANGE FLAVOUR [GO VERSION]` builds and prints the path.
"""

import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import flavours
import go_programs

MORE = "\taddedBefore_%s [3]uintptr"  # three words: more than padding could take up


@dataclass(frozen=True)
class Change:
    """In `structure`: a field more before the field `before`, or the lines of two fields `swapped`."""

    structure: str
    before: str = ""
    swapped: tuple = ()
    retyped: tuple = ()  # (declaration, its replacement): a named type of another width
    since: int = field(default=0, repr=False)  # the minor release; before, that runtime would not run

    def apply(self, source):
        if self.retyped:
            old, new = self.retyped
            return source.replace(f"\n{old}\n", f"\n{new}\n") if f"\n{old}\n" in source else None
        match = re.search(rf"^type {self.structure} struct \{{\n(.*?)^\}}", source, re.M | re.S)
        if not match:
            return None
        lines = self.change_lines(match[1].split("\n"))
        return source[:match.start(1)] + "\n".join(lines) + source[match.end(1):]

    def change_lines(self, lines):
        if self.before:
            at = line_of(lines, self.before)
            return [*lines[:at], MORE % self.before, *lines[at:]]
        first, second = (line_of(lines, name) for name in self.swapped)
        lines = list(lines)
        lines[first], lines[second] = lines[second], lines[first]
        return lines


def line_of(lines, field):
    (at,) = [i for i, line in enumerate(lines) if re.match(rf"\t{field}\b", line)]
    return at


# Some offsets are the compiler's and the assembler's own (g up to m, m up to morebuf, hchan's two counts): the runtime of no
# release can move those, so the first field behind them is the head here.
CHANGES = {
    "g-head": Change("g", before="sched"),
    "g-middle": Change("g", before="goid"),
    "g-swapped": Change("g", swapped=("schedlink", "waitsince")),
    "g-wider": Change("g", retyped=("type waitReason uint8", "type waitReason uint32")),
    "sudog-head": Change("sudog", before="g"),
    "sudog-middle": Change("sudog", before="waitlink"),
    "sudog-swapped": Change("sudog", swapped=("next", "prev")),
    "hchan-head": Change("hchan", before="buf"),
    "hchan-middle": Change("hchan", before="recvq"),
    "hchan-swapped": Change("hchan", swapped=("recvq", "sendq")),
    "mspan-head": Change("mspan", before="next"),
    "mspan-middle": Change("mspan", before="allocBits"),
    "mspan-swapped": Change("mspan", swapped=("freeindex", "nelems")),
    "m-head": Change("m", before="procid"),
    "m-middle": Change("m", before="alllink"),
    "m-swapped": Change("m", swapped=("p", "nextp")),
    "mheap-head": Change("mheap", before="lock"),
    "mheap-middle": Change("mheap", before="allspans"),
    "mheap-late": Change("mheap", before="arenas"),
    "mheap-swapped": Change("mheap", swapped=("sweepgen", "sweepPagesPerByte")),
    "mheap-end": Change("mheap", before="unused"),
    "heapArena-head": Change("heapArena", before="spans"),
    "schedt-head": Change("schedt", before="goidgen"),
    "schedt-middle": Change("schedt", before="lock"),
    "semaRoot-head": Change("semaRoot", before="lock"),
    "special-head": Change("special", before="next"),
    "specialfinalizer-head": Change("specialfinalizer", before="fn"),
    "p-head": Change("p", before="id"),
    "timer-head": Change("timer", before="when", since=23),  # before, package time has a copy of it
}


def parts_of(name):
    """"g-head+m-head" is both at once; "" is the release's own runtime."""
    return [CHANGES[part] for part in name.split("+") if part]


def possible_in(release, name):
    """As much of it as this release can have."""
    return "+".join(part for part in name.split("+") if CHANGES[part].since <= go_programs.minor(release))


@functools.cache
def recipe_hash(folder, name, version):
    recipe = repr(("lean", go_programs.source_hash(folder), [(part, MORE) for part in parts_of(name)], version))
    return hashlib.sha256(recipe.encode()).hexdigest()[:16]


def change_sources(runtime, change):
    """Replaces the one file that declares the structure; the links to the release's own are not written through."""
    changed = 0
    for path in sorted(runtime.glob("*.go")):
        if path.name.endswith("_test.go"):
            continue
        source = change.apply(path.read_text())
        if source is None:
            continue
        path.unlink()
        path.write_text(source)
        changed += 1
    if changed != 1:  # a structure has one home: a name that means two things here would test something else
        raise RuntimeError(f"{change} applies to {changed} files of this release")


def linked_goroot(release, into):
    """What a build needs of a GOROOT, by hard links where the file system allows it."""
    own = go_programs.goroot(release)
    for part in ("bin", "pkg", "src", "lib", "VERSION", "go.env"):
        if not (own / part).exists():
            continue
        command = ["cp", "-R", own / part, into]
        if subprocess.run([*command[:1], "-l", *command[1:]], capture_output=True).returncode != 0:
            shutil.rmtree(into / part, ignore_errors=True)
            subprocess.run(command, check=True)
    for folder, _, _ in os.walk(into):
        os.chmod(folder, 0o755)


def build_changed(release, name, flavours, version, folder, directory):
    goroot = directory / "goroot"
    shutil.rmtree(goroot, ignore_errors=True)
    goroot.mkdir()
    try:
        linked_goroot(release, goroot)
        for change in parts_of(name):
            change_sources(goroot / "src" / "runtime", change)
        for flavour in flavours:
            compile_with(goroot, release, flavour, version, folder, directory / flavour)
    finally:
        shutil.rmtree(goroot, ignore_errors=True)
        shutil.rmtree(compiled(goroot), ignore_errors=True)


def compiled(goroot):
    return goroot.with_name("compiled")


def compile_with(goroot, release, flavour, version, folder, output):
    go_mod = output.with_suffix(".mod")
    go_mod.write_text(f"module goshawk.test/programs\n\ngo 1.{go_programs.minor(release)}\n")
    flags = {"dwarf": "", "stripped": "-s -w"}[flavour]
    if version:
        flags = f"{flags} -X 'runtime.buildVersion={version}'".strip()
    lean = flavours.flavour("lean")
    environment = go_programs.go_environment(folder, lean)
    environment.update(GOROOT=str(goroot), GOCACHE=str(compiled(goroot)))
    done = subprocess.run(
        [goroot / "bin" / "go", "build", *lean.tags, f"-modfile={go_mod}", f"-ldflags={flags}", "-o", f"{output}.new", f"./{folder}"],
        cwd=go_programs.PROGRAMS, env=environment, capture_output=True, text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"building {folder} with a changed Go {release}, {flavour}: {done.stderr[:3000]}")
    os.rename(f"{output}.new", output)


@functools.cache
def build(release, name, flavour, version="", folder="patterns"):
    """The path of the executable; both flavours are built at once, since all but the linker's work is the same."""
    flavours = ("dwarf", "stripped")
    kept = f"{folder}-{name or 'own'}-{recipe_hash(folder, name, version)}"
    directory = go_programs.CACHE / "changed" / release / kept
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / flavours[-1]).exists():
            build_changed(release, name, flavours, version, folder, directory)
    return directory / flavour


if __name__ == "__main__":
    release, change, flavour, *version = sys.argv[1:]
    print(build(release, change, flavour, *version))
