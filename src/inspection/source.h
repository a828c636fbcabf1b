// What a command is told to look at: a running process or a file, the file's kind by its content.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/stages.h"
#include "target/core_file.h"
#include "target/target.h"

namespace goshawk::inspection {

struct Source {
  std::string name;                      // as the user gave it
  std::int64_t pid = 0;                  // 0: `name` is a file
  std::string runtime = {};              // which Go runtime of several in the process
  target::Way way = target::Way::kBest;  // of a process: how it is read
  bool compared = false;  // what is read ahead, with a twin of the same instant: a difference fails
  target::ExecutableSearch executable;  // its directories also for debug files, of processes too
  std::int64_t max_pause_ns = 0;        // of one stop of a process; 0: however long it takes
  std::uint64_t max_memory_bytes = 0;   // of Goshawk itself; 0: what the machine has
  Stages* stages = nullptr;             // told what is being done; null: nobody asks
};

// Of a source that is one. `reads_heap`: what is to be read in a stop of it.
struct Wanted {
  bool heap = true;
  bool pages = false;  // which of them are in memory
};
// For pictures that want that.
Result<std::unique_ptr<target::Target>> open_process(const Source& source, Wanted wanted = {});

enum class FileKind { kCore, kSnapshot, kHeapDump, kProfile };

// By its first bytes, unpacked if it is a packed profile. Usage or Missing for what is nothing to
// look at, saying what it is.
Result<FileKind> recognise_file(const std::string& path);

}  // namespace goshawk::inspection
