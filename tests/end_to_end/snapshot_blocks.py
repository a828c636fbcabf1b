"""Opens a snapshot file without goshawk: its blocks, decompressed (src/snapshot/file_blocks.h says what they are)."""

import ctypes
import struct
import zlib

PREAMBLE = struct.Struct("<8sI16sI")
HEADER = struct.Struct("<HHIQIII")
STORED, ZSTD = 0, 1
END = 40

zstd = ctypes.CDLL("libzstd.so.1")
zstd.ZSTD_decompress.restype = ctypes.c_size_t
zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]


def decompress(stored, raw_bytes):
    raw = ctypes.create_string_buffer(raw_bytes)
    assert zstd.ZSTD_decompress(raw, raw_bytes, stored, len(stored)) == raw_bytes
    return raw.raw


def read_blocks(content):
    """[(kind, payload)] of a whole file; anything else fails."""
    magic, version, _, crc = PREAMBLE.unpack_from(content)
    assert magic == b"\x89GOSHK\r\n" and version == 12 and crc == zlib.crc32(content[: PREAMBLE.size - 4])
    blocks, at = [], PREAMBLE.size
    while not blocks or blocks[-1][0] != END:
        kind, codec, items, _, raw_bytes, stored_bytes, crc = HEADER.unpack_from(content, at)
        stored = content[at + HEADER.size : at + HEADER.size + stored_bytes]
        assert crc == zlib.crc32(stored, zlib.crc32(content[at : at + HEADER.size - 4]))
        blocks.append((kind, decompress(stored, raw_bytes) if codec == ZSTD else stored))
        at += HEADER.size + stored_bytes
    assert at == len(content) and items == len(blocks) - 1
    return blocks


def is_whole(content):
    try:
        read_blocks(content)
        return True
    except (AssertionError, struct.error):
        return False
