"""A test program that runs: its handshake, its declared truth, its commands. Nothing here sleeps to be in time."""

import json
import os
import select
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import go_programs

PATIENCE_SECONDS = 90
READ_SYSCALLS = {"x86_64": ("0", "3"), "aarch64": ("63",)}[os.uname().machine]  # of 64-bit and of 32-bit programs


class RunningProgram:
    def __init__(self, executable, name, mode, environment=None, under=(), find_pid=lambda process: process.pid, **options):
        self.process = subprocess.Popen(
            [*under, executable, name, mode],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})}, **options,
        )
        self._pending = b""
        self.ready = self._read_line()
        self.pid = find_pid(self.process)  # another one than what was started, when that is a container's wrapper
        self._await_reading()
        assert self.ready["ready"] is True
        self.claims = {claim["goid"]: claim for claim in self.ready["claims"]}
        self.serving_goid = self.ready["serving"]

    def goids(self, verdict):
        return {goid for goid, claim in self.claims.items() if claim["verdict"] == verdict}

    def never_at_rest(self):
        """Those whose state is another one at every look."""
        return {self.serving_goid} | {goid for goid, claim in self.claims.items() if claim.get("runs")}

    def rules_of(self, goid):
        return self.claims[goid].get("rules") or []

    def command(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()
        answer = self._read_line()
        assert "error" not in answer, answer
        self._await_reading()
        return answer

    def _await_reading(self):
        """An answer comes a little before the program waits for the next command; only then it is at rest."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not any(self._reads_commands(thread) for thread in self.threads()):
            assert time.monotonic() < deadline, "the program does not wait for commands"
            time.sleep(0.0005)

    def _reads_commands(self, thread):
        try:
            call = Path(f"/proc/{self.pid}/task/{thread}/syscall").read_text().split()
        except OSError:
            return False  # the thread has ended
        return call[:1] and call[0] in READ_SYSCALLS and call[1] == "0x0"

    def _read_line(self):
        while b"\n" not in self._pending:
            readable, _, _ = select.select([self.process.stdout], [], [], PATIENCE_SECONDS)
            chunk = os.read(self.process.stdout.fileno(), 1 << 20) if readable else b""
            if not chunk:
                self.process.kill()
                raise AssertionError(f"the program said nothing more: {self.process.stderr.read().decode()[:4000]}")
            self._pending += chunk
        line, self._pending = self._pending.split(b"\n", 1)
        return json.loads(line)

    def status(self, key, task=None):
        """A line of /proc/PID/status, or of one thread's."""
        path = Path(f"/proc/{self.pid}/status" if task is None else f"/proc/{self.pid}/task/{task}/status")
        for line in path.read_text().splitlines():
            if line.startswith(key + ":"):
                return line.split(":", 1)[1].strip()
        raise KeyError(key)

    def threads(self):
        return sorted(int(entry) for entry in os.listdir(f"/proc/{self.pid}/task"))

    def die_with_dump(self):
        """Ends it by SIGQUIT and returns the dump: every goroutine, the runtime's own too, with every frame."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.send_signal(signal.SIGCONT)  # if it stands still, it is at once that it ends
        return self.process.stderr.read().decode()  # its input stays open: at the end of that it would leave by itself

    def end(self):
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass
        self.process.wait()


@contextmanager
def running(name, mode, release, flavour="dwarf", **options):
    """Of programs that are to share a process, `name` has the names, with commas."""
    program = go_programs.program(name.split(",")[0])
    target = RunningProgram(go_programs.build(release, flavour, program.folder), name, mode, **options)
    try:
        yield target
    finally:
        target.end()
