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
};

struct HeapAnswer {
  Balance balance;
  HeapHolders holders;
  std::optional<TypeTable> types;  // none: a saved picture has not kept them
  // By rule of what kind it is: what grows, arrays, maps first. Empty where holders are not known.
  std::vector<HeapFinding> findings = {};
  HeapLines lines = {};                    // the same
  std::vector<HeapPicture> pictures = {};  // where there are several; the last one is told
};

}  // namespace goshawk::findings
