"""Makes an ELF file forget its sections, as sstrip does: `erase_sections.py FILE`. Only loading needs no sections."""

import struct
import sys

with open(sys.argv[1], "r+b") as file:
    file.seek(0x28)
    file.write(struct.pack("<Q", 0))  # e_shoff
    file.seek(0x3A)
    file.write(struct.pack("<HHH", 0, 0, 0))  # e_shentsize, e_shnum, e_shstrndx
