"""Containers made by hand: programs in namespaces of their own (util-linux' unshare), commands entered into them (nsenter), and
other users and capabilities (setpriv). All of it needs root."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

from running_program import RunningProgram

OWNER = 100000  # of the user namespace: its root is this user outside, as with a rootless container
NAMESPACES = ["--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--ipc", "--uts", "--net"]
OWN_USER_NAMESPACE = ["unshare", "--user", "--map-root-user"]


def as_user(uid, gid=None):
    return ["setpriv", f"--reuid={uid}", f"--regid={uid if gid is None else gid}", "--clear-groups"]


WITHOUT_CAPABILITIES = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
ROOTFUL = ["unshare", *NAMESPACES]
ROOTLESS = [*as_user(OWNER), *OWN_USER_NAMESPACE, *NAMESPACES]


def inside(target, *namespaces):
    return ["nsenter", f"--target={target.pid}", *namespaces]


@contextmanager
def public_folder():
    """One that every user may read, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="goshawk-") as name:
        os.chmod(name, 0o755)
        yield Path(name)


def descendant(executable):
    """Finds, below the wrapper that was started, the process whose program that is."""

    def find(process):
        waiting = [process.pid]
        while waiting:
            pid = waiting.pop()
            if Path(os.readlink(f"/proc/{pid}/exe")).name == Path(executable).name:
                return pid
            waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        raise AssertionError(f"{executable} does not run below process {process.pid}")

    return find


@contextmanager
def contained(executable, under, name="blocked_receive", mode="leaky", **options):
    target = RunningProgram(executable, name, mode, under=under, find_pid=descendant(executable), **options)
    try:
        yield target
    finally:
        target.end()
