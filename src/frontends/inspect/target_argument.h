// What the user may name as TARGET.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "inspection/source.h"

namespace goshawk::frontends::inspect {

// What a command's user says of its target.
struct TargetArgument {
  std::string name = {};             // for people; empty: the text
  std::string text = {};             // a process id, or a file: a core
  std::string executable = {};       // --exe; empty: not given
  std::string debug_directory = {};  // --debug-dir
  std::string runtime = {};          // --runtime
  std::string way = {};              // --way: "twin", "copy"
  std::string max_memory = {};       // --max-memory: "500MB", of Goshawk itself
  std::string max_pause = {};        // --max-pause: milliseconds, or a duration
};

// Bytes; 0: no limit is set. Usage for what is no amount of memory.
Result<std::uint64_t> parse_max_memory(const std::string& text);

// Nanoseconds; 0: no limit is set. Usage for what is no duration, or none at all.
Result<std::int64_t> parse_max_pause(const std::string& text);

// Usage for what is neither, and for options that have no meaning for the target.
Result<inspection::Source> parse_target(const TargetArgument& argument);

// "process 4711", "core.123": for messages.
std::string describe_source(const inspection::Source& source);

// The running Go processes whose program has this name: "10958 (orders)", "7, 8 or 9 (orders)";
// empty when there is none. Names are not accepted as targets: there may be two of a name.
std::string suggest_processes(std::string_view name);

}  // namespace goshawk::frontends::inspect
