"""Targets and goshawk in namespaces of their own: mounts, processes, users. What real container runtimes add to that is in
test_container_runtime.py. Containers do not depend on the Go release, so the newest one stands for all."""

import json
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

import go_programs
import namespaces
from goshawk_command import DENIED, FINE, GOSHAWK, TIMEOUT_SECONDS, UNREADABLE, USAGE, Outcome, goshawk, goshawk_json, leaks
from judgement import differences_of_leaks
from namespaces import OWNER, OWN_USER_NAMESPACE, ROOTFUL, ROOTLESS, WITHOUT_CAPABILITIES, as_user, contained, inside

STRANGER = 54321
BOTH_KINDS = pytest.mark.parametrize("kind", [ROOTFUL, ROOTLESS], ids=["rootful", "rootless"])


@pytest.fixture(scope="module")
def place():
    with namespaces.public_folder() as folder:
        shutil.copy(GOSHAWK, folder / "goshawk")
        yield folder


@pytest.fixture
def shop(newest, place):
    path = place / "shop"
    path.unlink(missing_ok=True)
    shutil.copy(go_programs.build(newest, "stripped"), path)
    path.chmod(0o755)
    return path


def goshawk_under(place, wrapper, *arguments, **options):
    done = subprocess.run(
        [*wrapper, place / "goshawk", *map(str, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_SECONDS, **options,
    )
    return Outcome(done.returncode, done.stdout, done.stderr.decode())


def assert_judged_right(outcome, target):
    assert outcome.code == FINE, outcome.err
    assert not (wrong := differences_of_leaks(json.loads(outcome.out), target)), wrong


def assert_refused(outcome, code, *words):
    assert outcome.code == code, f"exit code {outcome.code}: {outcome.err}"
    assert outcome.out == b""
    for word in words:
        assert word in outcome.err, f"{word!r} is not in: {outcome.err}"


def look(place, wrapper, pid):
    return goshawk_under(place, wrapper, "leaks", pid, "--all", "--format", "json")


# --- seen from the host ---


@BOTH_KINDS
def test_from_the_host(shop, kind, tmp_path):
    with contained(shop, kind) as target:
        report = leaks(target.pid)
        assert not (wrong := differences_of_leaks(report, target)), wrong
        assert report["target"]["pid"] == target.pid and report["target"]["exe"] == str(shop)
        saved = tmp_path / "shop.snapshot"
        assert goshawk("snapshot", target.pid, "-o", saved).code == FINE
        assert leaks(saved)["findings"] == report["findings"]
        assert target.command("ping")  # pid 1 of its namespace, and unharmed


@BOTH_KINDS
def test_listed_with_both_numbers(shop, kind):
    with contained(shop, kind) as target, contained(shop, []) as outside:
        listed = {entry["target"]["pid"]: entry for entry in goshawk_json("ps")["targets"]}
        assert listed[target.pid]["target"]["pid_inside"] == 1
        assert listed[target.pid]["inspectable"] and listed[target.pid]["why_not"] == ""
        assert listed[outside.pid]["target"]["pid_inside"] is None
        lines = goshawk("ps", env={"COLUMNS": "100"}).out.decode().splitlines()
        assert lines[0].split()[:2] == ["PID", "INSIDE"] and all(len(line) <= 100 for line in lines)
        (row,) = [line.split() for line in lines if line.split()[:1] == [str(target.pid)]]
        assert row[1] == "1"


def test_errors_name_both_numbers(shop, place):
    with contained(shop, ROOTFUL) as target:
        assert_refused(look(place, as_user(STRANGER), target.pid), DENIED, f"process {target.pid} (1 in its container)", "belongs to user 0")


def test_its_number_inside_is_not_ours(shop, place):
    """Its number inside means nothing outside; which process it is, is said where that is sure."""
    unlike = next(pid for pid in range(31000, 32000) if not Path(f"/proc/{pid}").exists())
    later = ["sh", "-c", f'echo {unlike - 1} >/proc/sys/kernel/ns_last_pid; exec 3<&0; "$@" <&3 & wait', "sh"]
    with contained(shop, [*ROOTFUL, *later]) as target:
        assert target.status("NSpid").split()[-1] == str(unlike)
        assert_refused(goshawk(unlike), UNREADABLE, f"there is no process {unlike} here", f"from here it is process {target.pid}")


# --- whose rights count ---


@pytest.mark.parametrize("wrapper", [[], as_user(OWNER)], ids=["root of the host", "who made the user namespace"])
def test_rights_in_its_user_namespace(shop, place, wrapper):
    with contained(shop, ROOTLESS) as target:
        assert_judged_right(look(place, wrapper, target.pid), target)


@pytest.mark.parametrize(
    "wrapper, words",
    [
        (WITHOUT_CAPABILITIES, ["where goshawk has no CAP_SYS_PTRACE", "user who started that container"]),
        (as_user(STRANGER), ["where goshawk has no CAP_SYS_PTRACE"]),
        (OWN_USER_NAMESPACE, ["where goshawk's CAP_SYS_PTRACE does not count", "as root of the host"]),
        ([*as_user(STRANGER), *OWN_USER_NAMESPACE], ["where goshawk's CAP_SYS_PTRACE does not count"]),
    ],
    ids=["root without capabilities", "a stranger", "root of a namespace beside it", "a stranger's namespace"],
)
def test_no_rights_in_its_user_namespace(shop, place, wrapper, words):
    with contained(shop, ROOTLESS) as target:
        assert_refused(look(place, wrapper, target.pid), DENIED, "user namespace", f"{target.pid} (1 in its container)", *words)


def test_seen_by_its_own_root(shop, place):
    with contained(shop, ROOTLESS) as target:
        everything = inside(target, "--user", "--pid", "--mount")
        assert_judged_right(look(place, everything, 1), target)
        listed = goshawk_under(place, everything, "ps", "-q")
        assert listed.out == b"1\n", listed.err


def test_the_capability_alone_is_enough(shop, place):
    """Of all that root may, CAP_SYS_PTRACE: others' /proc/PID/mem cannot be opened with it, their memory can be read."""
    ptrace_only = ["setpriv", "--bounding-set=-all,+sys_ptrace", "--inh-caps=-all"]
    with contained(shop, [*as_user(STRANGER)]) as target:
        assert_judged_right(look(place, ptrace_only, target.pid), target)
        shop.chmod(0o700)  # nor its executable
        assert_judged_right(look(place, ptrace_only, target.pid), target)
        assert_refused(look(place, WITHOUT_CAPABILITIES, target.pid), DENIED, "no CAP_SYS_PTRACE", '["SYS_PTRACE"]')


def test_the_capability_does_not_go_to_users(shop, place):
    """A container that was given it, and a user in it who is not root: docker and Kubernetes give it to root alone."""
    given = [*as_user(STRANGER), "--bounding-set=-all,+sys_ptrace", "--inh-caps=-all"]
    with contained(shop, as_user(STRANGER + 1)) as target:
        words = [f"goshawk runs in it as user {STRANGER}, who does not get it", "securityContext.runAsUser: 0"]
        assert_refused(look(place, given, target.pid), DENIED, *words)


def test_user_and_group_must_be_the_same(shop, place):
    with contained(shop, as_user(STRANGER, 77)) as target:
        assert_judged_right(look(place, as_user(STRANGER, 77), target.pid), target)
        assert_refused(look(place, as_user(STRANGER, 78), target.pid), DENIED, "with group 77, and goshawk with group 78")
        assert_refused(look(place, as_user(STRANGER + 1), target.pid), DENIED, f"belongs to user {STRANGER}")


def test_no_new_privileges(shop, place):
    confined = ["setpriv", "--no-new-privs"]
    with contained(shop, [*confined, *as_user(STRANGER)]) as target:
        assert target.status("NoNewPrivs") == "1"
        assert_judged_right(look(place, [*confined, *as_user(STRANGER)], target.pid), target)
        assert_judged_right(look(place, confined, target.pid), target)


def test_more_capabilities_than_goshawk(shop, place):
    more = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", "--inh-caps=+net_raw", "--ambient-caps=+net_raw"]
    with contained(shop, more) as target:
        assert_refused(look(place, as_user(STRANGER), target.pid), DENIED, "it has capabilities that goshawk does not have")
        assert_judged_right(look(place, more, target.pid), target)


# --- files that are elsewhere, or gone ---

# A root of its own: an overlay over the host's, in which the files of folder $2 are others than the host's of that path.
OWN_ROOT = """set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o lowerdir=/,upperdir="$1/upper",workdir="$1/work" "$1/root"
for file in "$2"/*; do
  rm "$1/root$file"
  cp "$file" "$1/root$file"
done
mount -t proc proc "$1/root/proc"
cd "$1/root"
[ "$3" = writable ] || mount -o remount,ro "$1/root"
shift 3
pivot_root . mnt
exec "$@"
"""


@contextmanager
def with_own_root(newest, place, access):
    """Go as a library of a C program, which loads it by its path."""
    executable = Path(go_programs.build(newest, "c-shared-loaded", "c_library"))
    (place / "root").mkdir(exist_ok=True)
    build = ["sh", "-c", OWN_ROOT, "sh", place / "root", executable.parent, access]
    with contained(executable, [*ROOTFUL, *build], "in_a_library") as target:
        yield target, executable.parent


@pytest.mark.parametrize("access", ["read-only", "writable"])
def test_a_root_of_its_own(newest, place, access):
    with with_own_root(newest, place, access) as (target, folder):
        report = leaks(target.pid)
        assert not (wrong := differences_of_leaks(report, target)), wrong
        assert report["target"]["build_id"], "the library in the container was not found"
        if access == "read-only":
            return
        there = Path(f"/proc/{target.pid}/root{folder}")
        for file in there.iterdir():
            file.unlink()  # an upgrade
        again = leaks(target.pid)
        assert again["target"]["build_id"] == report["target"]["build_id"]
        assert again["findings"] == report["findings"]


@BOTH_KINDS
def test_an_upgraded_executable(shop, kind):
    with contained(shop, kind) as target:
        shop.unlink()
        shutil.copy("/bin/true", shop)
        report = leaks(target.pid)
        assert not (wrong := differences_of_leaks(report, target)), wrong
        assert report["target"]["exe"] == f"{shop} (deleted)" and report["target"]["build_id"]
        assert target.pid in [entry["target"]["pid"] for entry in goshawk_json("ps")["targets"]]


# --- goshawk in a namespace that is not the target's ---

OTHER_NUMBERS = ["/proc here shows another process namespace", "mount -t proc proc /proc"]


@pytest.mark.parametrize("command", ["leaks", "goroutines"])
def test_a_proc_of_another_namespace(shop, place, command):
    """Its numbers are other processes': nothing is read by them."""
    with contained(shop, ROOTFUL) as target:
        assert_refused(goshawk_under(place, ["unshare", "--pid", "--fork"], command, target.pid), UNREADABLE, *OTHER_NUMBERS)
        assert_refused(goshawk_under(place, inside(target, "--mount"), command, 1), UNREADABLE, *OTHER_NUMBERS)


def test_ps_with_a_proc_of_another_namespace(place):
    assert_refused(goshawk_under(place, ["unshare", "--pid", "--fork"], "ps"), UNREADABLE, *OTHER_NUMBERS)


def test_no_proc(shop, place):
    bare = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]
    for arguments in (["ps"], ["leaks", "4711"]):
        assert_refused(goshawk_under(place, bare, *arguments), UNREADABLE, "/proc is not mounted here", "mount -t proc proc /proc")


def test_alone_in_its_namespace(shop, place):
    alone = ["unshare", "--pid", "--fork", "--mount-proc"]
    shared = ["own container", "--target=CONTAINER", "shareProcessNamespace: true", "--pid=container:NAME"]
    with contained(shop, ROOTFUL) as target:
        assert_refused(goshawk_under(place, alone, "leaks", target.pid), UNREADABLE, f"no process {target.pid} here", *shared)
    assert_refused(goshawk_under(place, alone, "leaks", 1), USAGE, "goshawk itself", *shared)
    listed = goshawk_under(place, alone, "ps")
    assert listed.code == FINE and listed.out == b"No Go process was found.\n"
    for word in shared:
        assert word in listed.err
