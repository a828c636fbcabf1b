"""A real container runtime, podman with crun from Debian: its seccomp profile, its capability sets, its way to put namespaces
together. Nothing comes from a registry: images are built FROM scratch. Everything it keeps is in one folder, which goes at the end.

Two things that a virtual machine for tests may lack, and containers do not depend on: the right to raise limits (so they are low), and
a cgroup tree of one version (in one that is half and half, crun refuses; without its second half it works)."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path

from goshawk_command import TIMEOUT_SECONDS, Outcome
from running_program import RunningProgram

REPOSITORY = Path(__file__).resolve().parents[2]
SECCOMP_PROFILE = Path("/usr/share/containers/seccomp.json")  # what the containers here run under

SETTINGS = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "none"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
"""
HYBRID = Path("/sys/fs/cgroup/unified")

# What podman mounts between its calls must be there at the next one, and be gone at the end: a mount namespace, kept by a shell.
OWN_MOUNTS = f"[ ! -d {HYBRID} ] || umount {HYBRID}; echo ready; read end"


class Podman:
    def __init__(self, folder):
        self.folder = folder
        (folder / "containers.conf").write_text(SETTINGS)
        self.environment = {**os.environ, "CONTAINERS_CONF": str(folder / "containers.conf"), "TMPDIR": str(folder)}
        self.mounts = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", OWN_MOUNTS], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        assert self.mounts.stdout.readline() == b"ready\n"
        self.command = [
            "nsenter", f"--mount=/proc/{self.mounts.pid}/ns/mnt",
            "podman", "--root", folder / "storage", "--runroot", folder / "run", "--storage-driver", "vfs",
        ]

    def attempt(self, *arguments):
        done = subprocess.run(
            [*self.command, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_SECONDS, env=self.environment,
        )
        return Outcome(done.returncode, done.stdout, done.stderr.decode())

    def __call__(self, *arguments):
        done = self.attempt(*arguments)
        assert done.code == 0, f"podman {' '.join(map(str, arguments))}: exit code {done.code}: {done.err}"
        return done.out.decode()

    def build(self, tag, context, *arguments):
        """By the library that buildah is made of."""
        self("build", "--isolation", "chroot", "--tag", tag, *arguments, context)

    def files_of(self, image):
        archive = self.folder / "files.tar"
        self("create", "--name", "look", image)
        self("export", "--output", archive, "look")
        self("rm", "look")
        with tarfile.open(archive) as tar:
            return [member.name for member in tar if member.isfile() and member.size > 0]

    def host_pid(self, container):
        return int(self("inspect", "--format", "{{.State.Pid}}", container))

    @contextmanager
    def running(self, container, options, image, name="blocked_receive", mode="leaky"):
        """A container with a test program as its first process, attached to us by its input and output."""
        under = [*self.command, "run", "--interactive", "--rm", "--name", container, *options]
        target = RunningProgram(
            image, name, mode, under=under, environment=self.environment, find_pid=lambda _: self.host_pid(container),
        )
        try:
            yield target
        finally:
            target.end()
            self.remove(container)

    def remove(self, container):
        """Twice, where it was just ending by itself: "cannot be stopped"."""
        arguments = ("rm", "--force", "--time", "0", "--ignore", container)
        if self.attempt(*arguments).code != 0:
            self(*arguments)

    def end(self):
        self("pod", "rm", "--all", "--force", "--time", "0")
        self("rm", "--all", "--force", "--time", "0")

    def close(self):
        self.mounts.communicate(b"end\n")


@contextmanager
def podman():
    folder = Path(tempfile.mkdtemp(prefix="goshawk-podman-"))
    one = Podman(folder)
    try:
        yield one
        one.end()
    finally:
        one.close()
        shutil.rmtree(folder)
