// The file that an executable's debug information was split into, found where gdb looks for it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "binary/elf_file.h"
#include "target/target.h"

namespace goshawk::target {

// Where a system keeps debug files; in a container, each root has its own.
inline constexpr const char* kSystemDebugDirectory = "/usr/lib/debug";

struct DebugFileSearch {
  std::unique_ptr<binary::ElfFile> found;  // nullptr: there is none. Its name is its path.
  // Only where none was found: files that were there and are not the executable's, and why.
  std::vector<std::string> rejected;
};

// `image` is the executable, or a library, and `path` where it is; `directories` are searched
// besides the system's, and before it.
DebugFileSearch find_debug_file(const Target& target, const binary::ElfFile& image,
                                const std::string& path, std::span<const std::string> directories);

}  // namespace goshawk::target
