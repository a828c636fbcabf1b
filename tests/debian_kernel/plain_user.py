"""A user without rights (script/debian-vm makes one, who may become root by sudo), with a Go program and a goshawk of their own."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import go_programs
from goshawk_command import FINE, GOSHAWK, TIMEOUT_SECONDS, Outcome
from running_program import RunningProgram

NAME = "tester"
WHO = pwd.getpwnam(NAME)
AS_USER = {"user": WHO.pw_uid, "group": WHO.pw_gid, "extra_groups": [], "cwd": "/run/tmp"}


class PlainUser:
    def __init__(self, folder, release):
        self.folder = Path(folder)
        self.tool = shutil.copy(GOSHAWK, self.folder / "goshawk")
        self.executable = shutil.copy(go_programs.build(release, "stripped"), self.folder / "service")

    @contextmanager
    def running(self, name="abandoned_result", mode="leaky", **options):
        target = RunningProgram(self.executable, name, mode, **{**AS_USER, **options})
        try:
            yield target
        finally:
            target.end()

    def run(self, *command):
        environment = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "HOME": str(self.folder), "USER": NAME}
        done = subprocess.run([*map(str, command)], capture_output=True, stdin=subprocess.DEVNULL, env=environment, timeout=TIMEOUT_SECONDS, **AS_USER)
        return Outcome(done.returncode, done.stdout, done.stderr.decode())

    def goshawk(self, *arguments):
        return self.run(self.tool, *arguments)

    def goshawk_json(self, *arguments):
        outcome = self.goshawk(*arguments, "--format", "json")
        assert outcome.code == FINE, f"exit code {outcome.code}: {outcome.err}"
        return json.loads(outcome.out)

    def follow(self, advice):
        """What a message says to type."""
        done = self.run("/bin/sh", "-c", advice)
        assert done.code == 0, f"{advice}: {done.err}"

    def as_root(self, *arguments):
        """By sudo, as the user would."""
        return self.run("sudo", "-n", self.tool, *arguments)


@contextmanager
def plain_user(release):
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, WHO.pw_uid, WHO.pw_gid)
        os.chmod(folder, 0o755)
        yield PlainUser(folder, release)
