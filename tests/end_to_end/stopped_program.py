"""A program that stands still, so that it can be looked at twice."""

import signal
import time

from goshawk_command import goroutines


def stop_at_rest(target):
    """By SIGSTOP, at a quiet instant: with a thread in a signal handler, say, it goes on and is stopped again."""
    while True:
        target.process.send_signal(signal.SIGSTOP)
        while any(target.status("State", thread)[0] != "T" for thread in target.threads()):
            time.sleep(0.001)
        if goroutines(target.pid)["picture"]["quiet"]:
            return
        target.process.send_signal(signal.SIGCONT)
