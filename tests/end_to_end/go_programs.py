"""The test programs: which there are, for which Go releases, and how they are built.

tests/programs is one Go module. Each of its folders with a `package main` is one executable that holds programs, found here
by their registration (truth.Program("name", ...)); a file's //go:build line says since which release its programs exist.
Executables are built with `go M.N` lines as their users would have them (by -modfile), and kept outside of the tree under
a hash of the module's sources, so that only what changed is built again. A lock makes that safe in parallel.

As a command: `python3 go_programs.py RELEASE FLAVOUR [FOLDER]` builds and prints the path.
"""

import fcntl
import functools
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
PROGRAMS = TESTS / "programs"
TOOLCHAIN_SCRIPT = TESTS.parent / "script" / "go-toolchain"
CACHE = Path(
    os.environ.get("GOSHAWK_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "goshawk"
)

LEAKY, FIXED = "leaky", "fixed"
MODES_OF_KIND = {"Program": (LEAKY, FIXED), "OnMain": (LEAKY, FIXED), "Correct": (FIXED,), "Alone": (FIXED,)}


@dataclass(frozen=True)
class Flavour:
    name: str
    arguments: tuple = ()
    environment: tuple = ()


FLAVOURS = {
    flavour.name: flavour
    for flavour in (
        Flavour("dwarf"),
        Flavour("stripped", ("-ldflags=-s -w",)),
        Flavour("pie", ("-buildmode=pie", "-ldflags=-s -w")),
        Flavour("cgo", (), (("CGO_ENABLED", "1"),)),
        Flavour("leakprofile", (), (("GOEXPERIMENT", "goroutineleakprofile"),)),
        Flavour("386", (), (("GOARCH", "386"),)),
        Flavour("arm64", (), (("GOARCH", "arm64"),)),
        Flavour("arm64-stripped", ("-ldflags=-s -w",), (("GOARCH", "arm64"),)),
        Flavour("arm64-cgo", (), (("GOARCH", "arm64"), ("CGO_ENABLED", "1"), ("CC", "aarch64-linux-gnu-gcc"))),
    )
}


@dataclass(frozen=True)
class Program:
    name: str
    folder: str
    modes: tuple
    obeys: bool
    since: int  # the minor release

    def exists_in(self, release):
        return minor(release) >= self.since


def releases():
    """Every Go release that is supported, oldest first."""
    return (TESTS / "go_versions.txt").read_text().split()


def minor(release):
    return int(release.split(".")[1])


@functools.cache
def programs():
    found = []
    for path in sorted(PROGRAMS.glob("*/*.go")):
        source = path.read_text()
        if not re.search(r"^package main$", source, re.M):
            continue
        constraint = re.search(r"^//go:build go1\.(\d+)$", source, re.M)
        since = int(constraint[1]) if constraint else minor(releases()[0])
        for kind, name in re.findall(r"\btruth\.(Program|OnMain|Correct|Alone)\(\"(\w+)\"", source):
            found.append(Program(name, path.parent.name, MODES_OF_KIND[kind], kind != "Alone", since))
    return found


def program(name):
    (found,) = [p for p in programs() if p.name == name]
    return found


@functools.cache
def goroot(release):
    done = subprocess.run([TOOLCHAIN_SCRIPT, release], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"Go {release} cannot be had: {done.stderr.strip()}")
    return Path(done.stdout.strip())


@functools.cache
def source_hash(folder):
    digest = hashlib.sha256()
    for path in sorted([*PROGRAMS.glob(f"{folder}/*"), *PROGRAMS.glob("truth/*"), PROGRAMS / "go.mod"]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def uses_cgo(folder):
    return any('import "C"' in path.read_text() for path in PROGRAMS.glob(f"{folder}/*.go"))


def go_environment(folder, flavour):
    environment = {k: v for k, v in os.environ.items() if k not in ("GOROOT", "GOFLAGS", "GOEXPERIMENT")}
    environment.update(GOTOOLCHAIN="local", GOWORK="off", GOFLAGS="-buildvcs=false -trimpath=false")
    environment["CGO_ENABLED"] = "1" if uses_cgo(folder) else "0"
    environment.update(flavour.environment)
    return environment


def compile_program(release, folder, flavour, output):
    go_mod = output.with_suffix(".mod")
    go_mod.write_text(f"module goshawk.test/programs\n\ngo 1.{minor(release)}\n")
    command = [goroot(release) / "bin" / "go", "build", f"-modfile={go_mod}", *flavour.arguments]
    done = subprocess.run(
        [*command, "-o", f"{output}.new", f"./{folder}"],
        cwd=PROGRAMS, env=go_environment(folder, flavour), capture_output=True, text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"building {folder} with Go {release}, {flavour.name}: {done.stderr}")
    os.rename(f"{output}.new", output)


@functools.cache
def build(release, flavour_name, folder="patterns"):
    """The path of the executable, built if need be."""
    directory = CACHE / "programs" / release / flavour_name / f"{folder}-{source_hash(folder)}"
    executable = directory / folder
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not executable.exists():
            compile_program(release, folder, FLAVOURS[flavour_name], executable)
    return executable


if __name__ == "__main__":
    print(build(*sys.argv[1:]))
