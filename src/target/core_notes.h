// What a core file says of its process beside memory: threads with their registers, mapped files,
// name and id.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "binary/elf_file.h"
#include "target/target.h"

namespace goshawk::target {

struct MappedFile {
  AddressRange range;
  std::uint64_t file_offset = 0;
  std::string path;
};

struct CoreNotes {
  std::int64_t pid = 0;
  std::string command;            // 15 bytes of it, as the kernel keeps it
  std::vector<Thread> threads;    // the one that died first, if the kernel wrote the core
  std::vector<MappedFile> files;  // by address, without overlaps
  Address program_headers;        // of the executable, where it is mapped; null: not said
  Address entry;                  // its first instruction; null: not said
};

// Malformed when notes contradict themselves, Missing when no thread is in them.
Result<CoreNotes> parse_core_notes(const binary::ElfFile& core);

}  // namespace goshawk::target
