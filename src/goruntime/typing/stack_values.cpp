// A live pointer of known type is a pointer to a live value of that type, wherever it leads: what
// the value's own pointers lead to is what its type says. Stacks do not overlap, so that all of
// their words are looked up together. What may be the beginning of more, or one of several values,
// is told of its first value only.
#include "goruntime/typing/stack_values.h"

#include <algorithm>

namespace goshawk::goruntime {
namespace {

constexpr std::size_t kMostValues = 1 << 20;
constexpr std::uint64_t kMostSteps = 1 << 25;

}  // namespace

StackValues::StackValues(std::span<const StackSlot> slots, Views& views)
    : slots_(slots), views_(views) {
  by_address_.reserve(slots_.size());
  for (const StackSlot& slot : slots_) by_address_.push_back(&slot);
  std::ranges::sort(by_address_, {}, [](const StackSlot* slot) { return slot->at; });
}

void StackValues::lead(const StackSlot& slot, ViewId view) {
  if (view <= View::kAnywhere) return;
  if (slot.points_to.is_null()) {
    led_to_.emplace_back(&slot, view);
    return;
  }
  Shape shape = views_[view].shape;
  bool is_one = shape == Shape::kValue || shape == Shape::kMap;
  if (is_one && known_.size() < kMostValues && known_.emplace(slot.points_to, view).second)
    work_.emplace_back(slot.points_to, view);
}

void StackValues::follow() {
  std::uint64_t steps = 0;
  while (!work_.empty() && steps < kMostSteps) {
    auto [start, view] = work_.back();
    work_.pop_back();
    const std::vector<ViewId>& places = views_.placed(view).places;
    auto at = std::ranges::lower_bound(by_address_, start, {},
                                       [](const StackSlot* slot) { return slot->at; });
    for (; at != by_address_.end() && (*at)->at - start < places.size() * 8; ++at, ++steps)
      if (((*at)->at - start) % 8 == 0) lead(**at, places[((*at)->at - start) / 8]);
  }
}

}  // namespace goshawk::goruntime
