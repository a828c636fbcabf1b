// What the collector takes from a stack. A live slot's value goes to the result unless it points
// into the stack itself; then it makes the stack object that it points into alive, whose pointers
// are taken in turn. An object that nothing reaches counts for nothing, though its words may still
// hold pointers. (The runtime keeps conservative and precise pointers apart to test the former for
// being objects at all; whoever gets the result here does that for every word.)
// Follows runtime/mgcmark.go scanstack, scanframeworker; runtime/mgcstack.go.
#include "goruntime/stacks/stack_scan.h"

#include <algorithm>

namespace goshawk::goruntime {

void StackScan::begin(AddressRange stack, const StackWords& words,
                      std::vector<std::uint64_t>& pointers, std::vector<Place>* places) {
  stack_ = stack;
  words_ = words;
  pointers_ = &pointers;
  places_ = places;
  // A word is told of by its frame's map, a callee's arguments and the objects that it lies in.
  steps_left_ = 4096 + (words.end() - words.start());
  into_stack_.clear();
  frames_.clear();
}

void StackScan::take(std::uint64_t value) {
  if (value == 0) return;
  if (stack_.contains(Address(value)))
    into_stack_.emplace_back(value);
  else
    pointers_->push_back(value);
}

void StackScan::note(Address sp, Address at, bool in_object) {
  std::uint64_t value = places_ == nullptr ? 0 : words_.load(at);
  if (value != 0) places_->push_back({sp, at, value, in_object});
}

// A variable whose address is taken is in the map too while the function itself still uses it.
bool StackScan::is_in_object(const FrameFacts& facts, std::uint32_t slot) {
  return std::ranges::any_of(facts.objects, [&](const StackObject& object) {
    std::uint32_t base = object.offset < 0 ? facts.layout.varp : facts.layout.argp;
    std::int64_t within = std::int64_t{slot} - base - object.offset;
    return within >= 0 && within < object.size_bytes;
  });
}

bool StackScan::spend(std::uint64_t steps) {
  bool enough = steps <= steps_left_;
  steps_left_ -= enough ? steps : steps_left_;
  return enough;
}

bool StackScan::scan_frame(const FrameFacts& facts, Address sp, std::int64_t shift) {
  Address base = sp + static_cast<std::uint64_t>(shift);
  if (base < sp && shift > 0) return false;
  if (!spend(facts.slots.size() + facts.objects.size())) return false;
  if (!facts.slots.empty()) {
    if (!words_.has(base, facts.slots_end)) return false;
    for (std::uint32_t slot : facts.slots) {
      take(words_.load(base + slot));
      if (places_ != nullptr && shift == 0) note(sp, base + slot, is_in_object(facts, slot));
    }
  }
  if (!facts.objects.empty()) frames_.push_back({&facts, sp, shift});
  return true;
}

bool StackScan::scan_map(Address from, const StackBits& bits) {
  if (!words_.has(from, std::uint64_t{bits.count} * 8) || !spend(bits.count)) return false;
  for (std::uint32_t i = 0; i < bits.count; ++i)
    if (bits[i]) take(words_.load(from + std::uint64_t{i} * 8));
  return true;
}

void StackScan::scan_conservatively(Address from, Address to) {
  Address at = std::max(Address((from.value() + 7) & ~7ULL), words_.start());
  for (; at < to && words_.has(at, 8); at = at + 8) take(words_.load(at));
}

bool StackScan::scan_part(Address from, Address to) {
  from = std::max(from, words_.start());
  to = std::min(to, words_.end());
  if (from < to && !spend((to - from) / 8)) return false;
  scan_conservatively(from, to);
  return true;
}

void StackScan::place_objects() {
  objects_.clear();
  for (const FrameWithObjects& frame : frames_) {
    const FrameLayout& layout = frame.facts->layout;
    Address base = frame.sp + static_cast<std::uint64_t>(frame.shift);
    for (const StackObject& object : frame.facts->objects) {
      Address start = base + (object.offset < 0 ? layout.varp : layout.argp) +
                      static_cast<std::uint64_t>(std::int64_t{object.offset});
      if (start < frame.sp) continue;  // not yet in the frame at this pc
      objects_.push_back({.start = start,
                          .object = &object,
                          .sp = frame.sp,
                          .is_told = object.exact && frame.shift == 0});
    }
  }
  std::ranges::sort(objects_, {}, &PlacedObject::start);
}

StackScan::PlacedObject* StackScan::find_object(Address address) {
  auto after = std::ranges::upper_bound(objects_, address, {}, &PlacedObject::start);
  if (after == objects_.begin()) return nullptr;
  PlacedObject& placed = *std::prev(after);
  return address - placed.start < placed.object->size_bytes ? &placed : nullptr;
}

bool StackScan::finish() {
  bool exact = true;
  if (into_stack_.empty() || frames_.empty()) return exact;
  place_objects();
  while (!into_stack_.empty()) {
    PlacedObject* placed = find_object(into_stack_.back());
    into_stack_.pop_back();
    if (placed == nullptr || placed->scanned) continue;
    placed->scanned = true;
    if (!spend(placed->object->pointer_offsets.size())) {
      scan_conservatively(words_.start(), words_.end());
      return false;
    }
    exact &= placed->object->exact;
    for (std::uint32_t offset : placed->object->pointer_offsets) {
      if (!words_.has(placed->start + offset, 8)) continue;
      take(words_.load(placed->start + offset));
      if (placed->is_told) note(placed->sp, placed->start + offset, true);
    }
  }
  return exact;
}

}  // namespace goshawk::goruntime
