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
  std::optional<std::int64_t> pid_inside =
      {};  // in its container, when it has another number there
  std::string executable;
  std::vector<std::string> libraries = {};  // that have Go in them
  std::string go_version;                   // empty: not known
  std::string arch;
  std::optional<std::uint64_t> goroutines;
  std::optional<std::uint64_t> of_runtime = {};  // of these: the runtime's own
  std::optional<std::uint64_t> heap_bytes;
  std::int64_t age_ns = 0;
  bool inspectable = false;
  std::string why_not;  // when it is not: the reason and the remedy
};

// A process of which could not even be told whether it is a Go program.
struct ClosedProcess {
  std::int64_t pid = 0;
  std::string name;
  bool of_another_user = false;  // and nothing else is in the way
  std::string why, remedy;
};

struct ProcessListing {
  std::vector<GoProcess> processes;
  std::vector<ClosedProcess> closed;
};

void render_processes_text(Output& out, const ProcessListing& listing, const TextStyle& style);
void render_processes_json(Output& out, const ProcessListing& listing);
// The ids of the Go processes, one a line.
void render_process_ids(Output& out, const ProcessListing& listing);

// What the list cannot tell, a sentence for each reason: no part of the list, so that who reads it
// is not misled.
std::vector<std::string> describe_closed(const ProcessListing& listing);

}  // namespace goshawk::report
