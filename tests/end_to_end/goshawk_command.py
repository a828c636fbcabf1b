"""Running goshawk and reading what it says. GOSHAWK names another executable than build/goshawk."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

GOSHAWK = os.environ.get("GOSHAWK") or str(Path(__file__).resolve().parents[2] / "build" / "goshawk")
TIMEOUT_SECONDS = 120

FINE, FINDINGS, USAGE, UNREADABLE, DENIED = range(5)


@dataclass
class Outcome:
    code: int
    out: bytes
    err: str


def goshawk(*arguments, **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run(
        [GOSHAWK, *map(str, arguments)],
        stdout=options.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE, timeout=TIMEOUT_SECONDS, **options,
    )
    return Outcome(done.returncode, done.stdout or b"", done.stderr.decode())


def goshawk_json(*arguments, **options):
    outcome = goshawk(*arguments, "--format", "json", **options)
    assert outcome.code == FINE, f"exit code {outcome.code}: {outcome.err}"
    return json.loads(outcome.out)


def leaks(pid, **options):
    return goshawk_json("leaks", pid, "--all", **options)


def goroutines(pid, *arguments, **options):
    return goshawk_json("goroutines", pid, "--all", *arguments, **options)
