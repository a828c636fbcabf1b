"""Reports for other programs, of real programs: read by readers that nobody here wrote, and beside the text where that is asked for."""

import json
import os
import re
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager
from pathlib import Path

import jsonschema
import junitparser
import pytest

import go_programs
from goshawk_command import FINDINGS, FINE, UNREADABLE, USAGE, goshawk, goshawk_json
from running_program import running

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "real_programs"))
from packages import Package, executable  # noqa: E402: it lies in another folder

# The published schema of SARIF 2.1.0 (errata 5), as this package carries it.
SARIF_SCHEMA = Package("npm", "@microsoft/jest-sarif", "1.0.0-beta.0"), "package/lib/schemas/sarif-2.1.0-rtm.5.json"
LEAKY = "abandoned_result,mutex_never_released,blocked_receive"
KINDS = ["text", "json", "sarif", "junit", "github", "markdown"]


def report(kind, target, *arguments, **options):
    outcome = goshawk("leaks", target, "--format", kind, *arguments, **options)
    assert outcome.code == FINE, outcome.err
    return outcome.out.decode()


MAIN = """package main

import (
	"fmt"
	"os"

	"example.com/shop/api"
)

func main() {
	for i := 0; i < 3; i++ {
		api.Fetch()
	}
	fmt.Println("ready")
	os.Stdin.Read(make([]byte, 1))
}
"""
API = """package api

import "sync"

func Fetch() {
	results := make(chan int)
	go func() {
		results <- 1
	}()
	var group sync.WaitGroup
	group.Add(1)
	go wait(&group)
}

func wait(group *sync.WaitGroup) {
	group.Wait()
}
"""
# What leaks in it: rule, function, line in api/fetch.go.
IN_SHOP = {("goroutine/abandoned-result", "example.com/shop/api.Fetch.func1", 8), ("goroutine/waitgroup", "example.com/shop/api.wait", 16)}


def write_shop(root):
    """A repository with a module below its root."""
    (root / ".git").mkdir(parents=True)
    (root / "services" / "api").mkdir(parents=True)
    (root / "services" / "go.mod").write_text("module example.com/shop\n\ngo 1.19\n")
    (root / "services" / "main.go").write_text(MAIN)
    (root / "services" / "api" / "fetch.go").write_text(API)
    return root


@contextmanager
def shop(folder, release, *flags, api=API):
    root = write_shop(folder / "built")
    (root / "services" / "api" / "fetch.go").write_text(api)
    go = Path(go_programs.goroot(release)) / "bin" / "go"
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod -buildvcs=false"}
    subprocess.run([go, "build", *flags, "-o", folder / "shop", "."], cwd=root / "services", check=True, env=environment)
    with subprocess.Popen([folder / "shop"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        yield process.pid
        process.stdin.close()
        process.wait(timeout=60)


@pytest.fixture(scope="module")
def sarif_schema():
    return json.loads(executable(*SARIF_SCHEMA).read_text())


# --- SARIF ---

def accept_all_but_the_mutex(folder, target):
    """A suppression for one finding, a baseline with another, an entry that has expired: every field that a result can have."""
    (folder / "known.toml").write_text(
        '[[suppress]]\nreason = "looked into"\nrule = "blocked-receive"\n'
        '[[suppress]]\nreason = "old"\nrule = "mutex"\nuntil = 2020-01-01\n')
    known = goshawk_json("leaks", target.pid, "--rule", "abandoned-result")
    (folder / "known.json").write_text(json.dumps(known))
    return ["--suppressions", folder / "known.toml", "--baseline", folder / "known.json"]


def test_sarif_fits_the_published_schema(newest, sarif_schema, tmp_path):
    with running(LEAKY, "leaky", newest, "stripped") as target:
        plain = json.loads(report("sarif", target.pid))
        accepted = json.loads(report("sarif", target.pid, "--all", *accept_all_but_the_mutex(tmp_path, target)))
        elsewhere = json.loads(report("sarif", target.pid, cwd=tmp_path))
        told = goshawk_json("leaks", target.pid)
    with running("abandoned_result", "fixed", newest, "stripped") as target:
        clean = json.loads(report("sarif", target.pid))
    validator = jsonschema.Draft4Validator(sarif_schema)
    for log in [plain, accepted, elsewhere, clean]:
        assert [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(log)] == []
    del plain["runs"][0]["results"][0]["message"]  # the check can fail
    assert list(validator.iter_errors(plain))

    assert clean["runs"][0]["results"] == [] and clean["runs"][0]["properties"]["processes"][0]["checked"]["leaked"] == 0
    (run,) = accepted["runs"]
    results = {result["ruleId"].split("/")[1]: result for result in run["results"]}
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] != []
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["help"]["markdown"].count("```go") == 2
        assert result["level"] == "error"
    assert results["blocked-receive"]["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "looked into"}]
    assert (results["abandoned-result"]["baselineState"], results["mutex"]["baselineState"]) == ("unchanged", "new")
    assert results["mutex"]["suppressions"] == []
    assert "has expired" in run["invocations"][0]["toolConfigurationNotifications"][0]["message"]["text"]
    fingerprints = {result["partialFingerprints"]["goshawk/v1"] for result in run["results"]}
    assert fingerprints == {finding["fingerprint"] for finding in told["findings"]}

    for result in run["results"]:
        assert result["occurrenceCount"] == len(result["properties"]["goids"])
        frames = result["stacks"][0]["frames"]
        flow = result["codeFlows"][0]["threadFlows"][0]["locations"]
        assert len(flow) == len(frames) + 1 and flow[-1]["location"]["logicalLocations"] == frames[0]["location"]["logicalLocations"]
        assert result["relatedLocations"][0]["id"] == 1 and "[Started by](1) main." in result["message"]["text"]
    for result in elsewhere["runs"][0]["results"]:  # no tree around: the place where it was built
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert "uriBaseId" not in artifact and artifact["uri"].startswith("file:///")


def sarif_places(text):
    for result in json.loads(text)["runs"][0]["results"]:
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uriBaseId"] == "%SRCROOT%", place
        yield result["ruleId"], location["logicalLocations"][0]["fullyQualifiedName"], place["artifactLocation"]["uri"], place["region"]["startLine"]


@pytest.mark.parametrize("flags", [[], ["-trimpath"], ["-trimpath", "-ldflags=-s -w"]], ids=str)
@pytest.mark.parametrize("beside", ["built", "another"])
def test_lines_of_code_are_found_in_the_tree(newest, flags, beside, tmp_path):
    write_shop(tmp_path / "another")
    folder = tmp_path / beside / "services" / "api"
    wanted = {(rule, function, "services/api/fetch.go", line) for rule, function, line in IN_SHOP}
    with shop(tmp_path, newest, *flags) as pid:
        told = set(sarif_places(report("sarif", pid, cwd=folder)))
        annotations = read_annotations(report("github", pid, cwd=folder))
        summary = report("markdown", pid, cwd=folder)
    assert told == wanted
    assert {(one["title"], one["file"], int(one["line"])) for _, one, _ in annotations} == {(rule, file, line) for rule, _, file, line in wanted}
    for _, function, file, line in wanted:
        assert f"`{function}` `{file}:{line}`" in summary


# --- JUnit ---

# No schema of it is published by those who read it, nor could Jenkins' be had as a package: what follows is a check of ours,
# of what Jenkins' and GitLab's documentation name, beside two readers.
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase", "system-out"},
    "testcase": {"failure", "skipped", "system-out"},
    "failure": set(), "skipped": set(), "system-out": set(),
}
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"classname", "name"},
    "failure": {"type", "message"}, "skipped": {"message"}, "system-out": set(),
}


def check_junit(element):
    assert element.attrib.keys() == ATTRIBUTES[element.tag], element.attrib
    assert {child.tag for child in element} <= CHILDREN[element.tag]
    for count, tag in [("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")]:
        if count in element.attrib:
            assert int(element.attrib[count]) == len(list(element.iter(tag)))
    names = [(case.attrib["classname"], case.attrib["name"]) for case in element.findall("testcase")]
    assert len(set(names)) == len(names)
    for child in element:
        check_junit(child)


def failed(xml):
    return {case.name for case in xml if any(isinstance(one, junitparser.Failure) for one in case.result)}


def test_junit_is_read_by_others(newest, tmp_path):
    with running(LEAKY, "leaky", newest, "stripped") as target:
        (tmp_path / "leaky.xml").write_text(report("junit", target.pid))
        (tmp_path / "accepted.xml").write_text(report("junit", target.pid, *accept_all_but_the_mutex(tmp_path, target)))
        told = goshawk_json("leaks", target.pid)
    with running("abandoned_result", "fixed", newest, "stripped") as target:
        (tmp_path / "clean.xml").write_text(report("junit", target.pid))
    for path in sorted(tmp_path.glob("*.xml")):
        subprocess.run(["xmllint", "--noout", path], check=True)
        check_junit(ElementTree.parse(path).getroot())
    broken = ElementTree.parse(tmp_path / "leaky.xml").getroot()
    broken[0].attrib["failures"] = "2"
    with pytest.raises(AssertionError):
        check_junit(broken)
    read = {path.stem: junitparser.JUnitXml.fromfile(str(path)) for path in tmp_path.glob("*.xml")}
    (suite,) = read["leaky"]
    assert (suite.tests, suite.failures, suite.errors) == (3, 3, 0)
    assert len(failed(suite)) == 3 and all(case.classname == "patterns" for case in suite)
    (case,) = [case for case in suite if case.name == "abandoned-result in main.handle.func1"]
    (failure,) = case.result
    assert failure.type == "goroutine/abandoned-result" and failure.message.startswith("5 goroutines, ")
    assert "started by main.handle" in case.system_out and "(proven)" in failure.message
    assert {result.type for case in suite for result in case.result} == {finding["rule"] for finding in told["findings"]}
    (suite,) = read["accepted"]
    assert (suite.tests, suite.failures, suite.skipped) == (3, 1, 2) and {name.split()[0] for name in failed(suite)} == {"mutex"}
    skipped = {result.message.split(" ")[0] for case in suite for result in case.result if isinstance(result, junitparser.Skipped)}
    assert skipped == {"suppressed", "known"}
    (suite,) = read["clean"]
    assert [(case.name, case.result) for case in suite] == [("no leak found", [])]


# --- annotations ---

def read_annotations(text):
    """As the runner reads them: command, properties, message."""
    found = []
    for line in text.splitlines():
        if match := re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line):
            decode = lambda one: re.sub("%(25|0A|0D|3A|2C)", lambda code: chr(int(code[1], 16)), one)  # noqa: E731
            properties = dict(one.split("=", 1) for one in match[2].split(","))
            found.append((match[1], {key: decode(value) for key, value in properties.items()}, decode(match[3])))
    return found


def test_annotations(newest, tmp_path):
    with running(LEAKY, "leaky", newest, "stripped") as target:
        accepted = report("github", target.pid, *accept_all_but_the_mutex(tmp_path, target))
        elsewhere = report("github", target.pid, cwd=tmp_path)
    annotations = read_annotations(elsewhere)
    assert len(annotations) == 3 and [line.split(":")[0] for line in elsewhere.splitlines()[3:]] == ["goshawk"] * 2 and "checked" in elsewhere.splitlines()[4]
    for command, properties, message in annotations:
        assert command == "error" and properties["title"].startswith("goroutine/") and "file" not in properties
        assert "\n   started by main." in message and "\n   fix  " in message
    assert [properties["title"] for _, properties, _ in read_annotations(accepted)] == ["goroutine/mutex"]


# --- markdown ---

def test_a_summary(newest):
    with running(LEAKY, "leaky", newest, "stripped") as target:
        text = report("markdown", target.pid)
    with running("abandoned_result", "fixed", newest, "stripped") as target:
        clean = report("markdown", target.pid)
    assert text.startswith("### ❌ Goshawk: ") and text.count("<details>") == text.count("</details>") == 3
    rows = [line for line in text.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == 3
    (row,) = [row for row in rows if "abandoned-result" in row]
    assert re.search(r"`main\.handle\.func1` `[^`]+\.go:\d+`", row), row
    assert clean.startswith("### ✅ Goshawk: No goroutine is proven to be leaked\n") and "|" not in clean


# --- names that would break them ---

# A //line directive names any file.
HOSTILE = "a|b`c``<script>alert(1)</script><details>@somebody %0A::error::x ##[error]y ]]>&amp; ,title=z:[l](http:e).go"
CONTROLS = "\x1b[31m\x07.go"  # no file of a tree: told where the goroutine was started


def test_hostile_file_names(newest, sarif_schema, tmp_path):
    source = API.replace("\t\tresults <- 1\n", f"//line {HOSTILE}:8\n\t\tresults <- 1\n//line fetch.go:9\n")
    source = source.replace("\tgroup.Wait()\n", f"//line {CONTROLS}:16\n\tgroup.Wait()\n")
    with shop(tmp_path, newest, api=source) as pid:
        told = goshawk_json("leaks", pid)
        sarif = json.loads(report("sarif", pid, cwd=tmp_path / "built"))
        junit = report("junit", pid)
        github = report("github", pid, cwd=tmp_path / "built")
        summary = report("markdown", pid, cwd=tmp_path / "built")
    (finding,) = [finding for finding in told["findings"] if finding["blocked_at"]["file"].endswith(HOSTILE)]
    assert list(jsonschema.Draft4Validator(sarif_schema).iter_errors(sarif)) == []
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in sarif["runs"][0]["results"]}
    assert {urllib.parse.unquote(uri) for uri in uris} == {"services/api/fetch.go", f"services/api/{HOSTILE}"}
    assert all(re.fullmatch(r"[A-Za-z0-9._~/%@+-]+", uri) for uri in uris)
    check_junit(ElementTree.fromstring(junit))
    text = "".join(ElementTree.fromstring(junit).itertext())
    assert HOSTILE.split("/")[-1] in text and "\\x1b[31m\\x07.go:16" in text
    lines = github.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::error", "goshawk:", "goshawk:"]
    assert {one["file"] for _, one, _ in read_annotations(github)} == {"services/api/fetch.go", f"services/api/{HOSTILE}"}
    html = subprocess.run(["cmark-gfm", "-e", "table", "--unsafe"], input=summary, capture_output=True, text=True, check=True).stdout
    rows = [row.count("<td") for row in html.split("<tr>")[2:]]
    assert rows == [7, 7] and html.count("<details>") == 2, html
    assert "<script" not in html and "<a " not in html and "\x1b" not in junit + github + summary
    bare = re.sub(r"<code.*?</code>", "", html, flags=re.S)
    assert "@somebody" in html and "@somebody" not in bare


# --- several at once ---

def test_reports_beside_the_text(newest, tmp_path):
    files = {kind: tmp_path / f"report.{kind}" for kind in KINDS}
    with running(LEAKY, "leaky", newest, "stripped") as target:
        outcome = goshawk("leaks", target.pid, "--fail-on", "proven", *[word for kind, path in files.items() for word in ("--report", f"{kind}={path}")])
        alone = {kind: report(kind, target.pid, "--fail-on", "never") for kind in ["github", "markdown"]}
        profile = goshawk("leaks", target.pid, "--format", "pprof", "--report", f"json={tmp_path / 'beside.json'}", "-o", tmp_path / "leaks.pb.gz")
        missing = goshawk("leaks", target.pid, "--report", f"json={tmp_path}/nowhere/x.json", "--report", f"sarif={tmp_path}/there.sarif")
    assert outcome.code == FINDINGS and b"will never run again" in outcome.out
    for kind, path in files.items():
        text = path.read_text()
        assert text and (kind not in alone or text == alone[kind]), kind
    assert len(json.loads(files["json"].read_text())["findings"]) == 3
    assert len(json.loads(files["sarif"].read_text())["runs"][0]["results"]) == 3
    ElementTree.fromstring(files["junit"].read_text())
    assert "will never run again" in files["text"].read_text()
    assert profile.code == FINE and json.loads((tmp_path / "beside.json").read_text())["schema"] == 1
    assert (missing.code, b"will never run again" in missing.out) == (UNREADABLE, True) and "nowhere" in missing.err
    assert json.loads((tmp_path / "there.sarif").read_text())["version"] == "2.1.0"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")], "a file that was half written stays"


@pytest.mark.parametrize("words, said", [
    (["--report", "serif=x"], 'does not know the kind "serif"; did you mean sarif?'),
    (["--report", "sarif"], "--report sarif names no file"),
    (["--report", "junit=-"], "for standard output: --format junit"),
    (["--report", "sarif=x", "--report", "sarif=./x"], "./x would be written twice"),
    (["--report", "sarif=x", "--report", "junit=x"], "x would be written twice"),
    (["-o", "x", "--report", "junit=x"], "x would be written twice"),
    (["--goroutine", "1", "--report", "junit=x"], "--report"),
    (["--goroutine", "1", "--format", "sarif"], "a format other than text and json"),
], ids=str)
def test_reports_that_make_no_sense(words, said, tmp_path):
    outcome = goshawk("leaks", os.getpid(), *words, cwd=tmp_path)
    assert outcome.code == USAGE and said in outcome.err
    assert list(tmp_path.iterdir()) == []
