"""The corpus of leaks (tests/programs/corpus): what goshawk ought to say of every goroutine, by the words that it knows.

A program's goroutines say what is true of them (package truth); which of the words goshawk claims to know is asked of itself:
`goshawk explain --format json` has the confidences of every rule, and by which holders a finding of it can be likely. A leak that ought to be told with a word that is not
known yet must not be told at all; once the word is known, it must be told so.

As a command: `python3 corpus.py [RELEASE]` prints every leak that is not expected to be proven, as JSON: its program, its
goroutines, the rules any of which is right, and by which holder it can be told or why not.
"""

import functools
import json
import sys
from collections import defaultdict

import go_programs
from conftest import SHARING
from goshawk_command import goshawk_json, leaks
from judgement import differences_in_counts
from running_program import running

# They never rest, so that what shares a process with them would not be found at every look (test_random_instants has that).
APART = ("busy_loop", "select_with_default")

PROVEN, LIKELY, SUSPECTED = "proven", "likely", "suspected"
LOOKS = 3
# {what a program says: the confidences with which one picture may tell it}.
WORDS = {"leaked": {PROVEN}, "likely": {LIKELY}, "growing": {SUSPECTED}}


def programs(release, mode=go_programs.LEAKY):
    return [p for p in go_programs.programs() if p.folder == SHARING and p.exists_in(release) and mode in p.modes]


def together(release, mode):
    """The names of those that share a process."""
    return ",".join(p.name for p in programs(release, mode) if p.name not in APART)


@functools.cache
def known_confidences():
    """{rule: the words with which goshawk reports it}."""
    return {rule["id"]: frozenset(rule["confidences"]) for rule in goshawk_json("explain")["rules"]}


@functools.cache
def known_holders():
    """{holder: the rules that a likely finding can carry for it}."""
    return {holder["name"]: frozenset(holder["rules"]) for holder in goshawk_json("explain")["holders"]}


def is_sayable(claim, word, rule, known):
    by_holder = word != LIKELY or rule in known_holders().get(claim.get("holder"), ())
    return word in known.get(rule, ()) and by_holder


def told(report):
    return {goid: (finding["confidence"], finding["rule"]) for finding in report["findings"] for goid in finding["goids"]}


def expected(claim, known):
    """The pairs of confidence and rule that are right; None among them: it may be left untold."""
    words = WORDS.get(claim["verdict"], set())
    right = {(word, rule) for rule in claim.get("rules") or () for word in words if is_sayable(claim, word, rule, known)}
    # One picture shows no growth: a suspicion may need more of a kind than a program has.
    return right if right and claim["verdict"] != "growing" else right | {None}


def is_missed(claim, got, known):
    return got is None and None not in expected(claim, known)


def missed(report, target):
    """Who ought to be told and was not told at all."""
    known, said = known_confidences(), told(report)
    return {goid for goid, claim in target.claims.items() if is_missed(claim, said.get(goid), known)}


def wrong(report, target):
    """All that is never right, at whatever instant."""
    known, said, differences = known_confidences(), told(report), differences_in_counts(report)
    for goid, claim in sorted(target.claims.items()):
        got = said.pop(goid, None)
        if not (got in expected(claim, known) or is_missed(claim, got, known) or may_be_suspected(claim, got)):
            differences.append(f"{description(target, goid)}, told was {got}")
    for goid, (confidence, rule) in sorted(said.items()):
        if confidence != SUSPECTED:
            differences.append(f"goroutine {goid} is of no leak, told was {confidence} {rule}")
    for finding in report["findings"]:
        if finding["confidence"] not in known.get(finding["rule"], ()):
            differences.append(f"{finding['rule']} is {finding['confidence']}, which `goshawk explain` does not say of it")
    if report["checked"]["unknown"] != 0:
        differences.append(f"undecided although the program is at rest: {report['checked']['unknown_reasons']}")
    return differences


def may_be_suspected(claim, got):
    """A suspicion may be wrong; where a stronger word is due it is not enough."""
    return got is not None and got[0] == SUSPECTED and claim["verdict"] in ("wakes", "alive")


def description(target, goid):
    claim = target.claims.get(goid, {"program": "no program", "verdict": "not declared"})
    return f"{claim['program']}: goroutine {goid} is {claim['verdict']} {claim.get('rules') or ''}"


def differences_of_corpus(target, remarks):
    """A stale word of a thread that is just at work may hide a leak for an instant (docs/limits.md): who is missed is looked for again,
    which is remarked on. What is wrong at any look is wrong."""
    hidden = target.claims.keys()
    for _ in range(LOOKS):
        report = leaks(target.pid)
        differences = wrong(report, target)
        hidden = hidden & missed(report, target)
        if differences or not hidden:
            return differences
        remarks.append(f"corpus: hidden at one look: {sorted(description(target, goid) for goid in hidden)}")
    return [f"{description(target, goid)}, told was nothing" for goid in sorted(hidden)]


class Coverage:
    """Which share of the leak programs is told, and which could be: a program counts when all of its leaked goroutines do."""

    def __init__(self):
        self.leaks = defaultdict(list)  # {program: what each goroutine of it said, and the word with which it was told}
        self.best_rules = []  # for each goroutine that was told: is it the rule that says it best

    def add(self, report, target):
        said = told(report)
        for goid, claim in target.claims.items():
            if claim["verdict"] == "wakes":  # of a leak program, beside what leaks
                continue
            word, rule = said.get(goid, (None, None))
            self.leaks[claim["program"]].append((claim["verdict"], word))
            if word is not None and claim.get("rules"):
                self.best_rules.append(rule == claim["rules"][0])

    def share(self, counts):
        return sum(all(counts(verdict, word) for verdict, word in leak) for leak in self.leaks.values()) / len(self.leaks)

    @property
    def today(self):
        return self.share(lambda _, word: word in (PROVEN, LIKELY))

    @property
    def by_one_picture(self):
        return self.share(lambda verdict, _: verdict in ("leaked", "likely"))

    @property
    def by_growth_too(self):
        return self.share(lambda verdict, _: verdict in ("leaked", "likely", "growing"))

    def __str__(self):
        return (
            f"{len(self.leaks)} leaks: {self.today:.1%} proven or likely today, {sum(self.best_rules) / len(self.best_rules):.1%} of "
            f"the goroutines by the best rule; one picture can tell {self.by_one_picture:.1%}, several that show growth "
            f"{self.by_growth_too:.1%}"
        )


def not_proven(release):
    """Every leak that is to be told by something else than a proof, as the programs say."""
    found = []
    for names in (together(release, go_programs.LEAKY), *APART):
        with running(names, go_programs.LEAKY, release) as target:
            groups = defaultdict(list)
            for goid, claim in sorted(target.claims.items()):
                key = (claim["program"], claim["verdict"], tuple(claim.get("rules") or ()), claim.get("holder"), claim.get("why"))
                groups[key].append(goid)
            found += [
                {"program": program, "expected": verdict, "goroutines": len(goids), "rules": rules, "holder": holder, "why": why}
                for (program, verdict, rules, holder, why), goids in groups.items() if verdict != "leaked"
            ]
    return found


if __name__ == "__main__":
    print(json.dumps(not_proven(*(sys.argv[1:] or go_programs.releases()[-1:])), indent=1))
