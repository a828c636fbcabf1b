"""The ways to build a Go program that change what a reader of it meets, and those that a toolchain refuses.

Fixed ones are in FLAVOURS. Experiments (GOEXPERIMENT) are each release's own: their names come from the toolchain's sources,
`experiment-noswissmap` builds with one of them, `experiment-arenas+simd` with two,
stripped; `-dwarf` at the end leaves the debug information in.
What a release refuses stands in REFUSALS with words of the toolchain's reason; test_flavours.py holds both to each other.
"""

import functools
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

EXPERIMENT, DESCRIBED = "experiment-", "-dwarf"


@dataclass(frozen=True)
class Flavour:
    name: str
    arguments: tuple = ()
    environment: tuple = ()
    after: tuple = ()  # commands that get the executable's path as their last argument
    lean: bool = True  # without the programs that need most of the standard library
    host: str = ""  # in a program of another language: "linked", "loaded" late, from an "archive", or by "python"
    garble: tuple = None  # the obfuscator's own flags; None: built by the go command itself

    @property
    def tags(self):
        return ("-tags=lean",) if self.lean else ()


CGO = (("CGO_ENABLED", "1"),)
CLANG = (*CGO, ("CC", "clang-19"))

FLAVOURS = {
    flavour.name: flavour
    for flavour in (
        Flavour("dwarf", lean=False),
        Flavour("stripped", ("-ldflags=-s -w",), lean=False),
        Flavour("lean"),
        Flavour("lean-stripped", ("-ldflags=-s -w",)),
        Flavour("pie", ("-buildmode=pie", "-ldflags=-s -w"), lean=False),
        Flavour("cgo", (), CGO, lean=False),
        Flavour("leakprofile", (), (("GOEXPERIMENT", "goroutineleakprofile"),), lean=False),
        Flavour("386", (), (("GOARCH", "386"),), lean=False),
        Flavour("arm64", (), (("GOARCH", "arm64"),), lean=False),
        Flavour("arm64-stripped", ("-ldflags=-s -w",), (("GOARCH", "arm64"),), lean=False),
        Flavour("arm64-cgo", (), (("GOARCH", "arm64"), ("CGO_ENABLED", "1"), ("CC", "aarch64-linux-gnu-gcc")), lean=False),
        Flavour("external", ("-ldflags=-linkmode=external",), CGO),
        Flavour("external-stripped", ("-ldflags=-linkmode=external -s -w",), CGO),
        Flavour("external-static", ("-ldflags=-linkmode=external -extldflags=-static",), CGO),
        Flavour("external-pie", ("-buildmode=pie", "-ldflags=-linkmode=external"), CGO),
        Flavour("external-pie-stripped", ("-buildmode=pie", "-ldflags=-linkmode=external -s -w"), CGO),
        Flavour("race", ("-race",), CGO),
        Flavour("race-stripped", ("-race", "-ldflags=-s -w"), CGO),
        Flavour("msan", ("-msan",), CLANG),
        Flavour("asan", ("-asan",), CGO),
        Flavour("trimpath", ("-trimpath", "-ldflags=-s -w")),
        Flavour("amd64v3", ("-ldflags=-s -w",), (("GOAMD64", "v3"),)),
        Flavour("unoptimised", ("-gcflags=all=-N -l",)),
        Flavour("unoptimised-stripped", ("-gcflags=all=-N -l", "-ldflags=-s -w")),
        Flavour("strip", (), (), (("strip", "--strip-all"),)),
        Flavour("no-build-info", ("-ldflags=-s -w",), (), (("objcopy", "--remove-section", ".go.buildinfo"),)),
        Flavour("no-sections", ("-ldflags=-s -w",), (), (
            ("objcopy", "--remove-section", ".go.buildinfo"),
            (sys.executable, str(Path(__file__).resolve().parent / "erase_sections.py")),
        )),
        Flavour("c-shared", ("-ldflags=-s -w",), CGO, host="linked"),
        Flavour("c-shared-dwarf", (), CGO, host="loaded"),
        Flavour("c-shared-loaded", ("-ldflags=-s -w",), CGO, host="loaded"),
        Flavour("c-archive", (), CGO, host="archive"),
        Flavour("python", ("-ldflags=-s -w",), CGO, host="python"),
        Flavour("unnamed", ("-ldflags=-s -w -X=runtime.buildVersion=unknown",)),
        Flavour("unnamed-noallocheaders", ("-ldflags=-s -w -X=runtime.buildVersion=unknown",), (("GOEXPERIMENT", "noallocheaders"),)),
        Flavour("unnamed-greenteagc", ("-ldflags=-s -w -X=runtime.buildVersion=unknown",), (("GOEXPERIMENT", "greenteagc"),)),
        Flavour("garble", garble=()),
        Flavour("garble-literals", garble=("-literals",)),
        Flavour("garble-pie", ("-buildmode=pie",), garble=()),
        Flavour("garble-tiny", garble=("-tiny",)),
    )
}

# The version of mvdan.cc/garble that builds with a minor release: each supports one or two. v0.8 and v0.9, which support 1.19,
# are not to be had from the module proxy.
GARBLE = {20: "v0.10.1", 21: "v0.12.1", 22: "v0.12.1", 23: "v0.14.2", 24: "v0.14.2", 25: "v0.15.0", 26: "v0.17.0", 27: "v0.18.0"}

# Whose code is in the process or lays out what is in it: an experiment that none of it names cannot change a picture.
OF_THE_PROCESS = ("runtime", "internal/runtime", "internal/abi", "internal/sync", "internal/reflectlite", "reflect", "sync")
OF_THE_COMPILER = ("preemptibleloops",)  # changes what a loop's stack looks like


@functools.cache
def experiments(goroot):
    """{name as GOEXPERIMENT takes it: whether the code of the process names it}, read from a release's own sources."""
    flags = (goroot / "src/internal/goexperiment/flags.go").read_text()
    names = re.findall(r"^\t([A-Z]\w*) +bool$", flags[flags.index("type Flags struct"):], re.M)
    process = "\n".join(
        path.read_text() for folder in OF_THE_PROCESS for path in (goroot / "src" / folder).rglob("*")
        if path.suffix in (".go", ".s") and not path.name.endswith("_test.go")
    )
    found, by_default = {}, switched_on(goroot)
    cannot_be_off = switched_on(goroot, ",".join(f"no{name}" for name in sorted(by_default)))
    for name in names:
        lower = name.lower()
        named = re.search(rf"goexperiment\.({name}(Int)?|{lower})\b|GOEXPERIMENT_{lower}\b", process) is not None
        if lower not in cannot_be_off:
            found[f"no{lower}" if lower in by_default else lower] = named or lower in OF_THE_COMPILER
    return found


@functools.cache
def settings(goroot):
    """The names that GODEBUG takes and the runtime itself obeys, of a release."""
    source = (goroot / "src/runtime/runtime1.go").read_text()
    listed = source[source.index("var dbgvars"):]
    return tuple(re.findall(r'\{(?:name: )?"(\w+)"', listed[:listed.index("\n}\n")]))


@functools.cache
def switched_on(goroot, experiment=""):
    done = subprocess.run(
        [goroot / "bin/go", "list", "-f", "{{context.ToolTags}}", "runtime"], cwd="/", capture_output=True, text=True, check=True,
        env={**os.environ, "GOTOOLCHAIN": "local", "GOEXPERIMENT": experiment, "GOFLAGS": ""},
    )
    return set(re.findall(r"goexperiment\.(\w+)", done.stdout))


# {(flavour, release): words of the toolchain's reason}: whatever else cannot be built fails its test, and so does one of these
# that can.
REFUSALS = {("experiment-preemptibleloops", release): "internal compiler error" for release in ("1.21.13", "1.22.12", "1.23.12")}

# {(flavour, release): how it ends}: what can be built and dies before its own first line.
BROKEN = {("external-static", release): -signal.SIGTRAP for release in ("1.19.13", "1.20.14")}


def flavour(name):
    if not name.startswith(EXPERIMENT):
        return FLAVOURS[name]
    value = name.removeprefix(EXPERIMENT)
    described = value.endswith(DESCRIBED)
    environment = (("GOEXPERIMENT", value.removesuffix(DESCRIBED).replace("+", ",")),)
    return Flavour(name, () if described else ("-ldflags=-s -w",), environment)
