"""Goshawk and its targets in containers of a real runtime (podman with crun), under its own seccomp profile and capability sets:
the image of Containerfile, and the manifests of deploy/kubernetes as podman plays them."""

import json
import shutil
import time
from contextlib import contextmanager

import pytest

import container_runtime
import go_programs
from conftest import LEFT_OUT
from container_runtime import REPOSITORY, SECCOMP_PROFILE
from goshawk_command import DENIED, FINE, GOSHAWK, UNREADABLE, goshawk, goshawk_json, leaks
from judgement import differences_of_leaks
from running_program import PATIENCE_SECONDS

MANIFESTS = REPOSITORY / "deploy" / "kubernetes"
MOST_BYTES = 30_000_000
ONLY_PTRACE = ["--cap-drop=ALL", "--cap-add=SYS_PTRACE"]
USER = "1000:1000"


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    """With its images: goshawk's, of the ready executable; the test programs; and what the manifests call shop."""
    with container_runtime.podman() as one:
        context = tmp_path_factory.mktemp("image")
        (context / "build").mkdir()
        shutil.copy(GOSHAWK, context / "build" / "goshawk")
        one.build("goshawk", context, "--file", REPOSITORY / "Containerfile", "--build-arg", "FROM=ready")
        for image, folder in (("programs", "patterns"), ("shop", "unattended")):
            files = tmp_path_factory.mktemp(image)
            shutil.copy(go_programs.build(go_programs.releases()[-1], "stripped", folder), files / "shop")
            (files / "Containerfile").write_text('FROM scratch\nCOPY shop /shop\nENTRYPOINT ["/shop"]\n')
            one.build(image, files)
        yield one


def beside(podman, container, options, *arguments):
    """A goshawk in a container of its own that shares the processes of another."""
    return podman.attempt("run", "--rm", f"--pid=container:{container}", *options, "goshawk", *arguments)


def judged_right(outcome, target):
    assert outcome.code == FINE, outcome.err
    return differences_of_leaks(json.loads(outcome.out), target) == []


def assert_looks_in(podman, target, options):
    assert judged_right(beside(podman, "shop", options, "leaks", "1", "--all", "--format", "json"), target)
    assert beside(podman, "shop", options, "ps", "-q").out == b"1\n"
    assert target.command("ping")


def assert_denied(podman, options, *words):
    outcome = beside(podman, "shop", options, "leaks", "1")
    assert outcome.code == DENIED and outcome.out == b"", f"exit code {outcome.code}: {outcome.err}"
    for word in words:
        assert word in outcome.err, f"{word!r} is not in: {outcome.err}"


# --- the image ---


def test_the_image_holds_goshawk_alone(podman, record_property):
    (image,) = json.loads(podman("image", "inspect", "goshawk"))
    print(f"the image has {image['Size'] / 1e6:.1f} MB")
    record_property("image_bytes", image["Size"])
    assert image["Size"] < MOST_BYTES
    assert podman("run", "--rm", "goshawk", "--version") == goshawk("--version").out.decode()
    assert podman.files_of("goshawk") == ["usr/local/bin/goshawk"]


def test_alone_it_says_how_to_see_others(podman):
    outcome = podman.attempt("run", "--rm", "goshawk")
    assert outcome.code == FINE and outcome.out == b"No Go process was found.\n"
    assert "shareProcessNamespace: true" in outcome.err and "--pid=container:NAME" in outcome.err


def test_it_needs_no_place_to_write(podman):
    with podman.running("shop", [], "programs") as target:
        assert_looks_in(podman, target, [*ONLY_PTRACE, "--read-only", "--read-only-tmpfs=false", "--env", "HOME=/nowhere"])


# --- from the host ---


def test_from_the_host(podman):
    with podman.running("shop", ["--user", USER, "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"], "programs") as target:
        assert target.status("Seccomp") == "2" and target.status("NoNewPrivs") == "1"
        report = leaks(target.pid)
        assert not (wrong := differences_of_leaks(report, target)), wrong
        assert report["target"]["exe"] == "/shop" and report["target"]["build_id"]
        listed = {entry["target"]["pid"]: entry["target"]["pid_inside"] for entry in goshawk_json("ps")["targets"]}
        assert listed[target.pid] == 1


def test_from_a_container_that_sees_the_host(podman):
    with podman.running("shop", ["--user", USER], "programs") as target:
        outcome = podman.attempt("run", "--rm", "--pid=host", *ONLY_PTRACE, "goshawk", "leaks", str(target.pid), "--all", "--format", "json")
        assert judged_right(outcome, target)


# --- from a container beside it ---


@pytest.mark.parametrize(
    "of_target, options",
    [
        ([], []),
        ([], ONLY_PTRACE),
        (["--user", USER], ["--cap-add=SYS_PTRACE"]),
        (["--user", USER], ONLY_PTRACE),
        (["--user", USER], [*ONLY_PTRACE, "--security-opt=no-new-privileges", "--read-only"]),
        (["--user", USER, "--cap-drop=ALL"], ["--user", USER, "--cap-drop=ALL", "--security-opt=no-new-privileges"]),
        (["--user", USER, "--cap-drop=ALL"], ["--user", "2000", *ONLY_PTRACE]),
    ],
    ids=["both root", "root to root", "capability added", "capability alone", "no new privileges", "same user", "ambient"],
)
def test_beside_it(podman, of_target, options):
    with podman.running("shop", of_target, "programs") as target:
        assert target.status("Seccomp") == "2"
        assert_looks_in(podman, target, options)


@pytest.mark.parametrize(
    "options, words",
    [
        ([], ["this root has no CAP_SYS_PTRACE", '["SYS_PTRACE"]']),
        (["--user", "2000:2000"], ["belongs to user 1000", "{runAsUser: 1000, runAsGroup: 1000}"]),
        (["--user", "1000:0"], ["with group 1000, and goshawk with group 0", "{runAsUser: 1000, runAsGroup: 1000}"]),
    ],
    ids=["root without the capability", "another user", "another group"],
)
def test_not_permitted(podman, options, words):
    with podman.running("shop", ["--user", USER], "programs") as target:
        assert_denied(podman, options, *words)
        listed = beside(podman, "shop", options, "ps")
        assert listed.out == b"No Go process was found.\n"  # its executable cannot be seen either
        assert "process 1 (shop) could not be looked at: " in listed.err and words[0] in listed.err and "sudo" not in listed.err
        assert target.command("ping")


# --- seccomp ---


def without(tmp_path, *calls, error=1):
    """The runtime's own profile, as it was for kernels before 4.8: some calls are refused."""
    profile = json.loads(SECCOMP_PROFILE.read_text())
    for rule in profile["syscalls"]:
        rule["names"] = [name for name in rule["names"] if name not in calls]
    profile["syscalls"].append({"names": list(calls), "action": "SCMP_ACT_ERRNO", "errnoRet": error})
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(profile))
    return ["--security-opt", f"seccomp={path}"]


@pytest.mark.parametrize("error", [1, 38], ids=["EPERM", "ENOSYS"])
def test_seccomp_without_ptrace(podman, tmp_path, error):
    with podman.running("shop", ["--user", USER], "programs") as target:
        filtered = [*without(tmp_path, "ptrace", "process_vm_readv", error=error), "--cap-add=SYS_PTRACE"]
        assert_denied(podman, filtered, "process 1", "seccomp filter", "forbids ptrace", "seccompProfile.type: Unconfined")
        assert_looks_in(podman, target, ["--cap-add=SYS_PTRACE", "--security-opt", "seccomp=unconfined"])


def test_seccomp_without_process_vm_readv(podman, tmp_path):
    with podman.running("shop", ["--user", USER], "programs") as target:
        assert_looks_in(podman, target, [*without(tmp_path, "process_vm_readv"), "--cap-add=SYS_PTRACE"])


# --- a snapshot leaves through a pipe ---


def test_a_snapshot_through_a_pipe(podman, tmp_path):
    with podman.running("shop", ["--user", USER], "programs") as target:
        podman("run", "--detach", "--name", "hawk", "--pid=container:shop", *ONLY_PTRACE, "goshawk", "idle")
        outcome = podman.attempt("exec", "hawk", "goshawk", "snapshot", "1", "-o", "-")
        podman("stop", "--time", "20", "hawk")
        (stopped,) = json.loads(podman("inspect", "hawk"))
        podman("rm", "hawk")
        assert outcome.code == FINE and "wrote standard output" in outcome.err
        assert stopped["State"]["ExitCode"] == 0, "goshawk idle was killed, it did not end by itself"
        saved = tmp_path / "shop.snapshot"
        saved.write_bytes(outcome.out)
        assert not differences_of_leaks(leaks(saved), target)


# --- the manifests, as they stand in deploy/kubernetes ---


@contextmanager
def played(podman, manifest, container):
    podman("kube", "play", manifest)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while container and "ready" not in podman("logs", container):
            assert time.monotonic() < deadline, podman("logs", container)
        yield
    finally:
        podman("kube", "down", manifest)


def assert_finds_the_leak(podman, container, pid):
    report = json.loads(podman("exec", container, "goshawk", "leaks", str(pid), "--format", "json", "--all"))
    # At the instant of "ready" the last of the three may still be on its way.
    (finding,) = report["findings"]
    assert finding["rule"] == "goroutine/blocked-receive" and finding["created_at"]["function"] == "main.main"
    assert finding["count"] in (2, 3) and report["checked"]["unknown"] == 0


@pytest.mark.parametrize("manifest", ["sidecar.yaml", "sidecar-restricted.yaml"])
def test_a_sidecar(podman, manifest):
    with played(podman, MANIFESTS / manifest, "shop-shop"):
        listed = json.loads(podman("exec", "shop-goshawk", "goshawk", "ps", "--format", "json"))
        (shop,) = [one for one in listed["targets"] if one["target"]["exe"] == "/shop"]
        assert shop["inspectable"], shop["why_not"]
        assert_finds_the_leak(podman, "shop-goshawk", shop["target"]["pid"])


def assert_rights_of(manifest, rights):
    """That the options of podman are what the manifest says."""
    text = (MANIFESTS / manifest).read_text()
    for words in ('drop: ["ALL"]', 'add: ["SYS_PTRACE"]', "runAsUser: 0\n", "allowPrivilegeEscalation: false", "readOnlyRootFilesystem: true"):
        assert words in text
    assert rights == ["--user", "0", "--cap-drop=ALL", "--cap-add=SYS_PTRACE", "--security-opt=no-new-privileges", "--read-only"]


RIGHTS = ["--user", "0", *ONLY_PTRACE, "--security-opt=no-new-privileges", "--read-only"]
LEFT_OUT += [
    ("deploy/kubernetes/node.yaml as it stands", "podman 4.3", "it plays neither a DaemonSet nor hostPID; its options give the same rights"),
    ("kubectl debug, containerd, CRI-O, AppArmor, SELinux, a node with Yama", "a Kubernetes cluster", "none is here; docs/kubernetes.md says so"),
]


def test_a_pod_on_every_node(podman):
    assert_rights_of("node.yaml", RIGHTS)
    with played(podman, MANIFESTS / "sidecar.yaml", "shop-shop"):
        host_pid = podman.host_pid("shop-shop")
        podman("run", "--detach", "--name", "node", "--pid=host", *RIGHTS, "goshawk", "idle")
        listed = json.loads(podman("exec", "node", "goshawk", "ps", "--format", "json"))
        (shop,) = [one for one in listed["targets"] if one["target"]["pid"] == host_pid]
        assert shop["target"]["exe"] == "/shop" and shop["inspectable"] and shop["target"]["pid_inside"] > 1
        assert_finds_the_leak(podman, "node", host_pid)
        podman("rm", "--force", "--time", "0", "node")


def test_a_debug_container(podman):
    """What kubectl debug --target with debug-profile.yaml asks of a runtime; kubectl itself has no cluster here to talk to."""
    assert_rights_of("debug-profile.yaml", RIGHTS)
    with podman.running("shop", ["--user", USER, "--cap-drop=ALL"], "programs") as target:
        assert_looks_in(podman, target, RIGHTS)
