// The ids of a profile's messages, which may be any numbers and may be used before they are
// defined, as indices without gaps.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/growing_array.h"

namespace goshawk::pprof {

class IdTable {
 public:
  // The index of an id; a new one where it is seen for the first time, at this offset.
  std::uint32_t index_of(std::uint64_t id, std::uint64_t offset) {
    std::uint32_t& index = slot_of(id);
    if (index == kUnseen) {
      index = static_cast<std::uint32_t>(seen_.size());
      seen_.push_back({id, offset, false});
    }
    return index;
  }
  // The same for the place of its definition; nothing: it has one already.
  std::optional<std::uint32_t> define(std::uint64_t id, std::uint64_t offset) {
    std::uint32_t index = index_of(id, offset);
    if (seen_[index].is_defined) return std::nullopt;
    seen_[index].is_defined = true;
    return index;
  }

  struct Seen {
    std::uint64_t id;
    std::uint64_t offset;  // where for the first time
    bool is_defined;
  };
  std::size_t size() const { return seen_.size(); }
  const Seen& operator[](std::uint32_t index) const { return seen_[index]; }

 private:
  static constexpr std::uint32_t kUnseen = 0xffffffff;
  // Writers count from 1. What is above is looked up by its hash.
  static constexpr std::uint64_t kMostDirect = 1 << 22;

  std::uint32_t& slot_of(std::uint64_t id) {
    if (id < direct_.size()) return direct_[id];
    if (id >= kMostDirect) return far_.try_emplace(id, kUnseen).first->second;
    direct_.resize(id + 1, kUnseen);
    return direct_[id];
  }

  GrowingArray<std::uint32_t> direct_;
  std::unordered_map<std::uint64_t, std::uint32_t> far_;
  GrowingArray<Seen> seen_;
};

}  // namespace goshawk::pprof
