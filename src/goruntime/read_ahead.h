// One batch is read while the one before it is made use of: the kernel's work beside ours.
#pragma once

#include <cstddef>
#include <utility>

#include "base/in_parallel.h"

namespace goshawk::goruntime {

// read(Batch&) gets the next one, use(const Batch&) is called for each in their order, never twice
// at once; has_more(): whether there is one to be read. All are called as if in one thread, but
// read() and use() at the same time.
template <typename Batch, typename HasMore, typename Read, typename Use>
void read_ahead(HasMore&& has_more, Read&& read, Use&& use) {
  if (!has_more()) return;
  Batch current, next;
  read(current);
  while (has_more()) {
    in_parallel(2, [&](std::size_t part) { part == 0 ? use(current) : read(next); });
    std::swap(current, next);
  }
  use(current);
}

}  // namespace goshawk::goruntime
