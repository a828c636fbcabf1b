"""Traces a process until its input ends: `python3 ptrace_holder.py PID`. Prints a line once it does. The process goes on
running meanwhile: what stops it (signals, with which Go preempts) is passed on."""

import ctypes
import os
import select
import sys

PTRACE_CONT, PTRACE_SEIZE = 7, 0x4206
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
for thread in os.listdir(f"/proc/{sys.argv[1]}/task"):
    if libc.ptrace(PTRACE_SEIZE, int(thread), None, None) != 0:
        sys.exit(f"cannot trace {thread}: {os.strerror(ctypes.get_errno())}")
print("tracing", flush=True)
while not select.select([sys.stdin], [], [], 0.001)[0]:
    try:
        thread, status = os.waitpid(-1, os.WNOHANG | WALL)
    except ChildProcessError:
        break  # it has ended
    if thread and os.WIFSTOPPED(status):
        libc.ptrace(PTRACE_CONT, thread, None, os.WSTOPSIG(status))
