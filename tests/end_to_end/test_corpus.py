"""The corpus of leaks: those that can be proven are, with the right rule; what only a holder keeps alive is never proven, and told
as soon as goshawk knows the word; in the correct twins nothing is proven or likely, and "wake" wakes all of them.

Most run in one process, as in a real program where one leak is beside others; each one alone on the newest release."""

import re
from pathlib import Path

import pytest

import corpus
import go_programs
from conftest import REMARKS, FLAVOURS, RELEASES
from goshawk_command import leaks
from judgement import proven_goids
from running_program import running
from test_programs import assert_none
from test_runtime_verdict import ONLY_OURS, has_profile, runtime_verdict

BUILDS = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]}, key=go_programs.minor)
LIMITS = Path(__file__).resolve().parents[2] / "docs" / "limits.md"
MODES = (go_programs.LEAKY, go_programs.FIXED)
LEAST_PROGRAMS, LEAST_SHARE = 60, 0.95


def only_one_says(target):
    """Of no program of the corpus do goshawk and the runtime's own profile say different things, but where that is known."""
    ours, theirs = set(), runtime_verdict(target)
    for _ in range(corpus.LOOKS):
        ours |= proven_goids(leaks(target.pid)).keys()
        if theirs <= ours:
            break
    ours = {goid for goid in ours if goid in theirs or target.claims.get(goid, {}).get("program") not in ONLY_OURS}
    return [f"only goshawk says: {corpus.description(target, goid)}" for goid in sorted(ours - theirs)] + [
        f"only the runtime says: {corpus.description(target, goid)}" for goid in sorted(theirs - ours)
    ]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("built_by", BUILDS)
def test_in_one_process(built_by, flavour, mode):
    with running(corpus.together(built_by, mode), mode, built_by, flavour) as target:
        assert_none(corpus.differences_of_corpus(target, REMARKS))
        target.command("gc")
        assert_none(corpus.differences_of_corpus(target, REMARKS))
        if has_profile(built_by, flavour):
            assert_none(only_one_says(target))
        if mode == go_programs.FIXED:
            assert target.command("wake")["left"] == [], "declared to wake, but still there"


@pytest.mark.parametrize("name, mode", [(p.name, mode) for p in corpus.programs(RELEASES[-1], go_programs.FIXED) for mode in p.modes])
def test_alone(newest, name, mode):
    with running(name, mode, newest) as target:
        assert_none(corpus.differences_of_corpus(target, REMARKS))
        if mode == go_programs.FIXED:
            assert target.command("wake")["left"] == [], "declared to wake, but still there"


def test_growth(newest):
    """What grows is more at the second look, and still nothing that could run again is called proven."""
    with running(corpus.together(newest, go_programs.LEAKY), go_programs.LEAKY, newest) as target:
        before, growing = len(target.claims), len(target.goids("growing"))
        target.claims = {claim["goid"]: claim for claim in target.command("grow")["claims"]}
        assert len(target.goids("growing")) == 2 * growing > 0
        assert len(target.claims) >= before + growing
        assert_none(corpus.differences_of_corpus(target, REMARKS))


@pytest.mark.parametrize("built_by", BUILDS)
def test_most_leaks_can_be_told(built_by):
    """The goal that the programs themselves set: all but a twentieth of them proven or likely, by growth where nothing else tells."""
    leaky, coverage = corpus.programs(built_by), corpus.Coverage()
    for names in (corpus.together(built_by, go_programs.LEAKY), *corpus.APART):
        with running(names, go_programs.LEAKY, built_by) as target:
            coverage.add(leaks(target.pid), target)
    REMARKS.append(f"corpus, Go {built_by}, {coverage}")
    assert len(leaky) >= LEAST_PROGRAMS
    assert coverage.leaks.keys() == {p.name for p in leaky}, "some declared nothing"
    assert coverage.by_growth_too >= LEAST_SHARE, str(coverage)
    assert documented_shares(built_by)[:2] == (str(len(coverage.leaks)), f"{coverage.today * 100:.1f} %")


def test_limits_name_the_rest(newest):
    """docs/limits.md lists what one picture does not tell, by program."""
    untold = {leak["program"] for leak in corpus.not_proven(newest) if leak["expected"] == "growing"}
    assert programs_listed_under("Leaks that one picture does not tell") == untold


def test_limits_name_those_behind_holders_that_are_not_judged(newest):
    """And those of which a program says which holder keeps them, where goshawk has no rule for it."""
    known = corpus.known_holders()
    behind = {leak["program"] for leak in corpus.not_proven(newest) if leak["expected"] == "likely" and leak["holder"] not in known}
    assert programs_listed_under("A registry that nobody reads") == behind


def documented_shares(release):
    """What docs/limits.md says of a release: how many leaks, how many of them one picture tells, and four."""
    minor = go_programs.minor(release)
    return re.search(rf"^\| 1\.{minor} \| (\d+) \| ([\d.]+ %) \| ([\d.]+ %) \|$", section_of_limits("Leaks that several pictures tell"), re.M).groups()


def section_of_limits(title):
    section = re.search(rf"^## {title}$(.*?)^## ", LIMITS.read_text(), re.M | re.S)
    assert section, f"{title}: the section is not there"
    return section[1]


def programs_listed_under(title):
    return set(re.findall(r"^\| `(\w+)` \|", section_of_limits(title), re.M))
