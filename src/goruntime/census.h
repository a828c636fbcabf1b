// What `goshawk ps` shows of a process: read while it runs, without stopping it, so the numbers may
// be a moment apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct Census {
  std::string go_version;
  std::string arch;                         // Go's name of it: "amd64"
  std::optional<std::uint64_t> goroutines;  // living ones, the runtime's own among them
  std::optional<std::uint64_t> heap_bytes;  // in spans in use (MemStats.HeapInuse)
};

// Missing when it is no Go program, or none that can be read.
Result<Census> take_census(target::Target& target);

// What the executable alone says, of a process whose memory may not be read or has no shape that is
// known: release and architecture. Nothing when it does not say that it is a Go program. Takes the
// descriptor.
std::optional<Census> read_go_executable(int executable);

}  // namespace goshawk::goruntime
