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
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import flavours

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
class Program:
    name: str
    folder: str
    modes: tuple
    obeys: bool
    since: int  # the minor release
    lean: bool  # in lean builds too

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
        constraint = re.search(r"^//go:build (?:go1\.(\d+))?(?: && )?(!lean)?$", source, re.M) or [None] * 3
        since = int(constraint[1] or minor(releases()[0]))
        for kind, name in re.findall(r"\btruth\.(Program|OnMain|Correct|Alone)\(\"(\w+)\"", source):
            found.append(Program(name, path.parent.name, MODES_OF_KIND[kind], kind != "Alone", since, not constraint[2]))
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
    sources = [*PROGRAMS.glob(f"{folder}/**/*"), *PROGRAMS.glob("truth/*"), PROGRAMS / "go.mod"]
    for path in sorted(path for path in sources if path.is_file()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def uses_cgo(folder):
    wanting = re.compile(r'^(import|\t)( ?"C"|"plugin")$', re.M)
    return any(wanting.search(path.read_text()) for path in PROGRAMS.glob(f"{folder}/*.go"))


def go_environment(folder, flavour):
    environment = {k: v for k, v in os.environ.items() if k not in ("GOROOT", "GOFLAGS", "GOEXPERIMENT")}
    environment.update(GOTOOLCHAIN="local", GOWORK="off", GOFLAGS="-buildvcs=false -trimpath=false")
    environment.update(GOGC="off", GOMEMLIMIT="1GiB")  # for the compiler, which collects for a quarter of its time
    environment["CGO_ENABLED"] = "1" if uses_cgo(folder) else "0"
    environment.update(flavour.environment)
    return environment


@contextmanager
def alone_in(directory):
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def link_or_copy(source, target):
    try:
        os.link(source, target)
    except OSError:  # another file system, or the kernel's fs.protected_hardlinks
        shutil.copy2(source, target)


@functools.cache
def garbled_go(release, flags):
    """The command that builds with the obfuscator, in the place of `go`. It replaces files of the toolchain's linker (go build
    -overlay), which the go command allows only outside of the module cache: the toolchain is linked file by file elsewhere."""
    version, directory = flavours.GARBLE[minor(release)], CACHE / "garble"
    root, garble = directory / f"go{release}", directory / f"{version}-go{release}" / "garble"
    with alone_in(directory):
        if not root.exists():
            shutil.rmtree(f"{root}.new", ignore_errors=True)
            shutil.copytree(goroot(release), f"{root}.new", symlinks=True, copy_function=link_or_copy)
            os.rename(f"{root}.new", root)
        go_first = ("env", "-u", "GOROOT", f"PATH={root / 'bin'}:{os.environ['PATH']}", "GOTOOLCHAIN=local", "GOWORK=off")
        if not garble.exists():
            done = subprocess.run(
                [*go_first, "GOFLAGS=", f"GOBIN={garble.parent}", "go", "install", f"mvdan.cc/garble@{version}"],
                cwd="/", capture_output=True, text=True,
            )
            if done.returncode != 0:
                raise RuntimeError(f"garble {version} cannot be had: {done.stderr.strip()}")
    return (*go_first, f"GARBLE_CACHE={directory / 'cache'}", garble, *flags)


class Refused(RuntimeError):
    """The toolchain does not build this flavour; the text is its reason."""


def run_or_refuse(command, what, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise Refused(f"{what}: {done.stdout}{done.stderr}")


@dataclass(frozen=True)
class Build:
    """How one flavour of a release builds packages of the test module, in the folder of the executable."""

    release: str
    folder: str
    flavour: flavours.Flavour
    directory: Path

    def run(self, *command):
        run_or_refuse(
            command, f"building {self.folder} with Go {self.release}, {self.flavour.name}",
            cwd=PROGRAMS, env=go_environment(self.folder, self.flavour),
        )

    def go_build(self, package, output, *more):
        go_mod = self.directory / "go.mod"
        go_mod.write_text(f"module goshawk.test/programs\n\ngo 1.{minor(self.release)}\n")
        go = (goroot(self.release) / "bin" / "go",) if self.flavour.garble is None else garbled_go(self.release, self.flavour.garble)
        self.run(*go, "build", *self.flavour.tags, *self.flavour.arguments, *more, f"-modfile={go_mod}", "-o", output, f"./{package}")
        for then in self.flavour.after:
            self.run(*then, output)

    def executable(self, output):
        self.go_build(self.folder, output)
        for plugin in sorted(PROGRAMS.glob(f"{self.folder}/plugins/*")):
            self.go_build(plugin.relative_to(PROGRAMS), self.directory / f"{plugin.name}.so", "-buildmode=plugin")

    def library_and_host(self, output):
        """A program of another language with Go in it; which one, and how they are put together, the flavour says."""
        archive = self.flavour.host == "archive"
        library = self.directory / ("libgo.a" if archive else "libgo.so")
        self.go_build(self.folder, library, f"-buildmode={'c-archive' if archive else 'c-shared'}")
        hosts = PROGRAMS / self.folder / "hosts"
        if self.flavour.host == "python":
            shutil.copy(hosts / "host.py", output)
            return
        joined = {"archive": [library], "linked": [f"-L{self.directory}", "-lgo", f"-Wl,-rpath,{self.directory}"], "loaded": []}
        late = [f'-DLIBRARY="{library}"'] if self.flavour.host == "loaded" else []
        self.run("gcc", "-g", "-pthread", *late, hosts / "host.c", *joined[self.flavour.host], "-o", output)


def compile_program(release, folder, flavour, output):
    build, new = Build(release, folder, flavour, output.parent), Path(f"{output}.new")
    if flavour.host:
        build.library_and_host(new)
    else:
        build.executable(new)
    os.rename(new, output)


@functools.cache
def build(release, flavour_name, folder="patterns"):
    """The path of the executable, built if need be."""
    directory = CACHE / "programs" / release / flavour_name / f"{folder}-{source_hash(folder)}"
    executable = directory / folder
    with alone_in(directory):
        if not executable.exists():
            compile_program(release, folder, flavours.flavour(flavour_name), executable)
    return executable


if __name__ == "__main__":
    print(build(*sys.argv[1:]))
