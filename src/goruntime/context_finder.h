// Is this channel the done channel of a context.Context that the goroutine can see? Only the name
// of a rule depends on it, never a proof.
#pragma once

#include <span>
#include <unordered_map>

#include "base/address.h"
#include "goruntime/page_cache.h"
#include "goruntime/type_names.h"

namespace goshawk::goruntime {

class ContextFinder {
 public:
  ContextFinder(PageCache& cache, TypeNames& types) : cache_(cache), types_(types) {}

  // `pointers`: what the goroutine's stack holds. `stack`: looked at only for the first goroutines
  // of each distinct stack, the rest of the group is taken to be alike.
  bool is_done_channel(Address channel, std::span<const std::uint64_t> pointers,
                       std::uint32_t stack);

 private:
  bool holds_done(Address context, Address channel);

  PageCache& cache_;
  TypeNames& types_;
  struct Seen {
    std::uint32_t asked = 0, found = 0;
  };
  std::unordered_map<std::uint32_t, Seen> seen_;
};

}  // namespace goshawk::goruntime
