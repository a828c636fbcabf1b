// Which file has the debug information and the symbols of what the runtime is in: itself, or one
// that they were split into.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "binary/elf_file.h"
#include "goruntime/symbols/modules.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct DebugInformation {
  std::unique_ptr<binary::ElfFile> image;     // null when the file could not be opened
  std::unique_ptr<binary::ElfFile> separate;  // null: none is needed, or none was found
  // What whoever reads the result must know: debug files that were there and could not be used.
  std::vector<std::string> remarks;

  const binary::ElfFile* for_layout() const;   // null: there is no file at all
  const binary::ElfFile* for_symbols() const;  // null: there is no file at all
};

// The image alone.
DebugInformation open_image_alone(const target::Target& target, const Modules& modules);

// And a separate file, if the image has no debug information of the runtime. `directories` are
// searched before the system's.
DebugInformation find_debug_information(const target::Target& target, const Modules& modules,
                                        std::span<const std::string> directories);

}  // namespace goshawk::goruntime
