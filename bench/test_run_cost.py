"""What `goshawk exec` costs test binaries: each is run with and without it, in turns, and the times are laid side by side.

    python3 bench/test_run_cost.py [--runs 20] FOLDER:BINARY...      BINARY runs in FOLDER, as go test has it
"""

import argparse
import os
import statistics
import subprocess
import time
from pathlib import Path

GOSHAWK = os.environ.get("GOSHAWK", str(Path(__file__).resolve().parent.parent / "build" / "goshawk"))


def seconds(command, folder):
    began = time.monotonic()
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - began, done.returncode


def compare(folder, binary, runs):
    alone, looked_at, codes = [], [], set()
    for _ in range(runs):
        for times, before in ((alone, []), (looked_at, [GOSHAWK, "exec", "--fail-on", "never"])):
            took, code = seconds([*before, binary], folder)
            times.append(took)
            codes.add(code)
    return statistics.median(alone), statistics.median(looked_at), codes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("binaries", nargs="+")
    given = parser.parse_args()
    print("| test binary | alone | under goshawk exec | more |\n|---|---|---|---|")
    for one in given.binaries:
        folder, binary = one.split(":")
        alone, looked_at, codes = compare(folder, os.path.abspath(binary), given.runs)
        print(f"| `{Path(binary).name}` | {alone * 1000:.0f} ms | {looked_at * 1000:.0f} ms | {(looked_at - alone) * 1000:.0f} ms, {(looked_at / alone - 1) * 100:.1f} % |"
              + ("" if len(codes) == 1 else f" exit codes {sorted(codes)}"), flush=True)


if __name__ == "__main__":
    main()
