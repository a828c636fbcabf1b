// How an object is held: from a root, object by object. What each step is (a field, an entry of a
// map) and of which types the objects are is told by whoever can read them: goruntime of a process
// or a core, a saved picture of what was told when it was saved.
#pragma once

#include <string>
#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::snapshot {

struct HoldingPath {
  std::uint64_t goid = 0;  // the goroutine whose stack holds the first object; 0: `root` does
  Root root;
  std::vector<ObjectId>
      objects;  // the last one is what is held; empty: a lock in a global, at root.source
};

class PathDescriber {
 public:
  virtual ~PathDescriber() = default;
  // "main.bus.subscribers[...].updates": as Go would write it where that is known. "" when nothing
  // can be said of it.
  virtual std::string describe(const HoldingPath& path) = 0;
  // Of an object of a picture whose types were not read: "main.session". "" when it cannot be told.
  virtual std::string type_name(ObjectId) { return ""; }
};

}  // namespace goshawk::snapshot
