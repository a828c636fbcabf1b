"""Where a thread of another process stands, asked for with ptrace (x86-64)."""

import ctypes
import os

PTRACE_PEEKUSER, PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 3, 17, 0x4206, 0x4207
EVENT_STOP = 128
RIP = 16 * 8  # in struct user
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def program_counter(thread):
    """None when the thread has ended meanwhile."""
    if libc.ptrace(PTRACE_SEIZE, thread, None, None) != 0:
        return None
    libc.ptrace(PTRACE_INTERRUPT, thread, None, None)
    _, status = os.waitpid(thread, WALL)
    if not os.WIFSTOPPED(status):
        return None
    address = libc.ptrace(PTRACE_PEEKUSER, thread, RIP, None) & 0xFFFFFFFFFFFFFFFF
    signal = 0 if status >> 16 == EVENT_STOP else os.WSTOPSIG(status)  # a signal on its way is passed on
    libc.ptrace(PTRACE_DETACH, thread, None, signal)
    return address
