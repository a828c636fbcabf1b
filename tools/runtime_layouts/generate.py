#!/usr/bin/env python3
"""Makes the tables of runtime layouts that stripped binaries are read by.

For each release and architecture a probe program (probe/) is built with that release's own
toolchain, its debug information is listed (dwarfdump/), and what wanted.py names is written as one
C++ header a minor release. Rows that several of its columns share are written once, with a bit for
each column.

A column is the newest patch of a release, or the last patch before a change inside a release, or a
build with an experiment that moves fields. Toolchains come by GOTOOLCHAIN.

  tools/runtime_layouts/generate.py                      all of them, again
  tools/runtime_layouts/generate.py --only 1.28          one release's
  tools/runtime_layouts/generate.py --only 1.27 --check  compares instead of writing: what script/test does
"""

import argparse
import difflib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import wait_reasons
import wanted

HERE = pathlib.Path(__file__).resolve().parent
GENERATED = HERE.parent.parent / "src/goruntime/facts/generated"
ARCHITECTURES = ["amd64", "arm64"]
DUMPER_TOOLCHAIN = "go1.27.4"

# (release, experiments that differ from the release's default). In a release, a patch level is
# answered by the first column that is not older than it; one that is newer than all, by the last.
COLUMNS = [
    ("1.19.2", ""),  # before mspan.freeIndexForScan
    ("1.19.13", ""),
    ("1.20.14", ""),
    ("1.21.13", ""),
    ("1.22.12", ""),
    ("1.22.12", "noallocheaders"),
    ("1.23.1", ""),  # before timer.isSending
    ("1.23.2", ""),  # before that was a word
    ("1.23.4", ""),  # before m.g0StackAccurate
    ("1.23.11", ""),  # before m.allpSnapshot
    ("1.23.12", ""),
    ("1.24.5", ""),  # before m.allpSnapshot
    ("1.24.13", ""),
    ("1.24.13", "noswissmap"),
    ("1.25.14", ""),
    ("1.25.14", "greenteagc"),
    ("1.25.14", "noswissmap"),
    ("1.26.11", ""),
    ("1.26.11", "nogreenteagc"),
    ("1.27.4", ""),
    ("1.27.4", "nogreenteagc"),
]

# Experiments of the runtime that were seen to leave every structure of the table alone; --try-neutral
# tries them again. The table answers for them as for the default.
NEUTRAL = [
    ("1.22.12", "arenas"),
    ("1.23.12", "cgocheck2"),
    ("1.26.11", "goroutineleakprofile"),
    ("1.26.11", "norandomizedheapbase64"),
    ("1.26.11", "runtimesecret"),
    ("1.27.4", "arenas"),
    ("1.27.4", "mapsplitgroup"),
    ("1.27.4", "nojsonv2"),
    ("1.27.4", "nosizespecializedmalloc"),
    ("1.27.4", "runtimefreegc"),
]


def run(command, cwd, **environment):
    result = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed with {environment}:\n{result.stderr}")
    return result.stdout


def dump_column(release, experiments, arch, work, program="probe"):
    """The facts of one column, kept in `work` so that a second run does not build again."""
    name = ("" if program == "probe" else program + "-") + f"{release}-{experiments or 'default'}-{arch}"
    kept = work / f"{name}.json"
    if not kept.exists():
        binary = work / name
        run(["go", "build", "-o", binary, "."], HERE / program, GOTOOLCHAIN=f"go{release}", GOARCH=arch, GOOS="linux",
            CGO_ENABLED="0", GOEXPERIMENT=experiments, GOFLAGS="")
        kept.write_text(run([work / "dwarfdump", binary], HERE))
        binary.unlink()
    return json.loads(kept.read_text())


def plain_name(name):
    """Anonymous structures spell their fields with or without the package, by release."""
    return name.replace("runtime.", "") if wanted.is_anonymous(name) else name


class Rows:
    """name -> ordered {row: bits of the columns that have it}"""

    def __init__(self):
        self.by_key = {}

    def add(self, key, row, column):
        rows = self.by_key.setdefault(key, {})
        rows[row] = rows.get(row, 0) | 1 << column


def collect(dumps):
    sizes, fields, constants = Rows(), Rows(), Rows()
    for column, dump in enumerate(dumps):
        types = dump["types"]
        keep = sorted(name for name in types if name in wanted.TYPES)
        done = set()
        while keep:
            name = keep.pop()
            if name in done:
                continue
            done.add(name)
            key = plain_name(name)
            sizes.add(key, types[name]["size"], column)
            for field in types[name]["fields"] or []:
                inner = field["struct"] if wanted.is_wanted_type(field["struct"]) and field["struct"] in types else ""
                if wanted.is_anonymous(inner):
                    keep.append(inner)
                if field["name"] != "_":
                    fields.add((key, field["name"].removeprefix("runtime.")),
                               (field["offset"], field["size"], plain_name(inner)), column)
        for name, value in dump["constants"].items():
            if wanted.CONSTANTS.match(name):
                constants.add(name, value, column)
    return sizes, fields, constants


def check(columns, dumps):
    for (release, experiments, arch), dump in zip(columns, dumps):
        absent = [name for name in wanted.REQUIRED if name not in dump["types"]]
        if absent:
            sys.exit(f"go{release} {experiments} {arch}: the probe program's debug information lacks {absent}")


def find_common(columns, dumps, work):
    """Types that the debug information of every program has, as far as its release has them."""
    absent = set()
    for (release, experiments, arch), dump in zip(columns, dumps):
        if not experiments:
            empty = dump_column(release, experiments, arch, work, "empty")["types"]
            absent |= {name for name in wanted.TYPES if name in dump["types"] and name not in empty}
    return set(wanted.TYPES) - absent


def quoted(text):
    return json.dumps(text)


def minor_of(release):
    return int(release.split(".")[1])


def render(minor, columns, common, sizes, fields, constants):
    """One minor release's header."""
    out = ["// Generated by tools/runtime_layouts/generate.py from the debug information of real toolchains.",
           "// Do not edit: change the tool and run it again.",
           "// clang-format off",
           "#pragma once", "",
           '#include "goruntime/facts/runtime_layout_rows.h"', "",
           f"namespace goshawk::goruntime::generated::go1_{minor} {{", "",
           "inline constexpr LayoutColumn kColumns[] = {"]
    for release, experiments, arch in columns:
        out.append(f"  {{{minor}, {release.split('.')[2]}, {quoted(arch)}, {quoted(experiments)}}},")
    out.append("};\n")

    # Anonymous structures come last, nameless: only a field leads to them.
    names = sorted(sizes.by_key, key=lambda name: (wanted.is_anonymous(name), name))
    index = {name: i for i, name in enumerate(names)}
    type_rows, size_rows, field_rows = [], [], []
    for name in names:
        first_size, first_field = len(size_rows), len(field_rows)
        size_rows += [f"  {{{bits:#x}, {size}}}," for size, bits in sizes.by_key[name].items()]
        for (owner, field), rows in sorted((k, r) for k, r in fields.by_key.items() if k[0] == name):
            for (offset, size, inner), bits in rows.items():
                inner_index = index[inner] if inner else -1
                field_rows.append(f"  {{{quoted(field)}, {bits:#x}, {offset}, {size}, {inner_index}}},")
        shown = "" if wanted.is_anonymous(name) else name
        everywhere = "true" if name in common else "false"
        type_rows.append(f"  {{{quoted(shown)}, {everywhere}, {first_size}, {len(size_rows)}, {first_field}, {len(field_rows)}}},"
                         f"  // {index[name]}{' ' + name if not shown else ''}")
    out += ["inline constexpr LayoutTypeRow kTypes[] = {", *type_rows, "};\n",
            "inline constexpr LayoutSizeRow kSizes[] = {", *size_rows, "};\n",
            "inline constexpr LayoutFieldRow kFields[] = {", *field_rows, "};\n",
            "inline constexpr LayoutConstantRow kConstants[] = {"]
    for name in sorted(constants.by_key):
        out += [f"  {{{quoted(name)}, {bits:#x}, {value}}}," for value, bits in constants.by_key[name].items()]
    out += ["};\n", f"}}  // namespace goshawk::goruntime::generated::go1_{minor}", ""]
    return "\n".join(out)


def render_list(minors):
    """The header that names all of them."""
    out = ["// Generated by tools/runtime_layouts/generate.py. Do not edit: change the tool and run it again.",
           "// clang-format off",
           "#pragma once", "",
           *[f'#include "goruntime/facts/generated/go1_{minor}.h"' for minor in minors],
           '#include "goruntime/facts/runtime_layout_rows.h"', "",
           "namespace goshawk::goruntime::generated {", "",
           "// Oldest first.",
           "inline constexpr LayoutTable kLayoutTables[] = {"]
    for minor in minors:
        parts = ("kColumns", "kTypes", "kSizes", "kFields", "kConstants")
        out.append(f"  {{{minor}, {', '.join(f'go1_{minor}::{part}' for part in parts)}}},")
    return "\n".join([*out, "};", "", "}  // namespace goshawk::goruntime::generated", ""])


def make_header(minor, work, compare_with):
    columns = [(release, experiments, arch) for release, experiments in COLUMNS if minor_of(release) == minor
               for arch in ARCHITECTURES]
    dumps = []
    for release, experiments, arch in columns:
        print(f"go{release} {experiments} {arch}", file=sys.stderr)
        dumps.append(dump_column(release, experiments, arch, work))
    check(columns, dumps)
    if compare_with:
        compare(columns, dumps, compare_with)
    return render(minor, columns, find_common(columns, dumps, work), *collect(dumps))


def put(path, text, only_check):
    """Writes it, or says how it differs from what is there."""
    if not only_check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return True
    there = path.read_text()
    difference = difflib.unified_diff(there.splitlines(), text.splitlines(), str(path), "the toolchain", lineterm="", n=0)
    for line in list(difference)[:60]:
        print(line)
    return there == text


def compare(columns, dumps, path):
    """Against an independent table {arch: {minor: {type: [size, {field: [offset, size]}]}}}."""
    reference = json.loads(pathlib.Path(path).read_text())
    for (release, experiments, arch), dump in zip(columns, dumps):
        minor = ".".join(release.split(".")[:2])
        theirs = reference.get(arch, {}).get(minor, {})
        different = []
        for name, (size, wanted_fields) in ((n, v) for n, v in theirs.items() if n != "_consts"):
            ours = dump["types"].get(name)
            if ours is None:
                different.append(f"{name} absent")
                continue
            have = {f["name"]: [f["offset"], f["size"]] for f in ours["fields"] or []}
            if ours["size"] != size:
                different.append(f"{name} size {size} -> {ours['size']}")
            different += [f"{name}.{f} {v} -> {have.get(f)}" for f, v in wanted_fields.items() if have.get(f) != v]
        different += [f"{n} {v} -> {dump['constants'].get('runtime.' + n)}"
                      for n, v in theirs.get("_consts", {}).items() if dump["constants"].get("runtime." + n) != v]
        print(f"go{release} {experiments} {arch}: {len(theirs)} types compared, {len(different)} differences")
        for line in different:
            print(f"    {line}")


def try_neutral(work):
    for release, experiment in NEUTRAL:
        plain, changed = collect([dump_column(release, "", "amd64", work)]), collect(
            [dump_column(release, experiment, "amd64", work)])
        different = [key for a, b in zip(plain, changed) for key in {**a.by_key, **b.by_key}
                     if a.by_key.get(key) != b.by_key.get(key)]
        print(f"go{release} {experiment}: {different or 'the same'}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", action="append", help="a minor release, such as 1.27; else all")
    arguments.add_argument("--check", action="store_true", help="compare with the files that are there; write nothing")
    arguments.add_argument("--work", type=pathlib.Path, help="keep what was read from each toolchain there")
    arguments.add_argument("--compare", help="report differences to an independent table (JSON)")
    arguments.add_argument("--try-neutral", action="store_true", help="see whether NEUTRAL still holds, do nothing else")
    options = arguments.parse_args()

    work = options.work or pathlib.Path(tempfile.mkdtemp(prefix="runtime-layouts-"))
    work.mkdir(parents=True, exist_ok=True)
    run(["go", "build", "-o", work / "dwarfdump", "."], HERE / "dwarfdump", GOTOOLCHAIN=DUMPER_TOOLCHAIN, GOFLAGS="")
    if options.try_neutral:
        return try_neutral(work)
    minors = sorted({minor_of(release) for release, _ in COLUMNS})
    chosen = [minor_of(name) for name in options.only] if options.only else minors
    same = [put(GENERATED / f"go1_{minor}.h", make_header(minor, work, options.compare), options.check) for minor in chosen]
    same.append(put(GENERATED / "runtime_layouts.h", render_list(minors), options.check))
    if not options.only:
        same.append(put(GENERATED / "wait_reason_texts.h", wait_reasons.render(COLUMNS), options.check))
    if not all(same):
        sys.exit("the tables differ from what the toolchains say: run tools/runtime_layouts/generate.py")


if __name__ == "__main__":
    main()
