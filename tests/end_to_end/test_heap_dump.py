"""The picture of a heap against what the runtime itself says is in it (debug.WriteHeapDump), object by object and pointer by pointer, of
a program that has something of everything; and what each object retains, against counting what is reached without it. The dump differs
from a picture by rules of its own: each is allowed here by itself, for exactly those objects that it is about."""

import functools
import os
import random
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

import go_programs
from conftest import FLAVOURS, RELEASES
from cores import gcore
from goshawk_command import FINE, goshawk, goshawk_json
from heap_dump import HeapDump
from running_program import RunningProgram
from saved_heap import FINALIZER, GLOBAL, PINNED, THREAD, SavedHeap
from stopped_program import stop_at_rest

PAGE, ARENA = 8192, 64 << 20
READ_AT_ONCE = 512 << 10  # of a heap, by goshawk
SAMPLES = int(os.environ.get("GOSHAWK_TEST_SAMPLES", "40"))
ENDS = sorted({RELEASES[0], RELEASES[-1]}, key=go_programs.minor)


@dataclass
class Both:
    """What the runtime and what goshawk said of one program."""

    release: str
    dump: HeapDump
    heap: SavedHeap
    phantoms: dict
    processors: set

    def minor(self):
        return go_programs.minor(self.release)

    def led_to(self, words):
        """The objects that they point to, allocated or not; in their order."""
        return [number for word in words if word and (number := self.heap.find(word)) is not None]

    def their_objects(self):
        return {address: size for address, size in self.dump.sizes.items() if self.phantoms.get(address) != size}


@contextmanager
def dumped(release, flavour, directory, mode="two arenas"):
    target = RunningProgram(go_programs.build(release, flavour, "heap_dump"), directory / "dump", mode)
    try:
        stop_at_rest(target)
        yield target
    finally:
        target.end()


def save(target, path):
    outcome = goshawk("snapshot", target, "--with-heap", "-o", path)
    assert outcome.code == FINE, outcome.err
    return SavedHeap(path.read_bytes())


def look(target, release, directory):
    heap, dump = save(target.pid, directory / "picture"), HeapDump((directory / "dump").read_bytes())
    (directory / "dump").unlink()
    with open(f"/proc/{target.pid}/mem", "rb") as memory:
        return Both(release, dump, heap, behind_last_slots(heap, release), read_again_what_moves(dump, memory))


# --- what the dump has otherwise ---

@functools.cache
def pages_of_classes(release):
    """{size of an object: pages of a span of such}, as the runtime's source has it."""
    (source,) = [path.read_text() for path in go_programs.goroot(release).glob("src/**/sizeclasses.go") if "runtime" in path.parts]
    sizes, pages = (
        [int(number) for number in re.search(rf"(?:{names}) += \[[^]]*\]uint\d+\{{([^}}]*)\}}", source)[1].split(",")]
        for names in ("class_to_size|SizeClassToSize", "class_to_allocnpages|SizeClassToNPages")
    )
    return dict(zip(sizes, pages, strict=True))


def behind_last_slots(heap, release):
    """The dump counts the objects of a span by its pages. Since 1.22 a span's end may hold the bits of its pointers, since 1.26 its
    marks: what lies there is written as objects, which it is not."""
    pages = pages_of_classes(release)
    return {
        span.base + slot * span.size: span.size
        for span in heap.spans
        for slot in range(span.slots, pages.get(span.size, 0) * PAGE // span.size)
    }


def find_processors(dump):
    """The ps, which have pools of sudogs and defers that begin in the p itself, and are large."""
    return {
        address
        for address, words in dump.pointers.items()
        if dump.sizes[address] >= 9000 and sum(address < word < address + dump.sizes[address] for word in words) == 2
    }


def read_again_what_moves(dump, memory):
    """Threads, and what goes on by a timer, go on until they are idle, once the dump is written: of each m, p and timer, and of the heaps
    of timers, the words count that are there now. Returns the ps."""

    def words(addresses):
        for address in addresses:
            memory.seek(address)
            yield int.from_bytes(memory.read(8), "little")

    def read_again(objects):
        """What they lead to."""
        for address in objects:
            dump.pointers[address] = list(words(address + offset for offset in dump.offsets[address]))
        found = {dump.find(word) for address in objects for word in dump.pointers[address] if word}
        return {address for address in found if address in dump.pointers}

    processors, ms = find_processors(dump), {m: dump.find(m) for m in dump.threads}
    in_heap = set(ms.values()) - {None}
    read_again(in_heap)
    read_again(read_again(read_again(processors) - in_heap))
    (m0,) = [m for m, found in ms.items() if found is None]  # a variable
    (size,) = {dump.sizes[address] for address in in_heap}
    in_m0 = [word for word in dump.globals if m0 <= word < m0 + size]
    dump.globals.update(zip(in_m0, words(in_m0)))
    return processors


def waiting_sudogs(both):
    """Their first word is the g that waits."""
    gs = {goroutine.address for goroutine in both.dump.goroutines}
    words, offsets = both.dump.pointers, both.dump.offsets
    return {address for address, size in both.dump.sizes.items() if size <= 128 and offsets.get(address, (1,))[0] == 0 and words[address][0] in gs}


# --- each object, each pointer ---

def differences_of_objects(both):
    theirs, ours = both.their_objects(), {address: both.heap.size(number) for address, number in both.heap.objects.items()}
    for address in sorted(ours.keys() | theirs.keys()):
        if ours.get(address) != theirs.get(address):
            yield f"the object at {address:#x} has {theirs.get(address)} bytes, not {ours.get(address)}"
    if len(both.dump.sizes) - len(theirs) != len(both.phantoms) or (both.minor() >= 22) != bool(both.phantoms):
        yield f"of {len(both.phantoms)} pieces behind last slots {len(both.dump.sizes) - len(theirs)} are in the dump"
    if sum(theirs.values()) != both.dump.allocated_bytes:
        yield f"the dump's objects have {sum(theirs.values())} bytes, by its own count {both.dump.allocated_bytes}"


def differences_of_pointers(both):
    heap, sudogs, cut = both.heap, waiting_sudogs(both), Counter()
    gs = {heap.address(goroutine.descriptor) for goroutine in heap.goroutines if goroutine.descriptor is not None}
    for address in both.their_objects():
        theirs = both.led_to(both.dump.pointers.get(address, ()))
        ours = heap.edges(heap.objects.get(address))
        if ours == theirs:
            continue
        if address in gs:  # what it refers to is its goroutine's: see below
            as_it_should_be = ours == []
            cut["g"] += 1
        elif address in sudogs:  # leads to the next ones, not to the g, the channel and what is sent
            as_it_should_be = ours == [number for number in theirs if heap.address(number) in sudogs]
            cut["sudog"] += 1
        else:  # a p does not lead to the heap of timers, of which only those count that will fire
            left_out = list((Counter(theirs) - Counter(ours)).elements())
            one_less = len(left_out) == 1 and len(ours) == len(theirs) - 1
            as_it_should_be = one_less and address in both.processors and left_out[0] in heap.runtime_roots
            cut["p"] += 1
        if not as_it_should_be:
            yield f"the {both.dump.sizes[address]} bytes at {address:#x} lead to {heap.name(theirs)}, not {heap.name(ours)}"
    if cut["g"] < 50 or cut["sudog"] < 50 or cut["p"] < 1:
        yield f"such are too few: {cut}"
    # Weak pointers are no pointers to the collector; what they lead to is told apart.
    if (both.minor() >= 24) != (len(heap.extra) >= 50) or any(heap.span_of(handle).size > 16 for handle, _ in heap.extra):
        yield f"there are {len(heap.extra)} weak pointers"


# --- roots ---

def differences_of_globals(both):
    ours = {(root.source, root.object) for root in both.heap.roots if root.kind == GLOBAL}
    theirs = {(word, number) for word, value in both.dump.globals.items() for number in both.led_to([value])}
    for word, number in sorted(ours ^ theirs):
        who = "goshawk alone" if (word, number) in ours else "the runtime alone"
        yield f"the global at {word:#x} leads to {both.heap.name([number])}, says {who}"
    if len(ours) < 300:
        yield f"only {len(ours)} globals lead to objects"


def differences_of_stacks(both):
    """The dump knows no variables whose address is taken, so it may have less."""
    ours, found = {goroutine.goid: goroutine for goroutine in both.heap.goroutines}, 0
    for goroutine in both.dump.goroutines:
        if goroutine.goid == 1:  # wrote the dump, and has gone on
            continue
        own = both.dump.pointers.get(both.dump.find(goroutine.address), ())
        held = set(both.led_to(goroutine.pointers)) | set(both.led_to(own))
        found += len(held)
        if lost := held - set(ours[goroutine.goid].roots):
            yield f"goroutine {goroutine.goid} holds {both.heap.name(lost)} unnoticed"
    if found < 800:
        yield f"only {found} objects are on stacks"


def differences_of_specials(both):
    ours = {(root.source, root.object) for root in both.heap.roots if root.kind == FINALIZER}
    theirs = {
        (address, number)
        for address, function in both.dump.finalizers
        for number in both.led_to([function, *both.dump.pointers.get(address, ())])
    }
    if ours != theirs or len(both.dump.finalizers) < 100:
        yield f"{len(both.dump.finalizers)} finalizers keep {len(theirs)} objects, not {len(ours)}"
    pinned = sum(root.kind == PINNED for root in both.heap.roots)
    if pinned != (20 if both.minor() >= 21 else 0):
        yield f"{pinned} objects are pinned"


def kinds_that_are_missing(both):
    """What the dump has none of was not compared."""
    dump, classes = both.dump, set(pages_of_classes(both.release)) - {0}
    large, many, inside, across = 0, 0, 0, 0
    for address, words in dump.pointers.items():
        at = [offset for offset, word in zip(dump.offsets[address], words) if word]
        large += bool(at) and at[-1] > READ_AT_ONCE
        many += len(at) > 128
        across += bool(at) and (address + at[0]) // ARENA != (address + at[-1]) // ARENA
        inside += sum(word not in dump.sizes and word - 8 not in dump.sizes and dump.find(word) is not None for word in words if word)
    with_pointers = {dump.sizes[address] for address in dump.pointers}
    without = {size for address, size in both.their_objects().items() if address not in dump.pointers}
    wanted = {
        "classes with pointers": not classes - with_pointers,
        "classes without": not classes - without - {8},  # which are of the tiny allocator
        "large": large >= 2, "many": many >= 50, "inside": inside >= 1000, "across": across >= 1,
    }
    return [f"too few are {name}" for name, there in wanted.items() if not there]


def differences(both):
    checks = differences_of_objects, differences_of_pointers, differences_of_globals, differences_of_stacks, differences_of_specials
    return [difference for check in checks for difference in check(both)]


def differences_of_sums(target, both, picture):
    """Live, by goshawk, and what the runtime has counted right after its collection; but for one object that is most of it."""
    untouched = max(size for address, size in both.dump.sizes.items() if address not in both.dump.pointers)
    live, by_runtime = goshawk_json("heap", picture)["memory"]["live_bytes"] - untouched, target.ready["live"] - untouched
    if not abs(live - by_runtime) <= 0.01 * by_runtime:
        yield f"{by_runtime} bytes are alive, not {live}"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_each_object_and_pointer(release, flavour, tmp_path):
    with dumped(release, flavour, tmp_path) as target:
        both = look(target, release, tmp_path)
        found = [*differences(both), *kinds_that_are_missing(both), *differences_of_sums(target, both, tmp_path / "picture")]
        assert not found, "\n" + "\n".join(found[:20])
        assert both.dump.version == f"go{release}"


@pytest.mark.parametrize("end", ENDS)
def test_a_core_has_the_same(end, tmp_path):
    with dumped(end, "stripped", tmp_path, "one arena") as target:
        of_process, core = save(target.pid, tmp_path / "picture"), gcore(target, tmp_path)
        of_core = save(core, tmp_path / "of-core")
    core.unlink()
    assert of_core.objects == of_process.objects and len(of_core.objects) > 40000
    for number in range(of_core.row_count):
        assert of_core.edges(number) == of_process.edges(number)
    not_of_threads = [[root for root in heap.roots if root.kind != THREAD] for heap in (of_core, of_process)]
    assert not_of_threads[0] == not_of_threads[1]


def test_what_differs_is_found(newest, tmp_path):
    with dumped(newest, "stripped", tmp_path) as target:
        both = look(target, newest, tmp_path)
    assert differences(both) == []
    heap, chance = both.heap, random.Random(1)
    address, number = chance.choice([(address, number) for address, number in heap.objects.items() if len(heap.edges(number)) > 1])
    row = heap.edges(number)
    for wrong in (row[:-1], [*row[:-1], row[-1] + 1], [*row, row[-1]]):
        heap.replace_edges(number, wrong)
        (found,) = differences(both)
        assert f" bytes at {address:#x} lead to " in found
    heap.replace_edges(number, row)
    heap.objects.pop(address)
    assert f"the object at {address:#x}" in differences(both)[0]
    heap.objects[address] = number
    for kind, word in ((GLOBAL, "global"), (FINALIZER, "finalizers")):
        root = chance.choice([root for root in heap.roots if root.kind == kind])
        heap.roots.remove(root)
        (found,) = differences(both)
        assert word in found
        heap.roots.append(root)
    deep = max(heap.goroutines, key=lambda goroutine: len(goroutine.roots))
    deep.roots.clear()
    (found,) = differences(both)
    assert f"goroutine {deep.goid} " in found


# --- what each object retains ---

class Reached:
    """What is reached from all holders. By this, an object retains what is not reached without it."""

    def __init__(self, heap):
        self.heap = heap
        self.rows = [heap.edges(number) for number in range(heap.row_count)]
        self.held = [(None, number) for number in heap.runtime_roots]  # and by which word of a variable
        self.functions = []  # of finalizers
        for root in heap.roots:
            # Of threads the collector knows none but registers of who runs; what an object with a finalizer refers to is that object's.
            from_thread = root.kind == THREAD and root.source >= 1 << 22
            of_object = heap.find(root.source) if root.kind == FINALIZER else None
            left_to_it = of_object not in (None, root.object) and root.object in self.rows[of_object]
            if root.kind == FINALIZER and not left_to_it:
                self.functions.append(heap.address(root.object))
            if not from_thread and not left_to_it:
                self.held.append((root.source if root.kind == GLOBAL else None, root.object))
        for goroutine in heap.goroutines:
            self.held += [(None, number) for number in goroutine.roots]
            if goroutine.descriptor is not None:
                self.held.append((None, goroutine.descriptor))
        self.all = self.without()

    def without(self, gone=None, word=None):
        """A byte for each number."""
        seen, rows, count = bytearray(self.heap.count), self.rows, self.heap.row_count
        pending = list({number for by, number in self.held if number != gone and (word is None or by != word)})
        for number in pending:
            seen[number] = 1
        while pending:
            number = pending.pop()
            if number < count:
                for to in rows[number]:
                    if not seen[to] and to != gone:
                        seen[to] = 1
                        pending.append(to)
        return seen

    def retained(self, **by):
        """(objects, bytes)"""
        left = self.without(**by)
        gone = [other for other in range(self.heap.count) if self.all[other] and not left[other] and self.heap.is_allocated(other)]
        return len(gone), sum(map(self.heap.size, gone))


@pytest.mark.parametrize("end", ENDS)
def test_what_an_object_retains(end, tmp_path):
    picture = tmp_path / "picture"
    with dumped(end, "stripped", tmp_path, "one arena") as target:
        heap = save(target.pid, picture)
    reached, chance = Reached(heap), random.Random(7)
    live = [address for address, number in heap.objects.items() if reached.all[number]]
    tree = goshawk_json("heap", picture, "--dominators", "--all")
    assert abs(tree["memory"]["live_bytes"] - sum(heap.size(heap.objects[address]) for address in live)) <= 1000
    objects = words = holding = 0
    for line in tree["dominators"]:
        if line["address"]:
            retained = reached.retained(gone=heap.find(int(line["address"], 16)))
            objects += 1
        elif line["depth"] == 0 and line["path"] and (word := re.fullmatch(r"a global at (0x[0-9a-f]+)( \((used by|near what) .*\))?", line["path"][0])) and line["count"] == 1:
            retained = reached.retained(word=int(word[1], 16))
            words += 1
        else:
            continue
        assert (line["retained_objects"], line["retained_bytes"]) == retained, line
    assert objects >= 3 and words >= 5, (objects, words)

    referring = [address for address in live if len(heap.edges(heap.objects[address])) > 1]
    garbage = [address for address, number in heap.objects.items() if not reached.all[number]]
    for address in [*chance.sample(referring, SAMPLES), *chance.sample(reached.functions, 3), *garbage[:3]]:
        retained = reached.retained(gone=heap.find(address))
        said = goshawk_json("heap", picture, "--object", f"{address:#x}")["retention"]
        assert (said["retained_objects"], said["retained_bytes"], said["live"]) == (*retained, retained[0] > 0), (said, retained)
        holding += retained[0] > 1
    assert holding > SAMPLES // 4, holding
