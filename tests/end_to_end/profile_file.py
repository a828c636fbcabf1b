"""A pprof profile as it is in its file, read without any code of Go's or Goshawk's (profile.proto)."""

import gzip
from collections import Counter, defaultdict
from pathlib import Path

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def varint(content, at):
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(content):
    """A dict of lists: number -> values, messages and texts as bytes."""
    found, at = defaultdict(list), 0
    while at < len(content):
        key, at = varint(content, at)
        if key & 7 == VARINT:
            value, at = varint(content, at)
        else:
            assert key & 7 == BYTES, key
            size, at = varint(content, at)
            value, at = content[at : at + size], at + size
        found[key >> 3].append(value)
    return found


def numbers(values):
    """A repeated number, packed or not."""
    for value in values:
        if isinstance(value, int):
            yield value
            continue
        at = 0
        while at < len(value):
            number, at = varint(value, at)
            yield number


def one(message, number, default=0):
    return message[number][0] if message[number] else default


class Profile:
    def __init__(self, path, files=True):
        message = fields(gzip.decompress(Path(path).read_bytes()))
        self.texts = [text.decode() for text in message[6]]
        self.sample_types = [self._type(value) for value in message[1]]
        self.period_type, self.period = self._type(message[11][0]), one(message, 12)
        self.functions = {one(f, 1): (self.texts[one(f, 2)], files and self.texts[one(f, 4)]) for f in map(fields, message[5])}
        self.locations = {one(place, 1): self._location(place) for place in map(fields, message[4])}
        self.samples = [self._sample(fields(value)) for value in message[2]]

    def _type(self, content):
        message = fields(content)
        return self.texts[one(message, 1)], self.texts[one(message, 2)]

    def _location(self, message):
        lines = [fields(line) for line in message[4]]
        return one(message, 3), tuple((*self.functions[one(line, 1)], one(line, 2)) for line in lines)

    def _sample(self, message):
        stack = tuple(self.locations[number] for number in numbers(message[1]))
        labels = tuple((self.texts[one(label, 1)], one(label, 3)) for label in map(fields, message[3]))
        return stack, labels, tuple(numbers(message[2]))

    def counted(self):
        """Samples that say something: (stack of (address, lines), labels, values), as often as they are there."""
        return Counter(sample for sample in self.samples if any(sample[2]))
