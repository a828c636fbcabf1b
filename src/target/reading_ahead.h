// A target that is read before it is stopped. While it runs, its memory() keeps what is asked for;
// what was written since is told, and asked for again. In the stop only that is copied which was
// written since the last round; everything else is what it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "target/memory.h"
#include "target/page_ranges.h"

namespace goshawk::target {

// So much is kept at most; what would be kept beyond it is read again.
inline constexpr std::uint64_t kMostKeptAhead = std::uint64_t{512} << 20;

// What is known of the heap when it was read last; each by address, no two overlap.
struct HeapPages {
  std::vector<AddressRange> objects;   // decoded as a whole: one page written, all of it is needed
  std::vector<AddressRange> unneeded;  // without pointers: nobody asks for them
};

class ReadingAhead {
 public:
  virtual ~ReadingAhead() = default;
  // From here on memory() is what it is now, or is told to have changed in the next round, or by
  // the stop. An error: it cannot be told any more; there will be no more rounds.
  virtual Result<void> begin_round() = 0;
  // Pages that may not be what they were in the round before; after the stop went on, in the last
  // round.
  virtual const PageRanges& changed() const = 0;
  // What the stop would have to copy, roughly, if it were now.
  virtual std::uint64_t count_changed_bytes() const = 0;
  // More than that the stop will not copy, for another way is quicker then; nullopt: there is none.
  virtual std::optional<std::uint64_t> most_bytes() const = 0;
  virtual void expect(HeapPages pages) = 0;
  virtual void give_up(std::string reason) = 0;
  // What a twin of the same instant shows, to compare with, once the stop went on: a test of ours.
  // Null: this is none.
  virtual const Memory* witness() const = 0;
};

}  // namespace goshawk::target
