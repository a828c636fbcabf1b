"""Runs popular modules' own tests alone and under goshawk, holds what goleak would report of them against goshawk's verdicts and
against a judgement made by hand from the source (judged.txt), and writes the table of docs/popular-modules.md.

Usage: run.py [MODULE...]     a part of a module's path will do; without: all, and the table is written
"""

import fnmatch
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import dump

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "popular-modules.md"
GOSHAWK = os.environ.get("GOSHAWK", str(HERE.parents[1] / "build" / "goshawk"))
RELEASE = (HERE.parent / "go_versions.txt").read_text().split()[-1]
ROUNDS = 3  # alone and with goshawk, by turns; of what takes long, one
LONG_SECONDS = 8
MOST_ROUNDS = 12  # alone, of tests that fail now and then
MOST_SECONDS = 400
WORDS = ("proven", "likely", "suspected")  # then: alive


@dataclass(frozen=True)
class Module:
    path: str
    version: str
    arguments: tuple  # of go test: packages and flags
    later: bool = False  # nobody had looked at it when the rules were made


@dataclass
class Told:
    """What was seen of one module."""

    survivors: Counter = field(default_factory=Counter)  # (judgement, verdict) -> goroutines
    sites: dict = field(default_factory=lambda: defaultdict(set))  # of real ones: (created by, stands in) -> verdicts
    beyond: Counter = field(default_factory=Counter)  # verdicts on goroutines that goleak would not report
    unjudged: set = field(default_factory=set)
    packages: int = 0
    same_result: bool = True
    flaky: bool = False
    alone_seconds: float = 0.0
    with_seconds: float = 0.0


def lines_of(name):
    return [line for line in (HERE / name).read_text().splitlines() if line and not line.startswith("#")]


def modules():
    for name in ("modules.txt", "later_modules.txt"):
        for line in lines_of(name):
            path, version, *arguments = shlex.split(line)
            yield Module(path, version, tuple(arguments), name != "modules.txt")


def judgements():
    """module -> [(created by, in, test, judgement, why)]: patterns of fnmatch; the first that fits counts."""
    result = defaultdict(list)
    for line in lines_of("judged.txt"):
        module, *fields = (part.strip() for part in line.split("|"))
        result[module].append(fields)
    return result


def plain(name):
    return name.replace("[", "(").replace("]", ")")  # no sets of fnmatch


def judge(known, goroutine):
    for created_by, function, test, judgement, _ in known:
        if all(fnmatch.fnmatchcase(plain(value), plain(pattern)) for value, pattern in
               ((goroutine.created_by, created_by), (goroutine.function, function), (goroutine.test, test))):
            return judgement
    return None


class Workplace:
    """A module's own copy, which its tests may write to, and a standard library whose package testing tells who is left."""

    def __init__(self, directory):
        self.directory = Path(directory)
        toolchain = subprocess.run([HERE.parents[1] / "script" / "go-toolchain", RELEASE], check=True, capture_output=True, text=True)
        root = self.copy_with_survivors(toolchain.stdout.strip())
        self.environment = {**os.environ, "GOROOT": str(root), "PATH": f"{root / 'bin'}:{os.environ['PATH']}", "GOTOOLCHAIN": "local",
                            "GOWORK": "off", "GOFLAGS": "-mod=mod -buildvcs=false"}

    # go's -overlay takes nothing of a toolchain that lies among the modules.
    def copy_with_survivors(self, root):
        copy = self.directory / "go"
        shutil.copytree(root, copy, symlinks=True)
        subprocess.run(["chmod", "-R", "u+w", copy], check=True)
        testing, line = copy / "src" / "testing", "\n\tdefer m.after()\n"
        text = (testing / "testing.go").read_text()
        assert text.count(line) == 1
        (testing / "testing.go").write_text(text.replace(line, "\n\tdefer reportSurvivors()" + line))
        shutil.copy(HERE / "survivors.go", testing)
        return copy

    def unpack(self, module):
        place = self.directory / "modules" / module.path
        answer = self.go(self.directory, "mod", "download", "-json", f"{module.path}@{module.version}")
        shutil.copytree(json.loads(answer.stdout)["Dir"], place)
        subprocess.run(["chmod", "-R", "u+w", place], check=True)
        if not (place / "go.mod").exists():
            self.go(place, "mod", "init", module.path)
            self.go(place, "mod", "tidy")
        return place

    def go(self, place, *arguments, **more):
        return subprocess.run(["go", *arguments], cwd=place, env={**self.environment, **more}, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=MOST_SECONDS)


def run_tests(workplace, place, module, ours=(), **more):
    """{package: (result, seconds)}; the seconds are go test's, without building."""
    flags = ["test", "-vet=off", "-count=1", "-p=1", f"-timeout={MOST_SECONDS - 50}s"]
    if ours:
        flags.append(f"-exec={GOSHAWK} exec --fail-on never {' '.join(ours)}")
    done = workplace.go(place, *flags, *module.arguments, **more)
    found = re.findall(r"^(ok|FAIL)\s+(\S+)\s+([\d.]+)s$", done.stdout, re.M)
    assert found, f"{module.path}: {done.stdout[-500:]}{done.stderr[-500:]}"
    return {package: (result, float(seconds)) for result, package, seconds in found}


def verdicts_of(reports):
    """(pid, goid) -> word"""
    words = {}
    for path in reports:
        for target in json.loads(path.read_text())["targets"]:
            for finding in target["findings"]:
                if finding["rule"].startswith("goroutine/"):
                    words.update({(target["target"]["pid"], goid): finding["confidence"] for goid in finding["goids"]})
    return words


def seconds_of(run):
    return sum(seconds for _, seconds in run.values())


def compare(told, alone, with_us):
    """Some tests fail now and then on a busy machine, alone too."""
    seen = defaultdict(set)
    for run in alone:
        for package, (result, _) in run.items():
            seen[package].add(result)
    told.same_result = all(result in seen[package] for run in with_us for package, (result, _) in run.items())
    told.flaky = any(len(results) > 1 for results in seen.values())
    return told


def look_at(workplace, module, known):
    told, place = Told(), workplace.unpack(module)
    alone = [run_tests(workplace, place, module)]  # builds, too
    with_us = []
    for _ in range(ROUNDS if seconds_of(alone[0]) < LONG_SECONDS else 1):
        with_us.append(run_tests(workplace, place, module, ("--no-suppressions",)))
        alone.append(run_tests(workplace, place, module))
    while not (told := compare(told, alone, with_us)).same_result and len(alone) < MOST_ROUNDS:
        alone.append(run_tests(workplace, place, module))
    told.packages = len(alone[0])
    told.alone_seconds, told.with_seconds = (statistics.median(map(seconds_of, runs)) for runs in (alone, with_us))
    with tempfile.TemporaryDirectory(dir=workplace.directory) as found:
        survivors, reports = Path(found, "survivors"), Path(found, "reports")
        survivors.mkdir(), reports.mkdir()
        run_tests(workplace, place, module, ("--no-suppressions", f"--report json={reports}/%p.json"), SURVIVORS=str(survivors))
        words = verdicts_of(reports.glob("*.json"))
        left = {(int(path.name), goroutine.goid): goroutine for path in survivors.iterdir() for goroutine in dump.read(path)}
    for number, goroutine in left.items():
        judgement = judge(known, goroutine)
        if judgement is None:
            told.unjudged.add((goroutine.created_by, goroutine.function, goroutine.test))
        word = words.get(number, "alive")
        told.survivors[judgement, word] += 1
        if judgement == "real":
            told.sites[goroutine.created_by, goroutine.function].add(word)
        if os.environ.get("TELL"):
            print(f"    {judgement}, {word}: {goroutine}")
    told.beyond.update(word for number, word in words.items() if number not in left)
    shutil.rmtree(place)
    return told


def words_of(told, judgement):
    return " + ".join(f"{told.survivors[judgement, word]} {word}" for word in (*WORDS, "alive") if told.survivors[judgement, word]) or "-"


def row_of(module, told):
    real = sum(count for (judgement, _), count in told.survivors.items() if judgement == "real")
    other = sum(told.survivors.values()) - real
    cells = [module.path, module.version, " ".join(module.arguments), told.packages, real + other, real, words_of(told, "real"),
             " + ".join(text for judgement in ("harmless", "ends") if (text := words_of(told, judgement)) != "-") or "-",
             "flaky" if told.flaky else "the same", f"{told.alone_seconds:.2f} s", f"{told.with_seconds:.2f} s"]
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def summary_of(all_told):
    total = sum((told.survivors for told in all_told), Counter())
    real = Counter({word: total["real", word] for word in (*WORDS, "alive")})
    found = real["proven"] + real["likely"]
    sites = [words for told in all_told for words in told.sites.values()]
    told_sites = sum(words <= {"proven", "likely"} for words in sites)
    wrong = sum(total[judgement, word] for judgement in ("harmless", "ends") for word in ("proven", "likely"))
    return (f"Of {sum(total.values())} goroutines that goleak's rule reports {real.total()} are real: {real['proven']} of them proven here, {real['likely']} likely "
            f"({100 * found / max(1, real.total()):.1f} % together), {real['suspected']} suspected, {real['alive']} called alive. "
            f"They are of {len(sites)} places, of which {told_sites} are told wholly ({100 * told_sites / max(1, len(sites)):.1f} %). "
            f"Of the others {wrong} are proven or likely.")


def main(names):
    chosen = [module for module in modules() if not names or any(name in module.path for name in names)]
    known, seen, failed = judgements(), {False: [], True: []}, 0
    with tempfile.TemporaryDirectory(prefix="goshawk-popular-") as directory:
        workplace = Workplace(directory)
        for module in chosen:
            try:
                told = look_at(workplace, module, known[module.path])
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                print(f"FAILED {module.path}: {error}", flush=True)
                failed += 1
                continue
            false = sum(told.survivors[judgement, word] for judgement in ("harmless", "ends") for word in ("proven", "likely"))
            is_wrong = bool(told.unjudged or false or not told.same_result)
            failed += is_wrong
            seen[module.later].append((row_of(module, told), told))
            print(f"{'FAILED' if is_wrong else 'ok':6s} {row_of(module, told)}", flush=True)
            for site in sorted(told.unjudged):
                print(f"         nobody has judged: {site}", flush=True)
            if not told.same_result:
                print("         its packages did not end as they do alone", flush=True)
            if told.beyond:
                print(f"         beyond goleak's: {dict(told.beyond)}", flush=True)
    for later, some in seen.items():
        print(f"{'later modules: ' if later else ''}{summary_of([told for _, told in some])}")
    if not names and not failed:
        write_page(seen)
    return 1 if failed or not any(seen.values()) else 0


def write_page(seen):
    begin, end = "<!-- table -->\n", "<!-- end of the table -->"
    text = PAGE.read_text()
    head = "| module | version | of go test | test binaries | left | real | told of these | told of others | result | alone | under goshawk |\n" + "|---" * 11 + "|\n"
    before, after = text[:text.index(begin) + len(begin)], text[text.index(end):]
    tables = [head + "\n".join(row for row, _ in some) + "\n\n" + summary_of([told for _, told in some]) + "\n" for some in seen.values()]
    between = "\nModules that nobody had looked at when the rules were made (`later_modules.txt`):\n\n"
    PAGE.write_text(before + "\n" + between.join(tables) + "\n" + after)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
