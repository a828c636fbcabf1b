"""A program that stands still, so that it can be looked at twice."""

import os
import signal
import time
from pathlib import Path

from goshawk_command import goroutines

# What a thread of the runtime's waits in that has nothing to do: futex, epoll, read and the sleeps of sysmon.
WAITS = {
    "x86_64": {"202", "232", "281", "0", "35", "230"},
    "aarch64": {"98", "22", "63", "101", "115"},
}[os.uname().machine]


def stop_at_rest(target, idle=False):
    """By SIGSTOP, at a quiet instant: with a thread in a signal handler, say, it goes on and is stopped again. Where it is
    asked to be idle, no thread is at work for the runtime either (a sweeper, what gives pages back)."""
    goes_on = 0.001
    while True:
        target.process.send_signal(signal.SIGSTOP)
        while any(target.status("State", thread)[0] != "T" for thread in target.threads()):
            time.sleep(0.001)
        if (not idle or is_idle(target)) and goroutines(target.pid)["picture"]["quiet"]:
            return
        target.process.send_signal(signal.SIGCONT)
        time.sleep(goes_on)  # on a busy machine it would else be stopped again before it has run at all
        goes_on = min(2 * goes_on, 0.1)


def is_idle(target):
    """Of a stopped program: was each thread in a call that waits?"""
    calls = (Path(f"/proc/{target.pid}/task/{thread}/syscall").read_text().split() for thread in target.threads())
    return all(call and call[0] in WAITS for call in calls)
