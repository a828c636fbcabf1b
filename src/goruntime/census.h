// What `goshawk ps` shows of a process: read while it runs, without stopping it, so the numbers may
// be a moment apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct Census {
  std::string go_version;  // of the first runtime
  std::string arch;        // Go's name of it: "amd64"
  // Over all runtimes; nothing when one of them could not be read.
  std::optional<std::uint64_t> goroutines;  // living ones, the runtimes' own among them
  std::optional<std::uint64_t> of_runtime;  // of these the runtimes' own
  std::optional<std::uint64_t> heap_bytes;  // in spans in use (MemStats.HeapInuse)
  std::vector<std::string> libraries = {};  // with a runtime, other than the executable
  std::string main_path = {};  // the executable's package: "example.com/shop.test"; may be empty
};

// Missing when it is no Go program, or none that can be read.
Result<Census> take_census(const target::Target& target,
                           const std::vector<target::Mapping>& mappings);

// What the executable alone says, of a process whose memory may not be read or has no shape that is
// known: release and architecture. Nothing when it does not say that it is a Go program. Takes the
// descriptor.
std::optional<Census> read_go_executable(int executable);

}  // namespace goshawk::goruntime
