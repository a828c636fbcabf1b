#!/usr/bin/python3
"""Go inside of a Python process."""

import ctypes
import pathlib
import sys

library = ctypes.CDLL(str(pathlib.Path(__file__).resolve().parent / "libgo.so"))
library.RunProgram(sys.argv[1].encode(), sys.argv[2] == "fixed")
