// Tells when a chain of links comes back to where it was, with two words of memory: a marker stays
// behind and moves up at powers of two (Brent), so that a circle is met within three times the
// length of what was walked.
#pragma once

#include <cstdint>

#include "base/address.h"

namespace goshawk {

class CycleGuard {
 public:
  // Each link in its turn, null ones left out. True: the walk has been there.
  bool returns(Address at) {
    if (at == marker_) return true;
    if (++steps_, (steps_ & (steps_ - 1)) == 0) marker_ = at;
    return false;
  }

 private:
  Address marker_;  // null: no link is
  std::uint64_t steps_ = 0;
};

}  // namespace goshawk
