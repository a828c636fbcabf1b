"""`python3 becomes_goshawk.py GOSHAWK EXECUTABLE PROGRAM MODE`: starts a test program, then becomes `goshawk leaks` of it, its child."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "end_to_end"))

from running_program import RunningProgram  # noqa: E402  (of end_to_end)

goshawk, executable, name, mode = sys.argv[1:]
target = RunningProgram(executable, name, mode)
os.set_inheritable(target.process.stdin.fileno(), True)  # at its end the program would leave
os.execv(goshawk, [goshawk, "leaks", str(target.pid), "--format", "json", "--all"])
