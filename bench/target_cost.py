"""What being looked at costs the target, told by the target: how long it stood still, and how many requests it did not serve.

Each look has a control beside it, the same window without one, for other programs take processors from the target too.
"""

import json
import statistics
import subprocess
import time


class Asked:
    """A program that says "ready" and answers each line with a number."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline().split()
        if ready[:1] != ["ready"]:
            raise SystemExit(f"{command[0]}: said {ready} instead of ready")
        self.pid, self.said = self.process.pid, ready[1:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


UNREADABLE = 3
REFUSALS_BORNE = 3


def look(command):
    """The picture; None: refused."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode == UNREADABLE:
        return None
    if done.returncode != 0:
        raise SystemExit(f"{command}: exit code {done.returncode}\n{done.stderr.decode()}")
    return json.loads(done.stdout)["picture"]


def longest_gaps(program, goshawk, megabytes, flavour, way, rounds):
    """In milliseconds, of each round that was not refused: during the look, during a control as long, and what Goshawk says itself; and how
    many were refused. Where it is refused from the start, that is tried a few times only."""
    during, without, told, refused = [], [], [], 0
    with Asked(program, megabytes, *flavour) as target:
        command = [goshawk, "leaks", target.pid, "--format", "json", *(["--way", way] if way else [])]
        look(command)
        for _ in range(rounds):
            target.ask()
            began = time.monotonic()
            picture = look(command)
            took = time.monotonic() - began
            gap = target.ask() / 1e6
            if picture is None:
                refused += 1
                if refused == REFUSALS_BORNE and not during:
                    break
                continue
            during.append(gap)
            told.append(picture["longest_pause_ns"] / 1e6)
            time.sleep(took)
            without.append(target.ask() / 1e6)
    return during, without, told, refused


def pause_rows(program, goshawk, rounds, sizes):
    """A row for each size and flavour, by the way that is chosen and beside a twin: 90th percentiles. What allocates has three times the memory
    of its heap, so that the largest one only rests."""
    flavours = {"at rest": [], "allocating": ["allocating"]}
    for megabytes in sizes:
        for name, flavour in list(flavours.items())[: 1 if megabytes > 2048 else None]:
            for way in ("", "twin"):
                during, without, told, refusals = longest_gaps(program, goshawk, megabytes, flavour, way, rounds)
                refused = f", refused {refusals} of {refusals + len(during)} times" if refusals else ""
                numbers = [percentile(during, 0.9), percentile(without, 0.9), percentile(told, 0.9), statistics.median(during)] if during else [None] * 4
                yield f"{megabytes} MB, {name}, {'as it chooses' if not way else way}{refused}", numbers


def pause_table(rows):
    lines = ["| heap | longest gap while looked at | without | what Goshawk says | median of the first |", "|---|---|---|---|---|"]
    return lines + [f"| {name} | " + " | ".join(f"{number:.1f} ms" if number is not None else "" for number in numbers) + " |" for name, numbers in rows]


def answers_in_a_second(load, command=None):
    """Of the second that begins with the command."""
    before, began = load.ask(), time.monotonic()
    process = command and subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(max(0.0, began + 1 - time.monotonic()))
    answers = (load.ask() - before) / (time.monotonic() - began)
    if process:
        _, error = process.communicate()
        if process.returncode not in (0, UNREADABLE):  # what was refused has cost no less
            raise SystemExit(f"{command}: exit code {process.returncode}\n{error.decode()}")
        time.sleep(0.2)  # its memory is given back, its twin collected
    return answers


def load_rows(program, goshawk, rounds, sizes, clients):
    for megabytes in sizes:
        with Asked(program, "serve", megabytes) as server, Asked(program, "load", server.said[0], clients) as load:
            answers_in_a_second(load)
            for command in ("leaks", "leaks --way twin", "goroutines"):
                without, during = [], []
                for _ in range(rounds):
                    without.append(answers_in_a_second(load))
                    during.append(answers_in_a_second(load, [goshawk, *command.split(), server.pid]))
                losses = [1 - one / statistics.median(without) for one in during]
                yield (f"{megabytes} MB, goshawk {command}", statistics.median(without), statistics.median(during), statistics.median(losses) * 100,
                       statistics.pstdev(without) / statistics.median(without) * 100)


def load_table(rows):
    lines = ["| heap | answers in a second | in the second of a look | loss | spread without a look |", "|---|---|---|---|---|"]
    return lines + [f"| {name} | {without:,.0f} | {during:,.0f} | {loss:.1f} % | {spread:.1f} % |" for name, without, during, loss, spread in rows]
