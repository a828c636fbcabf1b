// All that `goshawk heap` says of a process.
#pragma once

#include <optional>

#include "findings/balance.h"
#include "findings/heap_holders.h"
#include "findings/type_table.h"

namespace goshawk::findings {

struct HeapAnswer {
  Balance balance;
  HeapHolders holders;
  std::optional<TypeTable> types;  // none: a saved picture has not kept them
};

}  // namespace goshawk::findings
