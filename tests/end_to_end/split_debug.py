"""Executables whose debug information was split off into a file of its own, as distributions and release pipelines do it."""

import os
import shutil
import struct
import subprocess


def objcopy(*arguments):
    subprocess.run(["objcopy", *map(str, arguments)], check=True, capture_output=True)


def split(built, program, debug, compress=None, link=True):
    """`program` becomes the stripped executable, `debug` the file with what was stripped."""
    program.parent.mkdir(parents=True, exist_ok=True)
    debug.parent.mkdir(parents=True, exist_ok=True)
    objcopy("--only-keep-debug", *([f"--compress-debug-sections={compress}"] if compress else []), built, debug)
    objcopy("--strip-all", built, program)
    if link:
        objcopy(f"--add-gnu-debuglink={debug}", program)
    os.chmod(program, 0o755)


def set_link(program, name, crc):
    """Any text and checksum, also such as objcopy would not write."""
    text = name.encode() + b"\0"
    section = program.with_name("link")
    section.write_bytes(text + b"\0" * (-len(text) % 4) + struct.pack("<I", crc))
    objcopy("--remove-section=.gnu_debuglink", program)
    objcopy(f"--add-section=.gnu_debuglink={section}", program)
    section.unlink()


def build_id(path):
    notes = subprocess.run(["readelf", "-n", path], capture_output=True, text=True, check=True).stdout
    return notes.split("Build ID: ")[1].split()[0] if "Build ID: " in notes else ""


def section_of(path, name):
    """Its place in the file and its size."""
    table = subprocess.run(["readelf", "-SW", path], capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in table.splitlines() if f" {name} " in line]
    fields = line.split("]", 1)[1].split()
    return int(fields[3], 16), int(fields[4], 16)


def put_by_build_id(debug, directory, identity):
    place = directory / ".build-id" / identity[:2] / f"{identity[2:]}.debug"
    place.parent.mkdir(parents=True)
    return shutil.move(debug, place)
