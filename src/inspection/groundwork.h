// What is made of a whole picture before who holds what in it can be told.
#pragma once

#include <optional>

#include "analyses/heap/holders.h"
#include "graph/reachability.h"
#include "inspection/taken.h"

namespace goshawk::inspection {

struct Groundwork {
  std::optional<analyses::heap::HolderTree> tree;
  std::optional<graph::Reachability> live;
};

// With the types of all objects, in `taken`.
Groundwork lay_groundwork(Taken& taken);

}  // namespace goshawk::inspection
