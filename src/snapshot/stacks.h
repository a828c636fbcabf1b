// Frames and stacks, each distinct one once: a hundred thousand goroutines parked at the same place
// share one StackId.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "snapshot/strings.h"

namespace goshawk::snapshot {

using FrameId = std::uint32_t;
using StackId = std::uint32_t;

// One logical frame: an inlined call is a frame of its own, as the runtime prints it.
struct Frame {
  StringId function = kNone;  // as Go prints it: "main.(*Server[...]).handle.func1"
  StringId symbol = kNone;    // as the linker has it, type arguments spelled out: what profiles say
  StringId file = kNone;
  std::uint32_t line = 0;
  Address pc;                      // the return address (the pc itself in the innermost frame)
  std::uint64_t entry_offset = 0;  // pc - the physical function's entry: the "+0x1d" of a traceback
  bool inlined = false;            // into the frame after it
  bool hidden = false;  // the runtime does not print it in a dump; see traceback.go showframe
  bool elided = false;  // nor has it in a profile: a wrapper

  bool operator==(const Frame&) const = default;
};

class Stacks {
 public:
  FrameId add_frame(const Frame& frame) {
    frames_.push_back(frame);
    return static_cast<FrameId>(frames_.size() - 1);
  }

  // Innermost first.
  StackId intern(std::span<const FrameId> frames) {
    std::uint64_t hash = frames.size();
    for (FrameId frame : frames) hash = (hash ^ frame) * 0x9e3779b97f4a7c15ULL, hash ^= hash >> 29;
    for (auto [it, end] = by_hash_.equal_range(hash); it != end; ++it)
      if (std::ranges::equal((*this)[it->second], frames)) return it->second;
    StackId id = static_cast<StackId>(starts_.size() - 1);
    members_.insert(members_.end(), frames.begin(), frames.end());
    starts_.push_back(static_cast<std::uint32_t>(members_.size()));
    by_hash_.emplace(hash, id);
    return id;
  }

  // For a picture that is loaded: told to be none of those before.
  void append_distinct(std::span<const FrameId> frames) {
    members_.insert(members_.end(), frames.begin(), frames.end());
    starts_.push_back(static_cast<std::uint32_t>(members_.size()));
  }

  std::span<const FrameId> operator[](StackId id) const {
    if (id >= starts_.size() - 1) return {};
    return std::span(members_).subspan(starts_[id], starts_[id + 1] - starts_[id]);
  }

  const Frame& frame(FrameId id) const { return frames_[id]; }
  std::size_t frame_count() const { return frames_.size(); }
  std::size_t size() const { return starts_.size() - 1; }

 private:
  std::vector<Frame> frames_;
  std::vector<FrameId> members_;
  std::vector<std::uint32_t> starts_{0};
  std::unordered_multimap<std::uint64_t, StackId> by_hash_;
};

}  // namespace goshawk::snapshot
