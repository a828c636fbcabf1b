"""The heap of a snapshot file: its objects, what refers to what, the roots. Without goshawk: src/snapshot/records.h and edge_codec.h
say what the blocks hold."""

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from operator import attrgetter

from snapshot_blocks import read_blocks

ALLOCATED, SPANS, GOROUTINES, GOROUTINE_ROOTS, ROOTS, EXTRA, RUNTIME_ROOTS, DEGREES, EDGES = 5, 6, 11, 12, 13, 14, 27, 28, 29
GLOBAL, THREAD, TIMER, FINALIZER, CLEANUP, PINNED, QUEUED, RUNTIME = range(8)
NONE = 0xFFFFFFFF


class Reader:
    """Numbers as record_writer.h writes them. Differences are taken to the record before, in the same block."""

    def __init__(self, payload):
        self._payload, self._at = payload, 0
        self._near = {}

    def at_end(self):
        return self._at == len(self._payload)

    def number(self):
        value = shift = 0
        while True:
            byte = self._payload[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self):
        folded = self.number()
        return folded >> 1 ^ -(folded & 1)

    def byte(self):
        self._at += 1
        return self._payload[self._at - 1]

    def near_address(self):
        self._near["address"] = (self._near.get("address", 0) + self.signed()) % (1 << 64)
        return self._near["address"]

    def near_id(self):
        self._near["object"] = (self._near.get("object", 0) + self.signed()) % (1 << 32)
        return self._near["object"]

    def risen_number(self):
        self._near["number"] = self._near.get("number", 0) + self.number()
        return self._near["number"]

    def skip(self, form):
        for kind in form:
            self.byte() if kind == "b" else self.number()


@dataclass
class Span:
    base: int
    size: int
    slots: int
    noscan: bool
    first: int = 0


@dataclass
class Goroutine:
    goid: int
    descriptor: int  # the object, or None
    roots: list = field(default_factory=list)


@dataclass
class Root:
    object: int
    kind: int
    source: int


class SavedHeap:
    def __init__(self, content):
        self._blocks = read_blocks(content)
        self._allocated = b"".join(self._payloads(ALLOCATED))
        self.spans = self._records(SPANS, self._read_span)
        self.count = 0  # of all numbers
        for span in self.spans:
            span.first = self.count
            self.count += span.slots + 1
        self.objects = {  # their numbers by address
            span.base + slot * span.size: span.first + slot
            for span in self.spans
            for slot in range(span.slots)
            if self.is_allocated(span.first + slot)
        }
        self._by_base = sorted(self.spans, key=attrgetter("base"))
        self._bases = [span.base for span in self._by_base]
        self._firsts = [span.first for span in self.spans]
        self.row_count = sum(span.slots + 1 for span in self.spans if not span.noscan)
        self._read_edges()
        self.roots = self._records(ROOTS, lambda io: Root(io.near_id(), io.byte(), io.near_address()))
        self.extra = self._records(EXTRA, lambda io: (io.near_id(), io.number() - 1))
        self.runtime_roots = self._records(RUNTIME_ROOTS, Reader.near_id)
        rows = self._records(GOROUTINE_ROOTS, lambda io: [io.near_id() for _ in range(io.number())])
        self.goroutines = self._records(GOROUTINES, self._read_goroutine)
        for goroutine, roots in zip(self.goroutines, rows, strict=True):
            goroutine.roots = roots

    def is_allocated(self, number):
        return self._allocated[number >> 3] >> (number & 7) & 1

    def span_of(self, number):
        return self.spans[bisect_right(self._firsts, number) - 1]

    def address(self, number):
        span = self.span_of(number)
        return span.base + (number - span.first) * span.size

    def find(self, address):
        """The number of the slot that an address lies in, allocated or not."""
        place = bisect_right(self._bases, address) - 1
        if place < 0:
            return None
        span = self._by_base[place]
        slot = (address - span.base) // span.size
        return span.first + slot if slot < span.slots else None

    def size(self, number):
        return self.span_of(number).size

    def name(self, numbers):
        return "[" + ", ".join(f"{self.address(number):#x}" for number in list(numbers)[:20]) + "]"

    def edges(self, number):
        """In the order of its words. None: no object."""
        return [] if number is None or number >= self.row_count else self._rows[number]

    def replace_edges(self, number, edges):
        self._rows[number] = edges

    def _payloads(self, kind):
        return [payload for of_kind, payload in self._blocks if of_kind == kind]

    def _records(self, kind, read):
        records = []
        for io in map(Reader, self._payloads(kind)):
            while not io.at_end():
                records.append(read(io))
        return records

    @staticmethod
    def _read_span(io):
        return Span(io.near_address(), io.number(), io.number(), noscan=bool(io.byte() & 1))

    @staticmethod
    def _read_goroutine(io):
        goid = io.risen_number()
        io.skip("n")
        io.near_address()
        descriptor = io.number() - 1
        io.skip("bbbbnnnnnnnn" + 3 * "nn")
        return Goroutine(goid, descriptor if descriptor >= 0 else None)

    def _read_edges(self):
        (payload,) = self._payloads(DEGREES)  # a larger heap's has several
        excess = Reader(payload[self.row_count :])
        degrees = [degree if degree < 255 else 255 + excess.number() for degree in payload[: self.row_count]]
        assert excess.at_end()
        folded = array("I")
        for payload in self._payloads(EDGES):
            planes = bytearray(len(payload))
            for plane in range(4):
                planes[plane::4] = payload[plane * len(planes) // 4 : (plane + 1) * len(planes) // 4]
            folded.frombytes(planes)
        self._rows, at = [], 0
        for number, degree in enumerate(degrees):
            self._rows.append([number + (edge >> 1 ^ -(edge & 1)) & NONE for edge in folded[at : at + degree]])
            at += degree
        assert at == len(folded)
