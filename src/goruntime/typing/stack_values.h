// What lies in goroutines' stacks, to which variables of known type point: `x := &T{}` and maps
// that do not escape have no name, the words in them lead on.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "goruntime/stacks/stack_slot.h"
#include "goruntime/typing/views.h"

namespace goshawk::goruntime {

class StackValues {
 public:
  // `slots` of all stacks must outlive it.
  StackValues(std::span<const StackSlot> slots, Views& views);

  // A word leads to such a thing; kNoView: not known.
  void lead(const StackSlot& slot, ViewId view);
  // From what was led to until now.
  void follow();
  // The words that lead to the heap, and to what; one may be there several times.
  const std::vector<std::pair<const StackSlot*, ViewId>>& led_to() const { return led_to_; }

 private:
  std::span<const StackSlot> slots_;
  Views& views_;
  std::vector<const StackSlot*> by_address_;
  std::set<std::pair<Address, ViewId>> known_;
  std::vector<std::pair<Address, ViewId>> work_;
  std::vector<std::pair<const StackSlot*, ViewId>> led_to_;
};

}  // namespace goshawk::goruntime
