// Which function has probably made the context that a goroutine waits for, and so should have ended
// it. Likely at best: by whose code makes such contexts, of the functions near the goroutine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

struct ContextMaker {
  std::string role;      // what it has to do with the goroutine: "started this goroutine"
  bool is_near = false;  // so near that nothing speaks for another one
  std::vector<const snapshot::ContextCall*> calls;  // of one function, in the order of its code
};

// Those that are equally near; none: it was made somewhere else. may_be_timed: its timer may be
// pending.
std::vector<ContextMaker> find_context_makers(const snapshot::Snapshot& snapshot,
                                              const snapshot::Goroutine& goroutine,
                                              bool may_be_timed);

// One sentence; "" for none. is_certain: that the goroutine waits for a context.
std::string describe_context_makers(const snapshot::Snapshot& snapshot,
                                    const std::vector<ContextMaker>& makers,
                                    bool is_certain = true);

// What is to be called, and where; "" unless there is one maker.
std::string advise_context_maker(const snapshot::Snapshot& snapshot,
                                 const std::vector<ContextMaker>& makers);

}  // namespace goshawk::analyses::goroutines
