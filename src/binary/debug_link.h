// What a stripped executable says of the file that its debug information was split into: a name
// and a checksum (.gnu_debuglink); and what such a file says of another one that it shares with
// others (.gnu_debugaltlink, made by dwz).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_view.h"
#include "binary/elf_file.h"

namespace goshawk::binary {

struct DebugLink {
  std::string name;  // of a file, without any folder
  std::uint32_t crc = 0;
};

// nullopt: there is none, or none that names a file.
std::optional<DebugLink> find_debug_link(const ElfFile& elf);

// The checksum that a link has of all bytes of the file that it names.
std::uint32_t compute_debug_link_crc(ByteView file);

// The path of the file that some of the debug information stands in; empty: all of it is here.
std::string find_debug_alt_link(const ElfFile& elf);

}  // namespace goshawk::binary
