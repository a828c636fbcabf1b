"""Reads what debug.WriteHeapDump wrote. src/runtime/heapdump.go of the releases says what that is: records of varints and bytes,
the same from Go 1.19 to 1.27."""

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field

HEADER = b"go1.7 heap dump\n"
(
    END, OBJECT, OTHER_ROOT, TYPE, GOROUTINE, FRAME, PARAMETERS, FINALIZER, ITAB, THREAD, STATS, QUEUED_FINALIZER, DATA, BSS, DEFER,
    PANIC, PROFILE, SAMPLE,
) = range(18)
# What records of one form have: n: a number, s: a string (or bytes), f: fields, which are offsets of pointers.
FORMS = {
    OTHER_ROOT: "sn", TYPE: "nnsn", GOROUTINE: "nnnnnnnnsnnnn", FRAME: "nnnsnnnsf", PARAMETERS: "nnnnssn", FINALIZER: "nnnnn",
    ITAB: "nn", THREAD: "nnn", STATS: "n" * (24 + 256 + 1), QUEUED_FINALIZER: "nnnnn", DATA: "nsf", BSS: "nsf", DEFER: "nnnnnnn",
    PANIC: "nnnnnn", SAMPLE: "nn",
}
FIELDS = re.compile(rb"(?:\x01[\x80-\xff]*[\x00-\x7f])*\x00")
FIELD = re.compile(rb"\x01([\x80-\xff]*[\x00-\x7f])")


@dataclass
class Goroutine:
    address: int
    goid: int
    pointers: list = field(default_factory=list)  # the words that its frames, defers and panics have


def values(content, offsets):
    """The words at these offsets."""
    words = array("Q", content[: len(content) // 8 * 8])
    return [words[offset >> 3] for offset in offsets]


class HeapDump:
    """All objects by address, with the pointers in each, all that is global, and what each goroutine's frames refer to."""

    def __init__(self, content):
        self._content, self._at = content, len(HEADER)
        assert content[: len(HEADER)] == HEADER
        self._lists = {}
        self.sizes = {}  # of objects, by address
        self.offsets, self.pointers = {}, {}  # of those that may have pointers: where, and the words there
        self.goroutines, self.finalizers, self.threads = [], [], []
        self.globals = {}  # words that may be pointers, by their addresses
        self.version = self.allocated_bytes = None
        while (tag := self._number()) != END:
            self._record(tag)
        assert self._at == len(content)
        self._starts = sorted(self.sizes)

    def find(self, address):
        """The object that an address lies in."""
        place = bisect_right(self._starts, address) - 1
        if place >= 0 and address < self._starts[place] + self.sizes[self._starts[place]]:
            return self._starts[place]
        return None

    def _number(self):
        byte = self._content[self._at]
        self._at += 1
        if byte < 0x80:
            return byte
        number, shift = byte & 0x7F, 7
        while True:
            byte = self._content[self._at]
            self._at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7

    def _string(self):
        size = self._number()
        self._at += size
        return self._content[self._at - size : self._at]

    def _fields(self):
        end = FIELDS.match(self._content, self._at).end()
        coded, self._at = self._content[self._at : end], end
        if (offsets := self._lists.get(coded)) is None:
            offsets = tuple(sum((byte & 0x7F) << 7 * i for i, byte in enumerate(one)) for one in FIELD.findall(coded))
            self._lists[coded] = offsets
        return offsets

    def _object(self):
        address, size = self._number(), self._number()
        begin = self._at
        self._at += size
        offsets = self._fields()
        assert address not in self.sizes
        self.sizes[address] = size
        if offsets:
            self.offsets[address] = offsets
            self.pointers[address] = values(self._content[begin : begin + size], offsets)

    def _record(self, tag):
        if tag == OBJECT:
            self._object()
            return
        if tag == PROFILE:
            _, _, frames = self._number(), self._number(), self._number()
            self._parse("ssn" * frames + "nn")
            return
        parts = self._parse(FORMS[tag])
        if tag in (DATA, BSS):
            start, content, offsets = parts
            self.globals.update(zip((start + offset for offset in offsets), values(content, offsets)))
        elif tag == GOROUTINE:
            self.goroutines.append(Goroutine(parts[0], parts[2]))
        elif tag == FRAME:
            self.goroutines[-1].pointers += values(parts[3], parts[8])
        elif tag == DEFER:
            self.goroutines[-1].pointers.append(parts[4])
        elif tag == PANIC:
            self.goroutines[-1].pointers.append(parts[3])
        elif tag == FINALIZER:
            self.finalizers.append((parts[0], parts[1]))  # of which object, which function
        elif tag == THREAD:
            self.threads.append(parts[0])
        elif tag == PARAMETERS:
            assert parts[:2] == [0, 8], "not of this kind of machine"
            self.version = parts[5].decode()
        elif tag == STATS:
            self.allocated_bytes = parts[6]  # HeapAlloc

    def _parse(self, form):
        read = {"n": self._number, "s": self._string, "f": self._fields}
        return [read[part]() for part in form]
