"""goshawk leaks and heap with --samples on a program that changes between the pictures, by handshake.

Goshawk says on standard error when a picture is taken. It is stopped then, the program is told to change, and goshawk goes on: so the
change lies between two pictures however slow the machine is. Should the next picture have come before goshawk was stopped, all of it is
done again, which no verdict can come of."""

import json
import os
import re
import select
import signal
import subprocess
from collections import namedtuple

from goshawk_command import GOSHAWK
from running_program import PATIENCE_SECONDS

TRIES = 5
TAKEN = re.compile(rb"goshawk: picture (\d+) of (\d+): ")
Watched = namedtuple("Watched", "code out err")


class TooLate(Exception):
    """A picture was taken before the program had changed."""


class Watching:
    """A goshawk that takes several pictures."""

    def __init__(self, pid, samples, every, *arguments, command="leaks"):
        self.process = subprocess.Popen(
            [GOSHAWK, command, str(pid), "--samples", str(samples), "--every", every, "--verbose", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self._err = b""

    def pictures(self):
        return [int(number) for number, _ in TAKEN.findall(self._err)]

    def await_picture(self, number):
        while number not in self.pictures():
            assert self._read(PATIENCE_SECONDS), f"no picture {number}: {self._err.decode()}"

    def _read(self, seconds):
        readable, _, _ = select.select([self.process.stderr], [], [], seconds)
        chunk = os.read(self.process.stderr.fileno(), 1 << 16) if readable else b""
        self._err += chunk
        return chunk

    def change_after(self, number, change):
        """Has it happen between this picture and the next one."""
        self.await_picture(number)
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        while self._read(0):
            pass
        if self.pictures()[-1] != number:
            raise TooLate(self._err.decode())
        change()
        self.process.send_signal(signal.SIGCONT)

    def finish(self):
        out, err = self.process.communicate(timeout=PATIENCE_SECONDS)
        return Watched(self.process.returncode, out, (self._err + err).decode())

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def watch_once(pid, changes, every, *arguments, **options):
    watching = Watching(pid, len(changes) + 1, every, *arguments, **options)
    try:
        for number, change in enumerate(changes, 1):
            watching.change_after(number, change)
        return watching.finish()
    finally:
        watching.end()


def watch(pid, changes, *arguments, every="2s", **options):
    """Pictures with a change between each and the next."""
    for _ in range(TRIES):
        try:
            return watch_once(pid, changes, every, *arguments, **options)
        except TooLate as late:
            told = late
    raise AssertionError(f"{TRIES} times a picture came too early: {told}")


def watch_json(pid, changes, **options):
    watched = watch(pid, changes, "--all", "--format", "json", **options)
    assert watched.code == 0, f"exit code {watched.code}: {watched.err}"
    return json.loads(watched.out)
