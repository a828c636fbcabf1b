// The Go processes of a machine: the result of `ps`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

struct GoProcess {
  std::int64_t pid = 0;
  std::string executable;
  std::string go_version;  // empty: not known
  std::string arch;
  std::optional<std::uint64_t> goroutines;
  std::optional<std::uint64_t> heap_bytes;
  std::int64_t age_ns = 0;
  bool inspectable = false;
  std::string why_not;  // when it is not: the reason and the remedy
};

struct ProcessListing {
  std::vector<GoProcess> processes;
  // Processes of which could not even be told whether they are Go programs.
  std::uint64_t closed = 0;
  std::string why_closed;  // of one of them
};

void render_processes_text(Output& out, const ProcessListing& listing, const TextStyle& style);
void render_processes_json(Output& out, const ProcessListing& listing);

}  // namespace goshawk::report
