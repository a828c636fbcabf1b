"""Every patch level of every supported release, not only the newest: structures do move inside a release.

Not among what `pytest tests/end_to_end` collects: each brings a toolchain of 300 MB. script/test-all names this file.
GOSHAWK_TEST_PATCHES chooses (a list with commas; "first": the first of each minor). A toolchain that was not there before is
removed again, and so are its build cache and its programs: two at a time fit anywhere. One that the module proxy does not give
out is skipped, by name. The first and the newest of each minor build the whole program, those between without what needs most of
the standard library: the programs that are judged are the same.

Stripped, the table of the release has to agree with what the program's own type descriptors say; it remarks on it if not."""

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

import go_programs
from telling_programs import judge_all

KEPT = go_programs.CACHE  # where script/go-toolchain puts what it copies

# The module proxy's own word that it does not give a version out; what else goes wrong on the way fails the test.
NOT_GIVEN_OUT = re.compile(r": (403|404|410) ")


def patch_levels():
    """1.19, 1.19.1 ... 1.21.0, 1.21.1 ...: up to 1.20 the first one is called by the minor alone."""
    for newest in go_programs.releases():
        _, minor, last = newest.split(".")
        for patch in range(int(last) + 1):
            yield f"1.{minor}" if patch == 0 and int(minor) <= 20 else f"1.{minor}.{patch}"


def is_first(release):
    return release.count(".") == 1 or release.endswith(".0")


def flavours_of(release):
    """The newest's own, which all suites build, or the same without the large packages."""
    return ("stripped", "dwarf") if is_first(release) or release in go_programs.releases() else ("lean-stripped", "lean")


def chosen():
    wanted = os.environ.get("GOSHAWK_TEST_PATCHES")
    if wanted is None:
        return list(patch_levels())
    return [r for r in patch_levels() if (is_first(r) if wanted == "first" else r in wanted.split(","))]


def toolchain_places(release):
    """Where a toolchain lies once it was fetched: unpacked, as it came, and script/go-toolchain's copy."""
    modules = Path(subprocess.run(["go", "env", "GOMODCACHE"], cwd="/", capture_output=True, text=True, check=True).stdout.strip())
    name = f"v0.0.1-go{release}."
    return [
        *modules.glob(f"golang.org/toolchain@{name}linux-*"),
        *modules.glob(f"cache/download/golang.org/toolchain/@v/{name}linux-*"),
        *KEPT.glob(f"toolchains/go{release}"),
    ]


def remove(path):
    if path.is_dir():
        for folder, _, _ in os.walk(path):
            os.chmod(folder, 0o755)
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()


@contextmanager
def toolchain(release, monkeypatch):
    """The newest ones are everyone's and stay."""
    if release in go_programs.releases():
        yield
    else:
        with borrowed_toolchain(release, monkeypatch):
            yield


@contextmanager
def borrowed_toolchain(release, monkeypatch):
    """A folder that is still there is of a run that was killed: the toolchain was not there before it."""
    work = KEPT / "borrowed" / release
    there_before = set() if work.exists() else {str(path) for path in toolchain_places(release)}
    work.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("GOCACHE", str(work / "build"))
    monkeypatch.setattr(go_programs, "CACHE", work)
    go_programs.build.cache_clear()
    try:
        yield
    finally:
        go_programs.goroot.cache_clear()
        go_programs.build.cache_clear()
        monkeypatch.undo()
        for path in toolchain_places(release):
            if str(path) not in there_before:
                remove(path)
        remove(work)


def bring(release):
    """A newest one that cannot be had fails every suite. Another that the proxy refuses is skipped by name: the summary has it."""
    try:
        go_programs.goroot(release)
    except RuntimeError as unavailable:
        if release in go_programs.releases() or not NOT_GIVEN_OUT.search(str(unavailable)):
            raise
        print(unavailable)
        pytest.skip(f"Go {release} could not be had: the module proxy does not give it out")


@pytest.mark.parametrize("patch_level", chosen())
def test_patch_level(patch_level, monkeypatch):
    with toolchain(patch_level, monkeypatch):
        bring(patch_level)
        for flavour in flavours_of(patch_level):
            differences, remarks = judge_all(go_programs.build(patch_level, flavour), patch_level)
            assert not differences, f"{flavour}:\n" + "\n".join(differences[:20])
            assert not remarks, f"{flavour}: {remarks}"
