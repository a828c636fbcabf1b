"""Compares what goshawk says with what is true. Every difference becomes a line of text; no line means right."""

import json

from runtime_dump import Frame, printed_name


# Before Go 1.21 a dump stops after a hundred frames, counting hidden ones, and does not always say so.
SILENT_LIMIT = 90


def proven_goids(report):
    return {goid: finding["rule"] for finding in report["findings"] if finding["confidence"] == "proven" for goid in finding["goids"]}


def differences_of_leaks(report, target, at_rest=True):
    """What a program declares, exactly: all leaked ones proven with a right rule, and nothing else proven.

    At a random instant of a program that never rests some may escape (test_random_instants says how many)."""
    proven = proven_goids(report)
    differences = false_proofs(report, target) + false_suspicions(report, target)
    for goid in sorted(target.goids("leaked")):
        if goid not in proven and at_rest:
            differences.append(f"goroutine {goid} is leaked ({target.rules_of(goid)}) but was not proven")
        elif goid in proven and proven[goid] not in target.rules_of(goid):
            differences.append(f"goroutine {goid} has rule {proven[goid]}, right is {target.rules_of(goid)}")
    parked = {goid for finding in report["parked"] for goid in finding["goids"]}
    if parked != target.goids("parked"):
        differences.append(f"parked on purpose are {sorted(target.goids('parked'))}, told were {sorted(parked)}")
    if at_rest and report["checked"]["unknown"] != 0:
        differences.append(f"undecided although the program is at rest: {report['checked']['unknown_reasons']}")
    return differences + differences_in_counts(report)


def false_proofs(report, target):
    may_be = target.goids("leaked") | target.goids("undecided")
    return [
        f"FALSE PROOF: goroutine {goid} is not leaked ({target.claims.get(goid, 'undeclared')}), told as {rule}"
        for goid, rule in sorted(proven_goids(report).items())
        if goid not in may_be
    ]


def false_suspicions(report, target):
    """What is correct, however much it looks stuck, is not likely to be leaked either."""
    may_be = target.goids("leaked") | target.goids("undecided")
    return [
        f"goroutine {goid} is not leaked ({target.claims.get(goid, 'undeclared')}), told as likely {finding['rule']}"
        for finding in report["findings"] if finding["confidence"] == "likely" for goid in finding["goids"] if goid not in may_be
    ]


def differences_in_counts(report):
    """What is shown plus what could not be decided is what the target has."""
    checked, differences = report["checked"], []
    parts = ("alive", "leaked", "likely", "parked", "suppressed", "unknown")
    if checked["goroutines"] != sum(checked[part] for part in parts):
        differences.append(f"the counts do not add up: {checked}")
    if checked["unknown"] != sum(checked["unknown_reasons"].values()):
        differences.append(f"unknown ones without a reason: {checked}")
    for finding in report["findings"]:
        if finding["count"] != len(finding["goids"]) or finding["goids"] != sorted(set(finding["goids"])):
            differences.append(f"a finding counts {finding['count']} and lists {finding['goids']}")
        if finding["confidence"] == "proven" and finding["cost"]["stack_bytes"] < 2048 * finding["count"]:
            differences.append(f"stacks cost less than the least stack: {finding['cost']}, {finding['count']}")
    if sum(f["count"] for f in report["findings"] if f["confidence"] == "proven") != checked["leaked"]:
        differences.append("the proven findings do not sum up to the leaked count")
    return differences


def frame_of(json_frame):
    if json_frame is None:
        return None
    return Frame(printed_name(json_frame["function"]), json_frame["file"], json_frame["line"])


def state_of(listed):
    """As a dump shows it, without the mark that a dump adds for members of a testing/synctest bubble."""
    if listed["status"] in ("waiting", "leaked") and listed["wait_reason"]:
        return listed["wait_reason"].replace(" (durable)", "")
    return listed["status"]


def stacks_differ(ours, goroutine):
    theirs, gap = goroutine.frames, goroutine.elided_after
    if gap < 0 and len(theirs) >= SILENT_LIMIT and len(ours) > len(theirs):
        return ours[:len(theirs)] != theirs
    if gap < 0:
        return ours != theirs
    return ours[:gap] != theirs[:gap] or ours[len(ours) - (len(theirs) - gap):] != theirs[gap:]


def side_by_side(ours, theirs):
    lines = [f"  {'=' if i < min(len(ours), len(theirs)) and ours[i] == theirs[i] else '!'} ours {ours[i] if i < len(ours) else '-'}"
             f"   theirs {theirs[i] if i < len(theirs) else '-'}" for i in range(min(12, max(len(ours), len(theirs))))]
    return "\n".join(lines)


def differences_of_one(listed, goroutine):
    goid, differences = goroutine.goid, []
    if state_of(listed) != goroutine.state:
        differences.append(f"goroutine {goid}: state {state_of(listed)!r}, the runtime says {goroutine.state!r}")
    if listed["locked_to_thread"] != goroutine.locked:
        differences.append(f"goroutine {goid}: locked to its thread: {listed['locked_to_thread']}, not {goroutine.locked}")
    ours = [frame_of(frame) for frame in listed["stack"]]
    if not goroutine.unavailable and stacks_differ(ours, goroutine):
        differences.append(f"goroutine {goid}: another stack\n{side_by_side(ours, goroutine.frames)}")
    if goroutine.created_by is not None and frame_of(listed["created_by"]) != goroutine.created_by:
        differences.append(f"goroutine {goid}: created by {frame_of(listed['created_by'])}, not {goroutine.created_by}")
    if goroutine.creator_goid and listed["creator_goid"] != goroutine.creator_goid:
        differences.append(f"goroutine {goid}: creator {listed['creator_goid']}, not {goroutine.creator_goid}")
    return differences


def differences_of_lists(listed, dump, but=()):
    """Our list against the runtime's dump: the same goroutines, each the same in everything. `but` are left out of both."""
    ours = {g["goid"]: g for g in listed if g["goid"] not in but and not g["system"]}
    theirs = {goid: g for goid, g in dump.items() if goid not in but}
    differences = [f"goroutine {goid} is listed, but the runtime has none" for goid in sorted(ours.keys() - theirs.keys())]
    differences += [f"goroutine {goid} is not listed ({theirs[goid].frames[:1]})" for goid in sorted(theirs.keys() - ours.keys())]
    for goid in sorted(ours.keys() & theirs.keys()):
        differences += differences_of_one(ours[goid], theirs[goid])
    return differences


def without_what_differs(report):
    """Who was asked, how the picture was taken, and how long anything took are another matter."""
    report = json.loads(json.dumps(report))
    for part in ("target", "picture"):
        report.pop(part)
    for goroutine in report.get("goroutines", []):
        goroutine.pop("wait_ns")
    for finding in [*report.get("findings", []), *report.get("parked", [])]:
        finding.pop("wait_ns")
    return report
