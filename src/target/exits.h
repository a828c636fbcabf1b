// Where a program ends itself, as who knows its runtime tells it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "target/target.h"

namespace goshawk::target {

// By its runtime's own account.
enum class Rest : std::uint8_t {
  kNone,        // something is on its way, or being changed
  kCollecting,  // not so, but a collection is under way: whatever it looks at counts as in use
  kFull
};

struct Exits {
  // Before it executes one of these, all else in it has time to come to rest. kMostBreakpoints at
  // most; none: it is not held.
  std::vector<Address> instructions = {};
  // That one of them behind which nothing but the kernel ends it.
  std::optional<Address> last = {};
  // Asked while all of its threads stand still. Empty: nothing is known of that.
  std::function<Rest(std::span<const Thread> threads)> look = {};
};

}  // namespace goshawk::target
