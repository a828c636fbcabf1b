"""Debug information that was split off is read with the program, from wherever gdb would find it; what is of another build, damaged
or in a place where nobody should look is not, and the answer says so and is as right as of any stripped program."""

import os
import random
import re
import shutil
import subprocess
import zlib
from contextlib import contextmanager
from pathlib import Path

import pytest

import go_programs
from agreement import differences_between_ways, differences_from_truth
from conftest import RELEASES
from cores import gcore
from goshawk_command import FINE, UNREADABLE, USAGE, goroutines, goshawk, goshawk_json, leaks
from judgement import differences_of_leaks, false_proofs
from running_program import RunningProgram
from split_debug import build_id, objcopy, put_by_build_id, section_of, set_link, split

SPREAD = sorted({RELEASES[0], RELEASES[len(RELEASES) // 2], RELEASES[-1]}, key=go_programs.minor)
NEWEST = SPREAD[-1]
SYSTEM = Path("/usr/lib/debug")


@contextmanager
def started(program, name="abandoned_result", **options):
    target = RunningProgram(program, name, "leaky", **options)
    try:
        yield target
    finally:
        target.end()


def assert_none(differences):
    assert not differences, "\n" + "\n".join(differences[:20])


def assert_read_with(target, debug, *options):
    """The right answer, by that file, and nothing to remark."""
    report = goshawk_json("leaks", target.pid, "--all", *options)
    assert report["target"]["debug_file"] == str(debug) and report["doubts"] == []
    assert_none(differences_of_leaks(report, target))


def assert_read_without(target, *words, options=()):
    """The right answer, by none, and a remark with all of the words, or no remark."""
    report = goshawk_json("leaks", target.pid, "--all", *options)
    assert report["target"]["debug_file"] == ""
    if words:
        (remark,) = report["doubts"]
        assert all(word in remark for word in words), remark
    else:
        assert report["doubts"] == []
    assert_none(differences_of_leaks(report, target))


@pytest.fixture
def parts(tmp_path):
    """Of the newest release, beside each other."""
    program, debug = tmp_path / "bin" / "service", tmp_path / "bin" / "service.debug"
    split(go_programs.build(NEWEST, "dwarf"), program, debug)
    return program, debug


@pytest.mark.parametrize("built_by", SPREAD)
def test_beside_the_program(built_by, tmp_path):
    """Process, core and snapshot."""
    program, debug = tmp_path / "service", tmp_path / "service.debug"
    split(go_programs.build(built_by, "dwarf"), program, debug)
    with started(program) as target:
        assert_read_with(target, debug)
        assert goroutines(target.pid)["target"]["debug_file"] == str(debug)
        assert f"read with the debug file {debug}" in goshawk("leaks", target.pid, "--verbose").err
        assert_none(differences_from_truth(target))
        assert_none(differences_between_ways(target, tmp_path))
        core = gcore(target, tmp_path)
        assert goshawk_json("leaks", core)["target"]["debug_file"] == str(debug)


def test_what_only_symbols_can_tell(tmp_path):
    """Of unoptimised code without symbols nothing is proven: the queue of finalizers is not found. The debug file has them."""
    program, debug = tmp_path / "service", tmp_path / "service.debug"
    split(go_programs.build(NEWEST, "unoptimised"), program, debug)
    with started(program) as target:
        assert_read_with(target, debug)
        debug.unlink()
        report = leaks(target.pid)
        assert report["checked"]["leaked"] == 0 and all("queue of finalizers" in why for why in report["checked"]["unknown_reasons"])


def test_of_a_library(tmp_path):
    """The runtime is in a shared library of a Python program: beside that its debug file lies."""
    built = go_programs.build(NEWEST, "c-shared-dwarf", "c_library").parent / "libgo.so"
    host = shutil.copy(go_programs.PROGRAMS / "c_library/hosts/host.py", tmp_path)
    split(built, tmp_path / "libgo.so", tmp_path / "libgo.debug")
    with started(host, "in_a_library") as target:
        assert_read_with(target, tmp_path / "libgo.debug")
        assert_none(differences_from_truth(target))
        assert_none(differences_between_ways(target, tmp_path))


@pytest.mark.parametrize("compress", ["none", "zlib", "zstd"])
def test_compressed(compress, tmp_path):
    program, debug = tmp_path / "service", tmp_path / "service.debug"
    decompressed = tmp_path / "decompressed"
    objcopy("--decompress-debug-sections", go_programs.build(NEWEST, "dwarf"), decompressed)
    split(decompressed, program, debug, compress=compress)
    flags = subprocess.run(["readelf", "-tW", debug], capture_output=True, text=True, check=True).stdout.lower()
    assert ("compressed" in flags) == (compress != "none") and (compress == "none" or compress in flags), flags
    with started(program) as target:
        assert_read_with(target, debug)


class TestPlaces:
    def test_in_a_folder_beside(self, parts):
        program, debug = parts
        place = program.parent / ".debug" / debug.name
        place.parent.mkdir()
        debug.rename(place)
        with started(program) as target:
            assert_read_with(target, place)

    @pytest.mark.parametrize("how", ["whole path", "right in it", "build id"])
    def test_in_a_named_directory(self, parts, how, tmp_path):
        """Of a process and of a core, where nothing else leads to it."""
        program, debug = parts
        directory = tmp_path / "symbols"
        place = Path(f"{directory}{program.parent}/{debug.name}") if how == "whole path" else directory / debug.name
        if how == "build id":
            place = put_by_build_id(debug, directory, build_id(program))
        else:
            place.parent.mkdir(parents=True)
            debug.rename(place)
        with started(program) as target:
            assert_read_without(target)
            assert_read_with(target, place, "--debug-dir", directory)
            core = gcore(target, tmp_path)
            report = goshawk_json("leaks", core, "--all", "--debug-dir", directory)
            assert report["target"]["debug_file"] == str(place)
            assert_none(differences_of_leaks(report, target))

    @pytest.mark.parametrize("how", ["whole path", "build id"])
    def test_in_the_systems_directory(self, parts, how):
        program, debug = parts
        identity = build_id(program)
        place = SYSTEM / ".build-id" / identity[:2] / f"{identity[2:]}.debug" if how == "build id" else Path(f"{SYSTEM}{debug}")
        assert not place.exists()
        there = [parent for parent in place.parents if parent.exists()][0]
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.move(debug, place)
            with started(program) as target:
                assert_read_with(target, place)
        finally:
            first = place.relative_to(there).parts[0]
            shutil.rmtree(there / first) if (there / first).is_dir() else place.unlink()

    def test_build_id_goes_before_the_link(self, parts, tmp_path):
        program, debug = parts
        copy = tmp_path / "copy"
        shutil.copy(debug, copy)
        place = put_by_build_id(copy, tmp_path / "symbols", build_id(program))
        with started(program) as target:
            assert_read_with(target, place, "--debug-dir", tmp_path / "symbols")

    def test_in_another_mount_namespace(self, parts, tmp_path):
        """By the target's own paths, which lead to other files here; an absolute link is followed in its root."""
        program, debug = parts
        (tmp_path / "root").mkdir()
        moved = shutil.move(program.parent, tmp_path / "hidden")
        script = (
            f"mount -t tmpfs none {tmp_path}/root && mkdir -p {program.parent} && mount -t tmpfs none {program.parent} && "
            f"cp {moved}/service {program.parent} && mkdir {program.parent}/inner && cp {moved}/service.debug {program.parent}/inner/it && "
            f"ln -s {program.parent}/inner/it {program.parent}/service.debug && exec \"$0\" \"$@\""
        )
        with started(program, under=["unshare", "--mount", "sh", "-c", script]) as target:
            assert not debug.exists()
            assert_read_with(target, debug)

    def test_named_directory_that_is_none(self, parts):
        program, _ = parts
        with started(program) as target:
            outcome = goshawk("leaks", target.pid, "--debug-dir", "/nowhere/at/all")
            assert outcome.code == USAGE and "/nowhere/at/all" in outcome.err


class TestAnotherBuild:
    def test_by_its_checksum(self, parts, tmp_path):
        """Without a GNU build id in the program, the link's checksum decides."""
        program, debug = tmp_path / "old" / "service", tmp_path / "old" / "service.debug"
        split(go_programs.build(SPREAD[0], "dwarf"), program, debug)
        shutil.copy(parts[1], debug)
        mended = zlib.crc32(debug.read_bytes())
        with started(program) as target:
            assert_read_without(target, str(debug), "another build")
        # Whoever makes the checksum fit still has another of Go's own build ids in it.
        set_link(program, debug.name, mended)
        with started(program) as target:
            assert_read_without(target, str(debug), "another build")

    def test_checksums_are_told(self, parts):
        program, debug = parts
        with open(debug, "ab") as file:
            file.write(b"\0")
        wrong, right = zlib.crc32(debug.read_bytes()), zlib.crc32(debug.read_bytes()[:-1])
        with started(program) as target:
            assert_read_without(target, str(debug), f"{wrong:08x}", f"{right:08x}")

    def test_by_its_build_id(self, parts, tmp_path):
        program, debug = parts
        identity = build_id(program)
        content = debug.read_bytes()
        assert content.count(bytes.fromhex(identity)) == 1
        other = identity[:-2] + ("00" if identity[-2:] != "00" else "01")
        debug.write_bytes(content.replace(bytes.fromhex(identity), bytes.fromhex(other)))
        put_by_build_id(debug, tmp_path / "symbols", identity)
        with started(program) as target:
            assert_read_without(target, "another build", identity, other, options=("--debug-dir", tmp_path / "symbols"))
            core = gcore(target, tmp_path)
            (remark,) = goshawk_json("leaks", core, "--debug-dir", tmp_path / "symbols")["doubts"]
            assert identity in remark and other in remark

    def test_debug_file_for_an_executable(self, parts, tmp_path):
        """It says where code and data were and has none of them."""
        program, debug = parts
        with started(program) as target:
            core = gcore(target, tmp_path)
            outcome = goshawk("leaks", core, "--exe", debug)
            assert outcome.code == UNREADABLE and "debug file" in outcome.err and "--exe" in outcome.err, outcome.err
            program.unlink()
            shutil.move(debug, program)
            outcome = goshawk("leaks", core)
            assert outcome.code == UNREADABLE and "debug file" in outcome.err, outcome.err


class TestDamaged:
    @pytest.mark.parametrize("how", ["cut off", "zeros", "empty", "text", "folder", "pipe", "core"])
    def test_file(self, parts, how, tmp_path):
        program, debug = parts
        content = debug.read_bytes()
        debug.unlink()
        with started(program) as target:
            if how == "folder":
                debug.mkdir()
            elif how == "pipe":
                os.mkfifo(debug)
            elif how == "core":
                gcore(target, tmp_path).rename(debug)
            else:
                debug.write_bytes({"cut off": content[:len(content) // 2], "zeros": bytes(len(content)), "empty": b"", "text": b"hello\n"}[how])
            assert_read_without(target, str(debug), "was not used")

    def test_debug_information(self, parts, tmp_path):
        """Of the right build id, with random bytes in it: never a crash, never a false proof."""
        program, debug = parts
        identity, directory = build_id(program), tmp_path / "symbols"
        program.with_name("service.debug").rename(tmp_path / "compressed")
        objcopy("--decompress-debug-sections", tmp_path / "compressed", tmp_path / "whole")
        content = (tmp_path / "whole").read_bytes()
        start, size = section_of(tmp_path / "whole", ".debug_info")
        abbreviations, abbreviation_bytes = section_of(tmp_path / "whole", ".debug_abbrev")
        place = put_by_build_id(tmp_path / "whole", directory, identity)
        used = 0
        with started(program) as target:
            for seed in range(12):
                chance = random.Random(seed)
                damaged = bytearray(content)
                for _ in range(10 ** (1 + seed % 4)):
                    damaged[start + chance.randrange(size)] = chance.randrange(256)
                if seed % 3 == 0:
                    damaged[abbreviations + chance.randrange(abbreviation_bytes)] ^= 1 << chance.randrange(8)
                Path(place).write_bytes(damaged)
                outcome = goshawk("leaks", target.pid, "--all", "--format", "json", "--debug-dir", directory)
                assert outcome.code in (FINE, UNREADABLE), outcome.err
                if outcome.code == FINE:
                    report = goshawk_json("leaks", target.pid, "--all", "--debug-dir", directory)
                    assert_none(false_proofs(report, target))
                    used += report["target"]["debug_file"] != ""
        assert used, "none of them was believed: nothing was tried"

    def test_structure_that_the_program_contradicts(self, parts, tmp_path):
        """A file of the right build id whose runtime.g is longer than the program's own type descriptor says."""
        program, debug = parts
        objcopy("--decompress-debug-sections", debug, tmp_path / "whole")
        content = bytearray((tmp_path / "whole").read_bytes())
        start, size = section_of(tmp_path / "whole", ".debug_info")
        # The structure's name, then its size as a varint of two bytes, then its kind.
        (found,) = re.finditer(rb"runtime\.g\0[\x80-\xff][\x01-\x0f]\x19", content[start:start + size])
        content[start + found.start() + len(b"runtime.g\0")] ^= 0x08
        debug.unlink()
        (tmp_path / "whole").write_bytes(content)
        put_by_build_id(tmp_path / "whole", tmp_path / "symbols", build_id(program))
        with started(program) as target:
            assert_read_without(target, "was not used", "runtime.g", options=("--debug-dir", tmp_path / "symbols"))


class TestLinks:
    @pytest.mark.parametrize("name", ["service", "../../elsewhere/service.debug", "..", ".", "", "/etc/passwd", "x" * 300])
    def test_that_lead_astray(self, parts, name, tmp_path):
        program, debug = parts
        (tmp_path / "elsewhere").mkdir()
        crc = zlib.crc32(debug.read_bytes())
        shutil.move(debug, tmp_path.parent / tmp_path.name / "elsewhere" / "service.debug")
        set_link(program, name, crc)
        with started(program) as target:
            words = ("the program itself",) if name == "service" else ()
            assert_read_without(target, *words)

    def test_to_what_dwz_moved(self, parts, tmp_path):
        """The symbols of such a file serve; its structures would be half here, half there."""
        program, debug = parts
        (tmp_path / "alt").write_bytes(b"/usr/lib/debug/.dwz/shared.debug\0" + bytes(20))
        objcopy(f"--add-section=.gnu_debugaltlink={tmp_path / 'alt'}", debug)
        set_link(program, debug.name, zlib.crc32(debug.read_bytes()))
        with started(program) as target:
            report = leaks(target.pid)
            (remark,) = report["doubts"]
            assert "/usr/lib/debug/.dwz/shared.debug" in remark and "does not follow" in remark
            assert report["target"]["debug_file"] == str(debug)
            assert_none(differences_of_leaks(report, target))
