// All that `goshawk heap` says of a process.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "findings/balance.h"
#include "findings/heap_finding.h"
#include "findings/heap_holders.h"
#include "findings/heap_lines.h"
#include "findings/type_table.h"

namespace goshawk::findings {

// One of several pictures of a process.
struct HeapPicture {
  double seconds = 0;  // after the first one
  std::uint64_t live_bytes = 0;
  std::uint64_t rss_bytes = 0;
  std::int64_t pause_ns = 0;
  bool is_stopped = false;  // the process was, by a signal, when it was taken
};

struct HeapAnswer {
  Balance balance;
  HeapHolders holders;
  std::optional<TypeTable> types;  // none: a saved picture has not kept them
  // By rule of what kind it is: what grows, arrays, maps first. Empty where holders are not known.
  std::vector<HeapFinding> findings = {};
  HeapLines lines = {};  // the same
  // Where several were asked for; the last one is told.
  std::vector<HeapPicture> pictures = {};
  bool cut_short = false;  // not all of them could be taken: nobody can ask this process again
};

}  // namespace goshawk::findings
