"""What a user knows already: suppression files and baselines, on real programs. What each program leaks is what it says itself."""

import json
import os

import pytest

from goshawk_command import FINDINGS, FINE, UNREADABLE, USAGE, goshawk, goshawk_json
from judgement import differences_in_counts
from running_program import running

MUTEX, RECEIVE, ABANDONED = "mutex_never_released", "blocked_receive", "abandoned_result"
ALL = ",".join([MUTEX, RECEIVE, ABANDONED])
NO_PROCESS = 2**22 + 1  # above the kernel's highest: to touch it would be UNREADABLE
FOR_EVER, LONG_AGO = "2999-12-31", "2020-01-01"


def entry(reason="known", **keys):
    lines = [f"reason = {reason!r}", *(f"{key} = {value}" if key == "until" else f"{key} = {value!r}" for key, value in keys.items())]
    return "[[suppress]]\n" + "\n".join(lines) + "\n"


def write(path, text):
    path.write_text(text)
    return path


def goids_of(target, *programs):
    return {goid for goid, claim in target.claims.items() if claim["program"] in programs}


def found(report, **wanted):
    return {goid for finding in report["findings"] if wanted.items() <= finding.items() for goid in finding["goids"]}


def suppressed(report):
    return {goid for entry in report["suppressed"] for finding in entry["findings"] for goid in finding["goids"]}


def one_line(text):
    return " ".join(text.split())


# --- suppressions ---

@pytest.mark.parametrize("keys, programs", [
    ({"rule": "mutex"}, [MUTEX]),
    ({"rule": "goroutine/abandoned-result"}, [ABANDONED]),
    ({"top": "main.(*account).deposit"}, [MUTEX]),
    ({"top": "main.handle.func7"}, [ABANDONED]),
    ({"any": "sync.(*Mutex).Lock"}, [MUTEX]),
    ({"any": "main.handle"}, [ABANDONED]),
    ({"created_by": "main.blockedReceive"}, [RECEIVE]),
    ({"created_by": "main.*"}, [MUTEX, RECEIVE, ABANDONED]),
    ({"rule": "mutex", "created_by": "main.*", "until": FOR_EVER}, [MUTEX]),
], ids=str)
def test_each_key(release, keys, programs, tmp_path):
    file = write(tmp_path / "known.toml", "# ours\n\n" + entry(**keys))
    with running(ALL, "leaky", release, "stripped") as target:
        report = goshawk_json("leaks", target.pid, "--suppressions", file)
        plain = goshawk_json("leaks", target.pid, "--no-suppressions")
        text = goshawk("leaks", target.pid, "--suppressions", file, "--fail-on", "proven")
        everything = goids_of(target, MUTEX, RECEIVE, ABANDONED)
    apart = goids_of(target, *programs)
    assert apart and suppressed(report) == apart and found(report) == everything - apart
    assert (report["checked"]["suppressed"], report["checked"]["leaked"]) == (len(apart), len(everything - apart))
    assert differences_in_counts(report) == []
    assert found(plain) == everything and plain["suppressed"] == [] and plain["suppressions"] is None
    assert [(one["line"], one["reason"], one["count"]) for one in report["suppressed"]] == [(3, "known", len(apart))]
    assert report["suppressions"] == {"file": str(file), "unused": [], "expired": []}
    fingerprints = {finding["fingerprint"] for finding in plain["findings"]}
    shown = report["findings"] + [finding for one in report["suppressed"] for finding in one["findings"]]
    assert {finding["fingerprint"] for finding in shown} == fingerprints
    assert f"{len(apart)} goroutines suppressed by {file}:3: known" in one_line(text.out.decode())
    assert text.code == (FINDINGS if everything - apart else FINE), text.err


def test_the_file_of_the_folder(newest, tmp_path):
    write(tmp_path / ".goshawk.toml", entry(reason="looked into", rule="mutex"))
    other = write(tmp_path / "other.toml", entry(rule="blocked-receive"))
    with running(MUTEX, "leaky", newest) as target:
        read, none, named = (goshawk("leaks", target.pid, "--fail-on", "proven", *options, cwd=tmp_path)
                             for options in ([], ["--no-suppressions"], ["--suppressions", other]))
        elsewhere = goshawk("leaks", target.pid, "--fail-on", "proven", cwd=tmp_path.parent)
        profile = goshawk("leaks", target.pid, "--format", "pprof", cwd=tmp_path)
        whole = goshawk("leaks", target.pid, "--all", cwd=tmp_path).out.decode()
    assert read.code == FINE and none.code == named.code == elsewhere.code == FINDINGS
    lines = read.out.decode().splitlines()
    assert lines[0] == "Apart from 3 suppressed, no goroutine is proven to be leaked"
    assert "3 goroutines suppressed by .goshawk.toml:1: looked into" in lines
    assert "3 suppressed, 0 undecided" in read.out.decode() and "main.(*account).deposit" not in read.out.decode()
    assert "suppressed" not in none.out.decode() + elsewhere.out.decode()
    assert f"Entries of {other} that fit no leak here: line 1 (rule goroutine/blocked-receive)" in one_line(named.out.decode())
    assert "3 goroutines suppressed by .goshawk.toml and not in the profile" in profile.err
    assert "suppressed, proven goroutine/mutex main.(*account).deposit" not in one_line(read.out.decode())
    assert "suppressed, proven goroutine/mutex" in one_line(whole) and "main.(*account).deposit" in whole
    assert max(map(len, read.out.decode().splitlines()[2:])) <= 100


def test_unused_and_expired(newest, tmp_path):
    file = write(tmp_path / "known.toml", entry(top="main.nobody") + entry(reason="old", rule="mutex", until=LONG_AGO) + entry(rule="abandoned-result"))
    with running(f"{MUTEX},{ABANDONED}", "leaky", newest) as target:
        report = goshawk_json("leaks", target.pid, "--suppressions", file)
        text = goshawk("leaks", target.pid, "--suppressions", file, "--fail-on", "proven")
    assert found(report) == goids_of(target, MUTEX) and suppressed(report) == goids_of(target, ABANDONED)
    assert report["suppressions"]["unused"] == [{"line": 1, "entry": "top main.nobody", "reason": "known", "until": None}]
    assert report["suppressions"]["expired"] == [{"line": 4, "entry": "rule goroutine/mutex", "reason": "old", "until": LONG_AGO}]
    assert text.code == FINDINGS
    said = one_line(text.out.decode())
    assert "that fit no leak here: line 1 (top main.nobody)" in said
    assert f"that have expired and suppress no longer: line 4 (rule goroutine/mutex; until {LONG_AGO})" in said


def test_rule_leaves_others_out(newest, tmp_path):
    """An entry for another rule than those asked for is not unused, and what it suppresses is not shown."""
    file = write(tmp_path / "known.toml", entry(rule="mutex"))
    with running(f"{MUTEX},{ABANDONED}", "leaky", newest) as target:
        report = goshawk_json("leaks", target.pid, "--suppressions", file, "--rule", "abandoned-result")
    assert found(report) == goids_of(target, ABANDONED) and report["suppressed"] == []
    assert report["suppressions"]["unused"] == [] and report["checked"]["suppressed"] == 3


def test_of_a_likely_leak(newest, tmp_path):
    file = write(tmp_path / "known.toml", entry(rule="lost-cancel"))
    with running("lost_cancel_of_child", "leaky", newest) as target:
        plain = goshawk_json("leaks", target.pid, "--no-suppressions")
        report = goshawk_json("leaks", target.pid, "--suppressions", file)
        code = goshawk("leaks", target.pid, "--suppressions", file, "--fail-on", "likely").code
    rules = {finding["rule"] for finding in plain["findings"]}
    assert rules == {"goroutine/lost-cancel"}, rules
    assert suppressed(report) == found(plain) and found(report) == set() and code == FINE
    assert differences_in_counts(report) == []


def test_of_a_saved_picture(newest, tmp_path):
    picture = tmp_path / "picture"
    file = write(tmp_path / "known.toml", entry(any="main.handle"))
    with running(ALL, "leaky", newest) as target:
        assert goshawk("snapshot", target.pid, "-o", picture).code == FINE
    report = goshawk_json("leaks", picture, "--suppressions", file)
    assert suppressed(report) == goids_of(target, ABANDONED) and found(report) == goids_of(target, MUTEX, RECEIVE)


@pytest.mark.parametrize("text, said", [
    ("[[suppress]]\ntop = 'x'\n", ":1: an entry without a reason"),
    (entry(), ":1: an entry that fits everything"),
    (entry(top="*"), ":3: \"*\" fits every function"),
    (entry(rule="mutx"), ":3: there is no rule \"mutx\"; did you mean mutex?"),
    (entry(createdby="main.f"), ":3: unknown key \"createdby\"; did you mean created_by?"),
    (entry(top="x") + "until = '2027-01-01'\n", ":4: \"until\" is no day; write until = 2027-06-30"),
    ("[suppress]\n", ":1: \"suppress\" is no list of entries"),
    ("[[ignore]]\n", ":1: unknown key \"ignore\""),
    ("\n\n{}\n", ":3: "),
    ("# " + "x" * (1 << 20), " cannot be read: it is longer than 1024 KB"),
], ids=lambda value: value[:24])
def test_bad_suppressions(text, said, tmp_path):
    write(tmp_path / ".goshawk.toml", text)
    outcome = goshawk("leaks", NO_PROCESS, cwd=tmp_path)
    assert (outcome.code, outcome.out) == (USAGE, b"") and f"goshawk: .goshawk.toml{said}" in outcome.err, outcome.err
    assert goshawk("leaks", NO_PROCESS, "--no-suppressions", cwd=tmp_path).code == UNREADABLE


def test_files_that_are_not_there(tmp_path):
    for option in ("--suppressions", "--baseline"):
        outcome = goshawk("leaks", NO_PROCESS, option, tmp_path / "none", cwd=tmp_path)
        assert outcome.code == USAGE and "none cannot be read: No such file or directory; " in outcome.err, outcome.err
    (tmp_path / ".goshawk.toml").symlink_to("nowhere")
    assert goshawk("leaks", NO_PROCESS, cwd=tmp_path).code == USAGE
    (tmp_path / ".goshawk.toml").unlink()
    os.mkfifo(tmp_path / ".goshawk.toml")
    pipe = goshawk("leaks", NO_PROCESS, cwd=tmp_path)
    assert pipe.code == USAGE and ".goshawk.toml is no regular file; " in pipe.err, pipe.err
    both = goshawk("leaks", NO_PROCESS, "--suppressions", "x", "--no-suppressions", cwd=tmp_path)
    assert both.code == USAGE and "contradict each other" in both.err


# --- baselines ---

def test_old_new_and_gone(release, tmp_path):
    base = tmp_path / "base.json"
    with running(f"{MUTEX},{RECEIVE}", "leaky", release) as target:
        assert goshawk("leaks", target.pid, "--format", "json", "-o", base).code == FINE
        again = goshawk("leaks", target.pid, "--baseline", base, "--fail-on", "proven")
        same = goshawk_json("leaks", target.pid, "--baseline", base)
    assert again.code == FINE and "; nothing of it is new" in one_line(again.out.decode())
    assert found(same, known=True) == goids_of(target, MUTEX, RECEIVE) == found(same)
    assert same["baseline"] == {"file": str(base), "gone": []}

    with running(f"{MUTEX},{ABANDONED}", "leaky", release, "stripped") as target:
        report = goshawk_json("leaks", target.pid, "--baseline", base)
        text = goshawk("leaks", target.pid, "--baseline", base, "--fail-on", "proven")
        quiet = goshawk("leaks", target.pid, "--baseline", base, "--fail-on", "proven", "--rule", "mutex")
    assert found(report, known=True) == goids_of(target, MUTEX) and found(report, known=False) == goids_of(target, ABANDONED)
    assert report["findings"][0]["known"] is False
    (gone,) = report["baseline"]["gone"]
    old = {finding["fingerprint"]: finding for finding in json.loads(base.read_text())["findings"]}[gone["fingerprint"]]
    assert old["rule"] == "goroutine/blocked-receive" == gone["rule"] and gone["count"] == 3
    assert (gone["blocked_in"], gone["created_by"]) == ("main.blockedReceive.func1", "main.blockedReceive")
    assert text.code == FINDINGS and quiet.code == FINE
    said = one_line(text.out.decode())
    assert "; 1 of the 2 groups is new" in said
    assert f"known from {base} (--all shows them whole): 3 " in said and "mutex main.(*account).deposit" in said
    assert "is not found here any more: 3 goroutines (blocked-receive) in main.blockedReceive.func1, started by main.blockedReceive" in said
    assert "not found here any more" not in quiet.out.decode()


def test_what_was_suppressed_is_not_known_and_what_is_suppressed_is_not_gone(newest, tmp_path):
    file, base = write(tmp_path / "known.toml", entry(rule="mutex")), tmp_path / "base.json"
    with running(ALL, "leaky", newest) as target:
        assert goshawk("leaks", target.pid, "--suppressions", file, "--format", "json", "-o", base).code == FINE
        report = goshawk_json("leaks", target.pid, "--baseline", base)
        assert goshawk("leaks", target.pid, "--format", "json", "-o", base).code == FINE
        both = goshawk_json("leaks", target.pid, "--baseline", base, "--suppressions", file)
    assert found(report, known=False) == goids_of(target, MUTEX)
    assert both["baseline"]["gone"] == [] and suppressed(both) == goids_of(target, MUTEX)
    assert found(both, known=True) == goids_of(target, RECEIVE, ABANDONED) == found(both)


def test_a_baseline_through_a_pipe(newest, tmp_path):
    base = tmp_path / "base.json"
    with running(MUTEX, "leaky", newest) as target:
        assert goshawk("leaks", target.pid, "--format", "json", "-o", base).code == FINE
        with base.open() as stdin:
            assert goshawk("leaks", target.pid, "--baseline", "/dev/stdin", "--fail-on", "proven", stdin=stdin).code == FINE


def test_bad_baselines(newest, tmp_path):
    with running(MUTEX, "leaky", newest) as target:
        other = goshawk("goroutines", target.pid, "--format", "json").out.decode()
        good = goshawk("leaks", target.pid, "--format", "json").out.decode()
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate((1 << 28) + 1)
    for text, said in [
        (other, "it is the JSON of something else"),
        (good[:-20], "it is no JSON from byte "),
        (good.replace('"schema":1', '"schema":2', 1), "it has schema 2, not 1"),
        (good.replace('"fingerprint":"', '"fingerprint":"x', 1), "a finding in it has no rule or no fingerprint"),
        ("[" * 100_000, "it is nested too deeply"),
        ("", "it is no JSON from byte "),
    ]:
        base = write(tmp_path / "base.json", text)
        outcome = goshawk("leaks", NO_PROCESS, "--baseline", base)
        assert (outcome.code, outcome.out) == (USAGE, b""), outcome.err
        assert f"{base} is no baseline and no report of `goshawk leaks`: {said}" in outcome.err and "make one: goshawk baseline" in outcome.err, outcome.err
    outcome = goshawk("leaks", NO_PROCESS, "--baseline", huge)
    assert outcome.code == USAGE and "it is longer than 262144 KB" in outcome.err


def test_a_story_is_told_of_suppressed_ones_too(newest, tmp_path):
    write(tmp_path / ".goshawk.toml", entry(rule="mutex"))
    with running(MUTEX, "leaky", newest) as target:
        goid = min(goids_of(target, MUTEX))
        here, elsewhere = (goshawk("leaks", target.pid, "--goroutine", goid, cwd=folder) for folder in (tmp_path, tmp_path.parent))
        refused = [goshawk("leaks", target.pid, "--goroutine", goid, option, "x", cwd=tmp_path) for option in ("--suppressions", "--baseline")]
    # What differs is how long the stop took.
    told = [[line for line in outcome.out.decode().splitlines() if "stood still" not in line] for outcome in (here, elsewhere)]
    assert here.code == elsewhere.code == FINE and told[0] == told[1] and "goroutine/mutex" in here.out.decode()
    for outcome in refused:
        assert outcome.code == USAGE and "--suppressions, --baseline, --report nor a format" in outcome.err, outcome.err


# --- goshawk baseline ---

def functions_and_rules(text):
    return [(one["rule"], one["blocked_in"], one["created_by"]) for one in json.loads(text)["baseline"]]


def test_a_baseline_of_a_process_a_core_of_it_and_a_report(newest, tmp_path):
    known = tmp_path / "known.json"
    with running(f"{MUTEX},{RECEIVE}", "leaky", newest, "stripped") as target:
        of_process = goshawk("baseline", target.pid, "-o", known)
        assert (of_process.code, of_process.out) == (FINE, b"") and len(functions_and_rules(known.read_text())) == 2
        goshawk("leaks", target.pid, "--format", "json", "-o", tmp_path / "report.json")
        of_report = goshawk("baseline", tmp_path / "report.json")
        compared = goshawk("leaks", target.pid, "--baseline", known, "--fail-on", "proven")
    assert of_report.out.decode() == known.read_text()
    assert compared.code == FINE and "nothing of it is new" in compared.out.decode()
    with running(f"{ABANDONED},{MUTEX}", "leaky", newest, "stripped") as target:
        compared = goshawk("leaks", target.pid, "--baseline", known, "--fail-on", "proven")
        text = one_line(compared.out.decode())
        merged = goshawk("baseline", known, target.pid)
        other_way = goshawk("baseline", target.pid, tmp_path / "report.json")
        (tmp_path / "merged.json").write_bytes(merged.out)
        after = goshawk("leaks", target.pid, "--baseline", tmp_path / "merged.json", "--fail-on", "proven")
    assert compared.code == FINDINGS and f"1 group of {known} is not found here any more: blocked-receive in main." in text
    assert merged.out == other_way.out
    before, added = set(known.read_text().splitlines()), set(merged.out.decode().splitlines())
    assert len({line for line in added - before if "abandoned-result" in line}) == 1 and len(functions_and_rules(merged.out)) == 3
    assert functions_and_rules(merged.out) == sorted(functions_and_rules(merged.out))
    assert after.code == FINE


def test_a_draft_of_suppressions(newest, tmp_path):
    with running(ALL, "leaky", newest, "stripped") as target:
        report = goshawk("leaks", target.pid, "--format", "json").out
        (tmp_path / "report.json").write_bytes(report)
        draft = goshawk("baseline", tmp_path / "report.json", "--format", "toml").out.decode()
        empty = write(tmp_path / "empty.toml", draft)
        refused = goshawk("leaks", target.pid, "--suppressions", empty)
        filled = write(tmp_path / "filled.toml", draft.replace('reason = ""', 'reason = "looked into"'))
        suppressing = goshawk_json("leaks", target.pid, "--suppressions", filled)
        without = goshawk("baseline", target.pid, "--suppressions", filled)
        everything = goids_of(target, MUTEX, RECEIVE, ABANDONED)
    assert refused.code == USAGE and '"reason" is no text' in refused.err
    assert suppressed(suppressing) == everything and suppressing["findings"] == [] and suppressing["suppressions"]["unused"] == []
    assert json.loads(without.out)["baseline"] == []


@pytest.mark.parametrize("words, said", [
    ([], "TARGET is missing"),
    (["nowhere.json"], '"nowhere.json" is neither a command, a process id nor a file'),
    (["broken.json"], "broken.json is no baseline and no report of `goshawk leaks`"),
    (["other.json", NO_PROCESS], "it is the JSON of something else"),
    (["known.json", "--format", "sarif"], '--format does not know "sarif"'),
], ids=str)
def test_what_no_baseline_can_be_made_of(words, said, tmp_path):
    write(tmp_path / "broken.json", '{"schema": 1, "base')
    write(tmp_path / "other.json", ' \n{"schema": 1, "goroutines": []}')
    write(tmp_path / "known.json", '{"schema": 1, "baseline": []}')
    outcome = goshawk("baseline", *words, "-o", "new.json", cwd=tmp_path)
    assert outcome.code == USAGE and said in outcome.err
    assert not (tmp_path / "new.json").exists()
