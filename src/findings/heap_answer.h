// All that `goshawk heap` says of a process.
#pragma once

#include <optional>
#include <vector>

#include "findings/balance.h"
#include "findings/heap_finding.h"
#include "findings/heap_holders.h"
#include "findings/type_table.h"

namespace goshawk::findings {

struct HeapAnswer {
  Balance balance;
  HeapHolders holders;
  std::optional<TypeTable> types;  // none: a saved picture has not kept them
  // By rule of what kind it is: arrays and maps first. Empty where holders are not known.
  std::vector<HeapFinding> findings = {};
};

}  // namespace goshawk::findings
