// The slots that the heap's objects lie in, as far as it matters for what they can hold.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

// What all slots of a span have in common. Of the span's own only what says whether something fits.
struct Slot {
  std::uint64_t size_bytes = 0, header_bytes = 0;
  bool noscan = false, tiny = false;

  auto operator<=>(const Slot&) const = default;
  std::uint64_t room() const { return size_bytes - header_bytes; }
  std::uint64_t header_words() const { return header_bytes / 8; }
};

// Objects' slots without a search, from tables that stay in the cache: by 64 numbers, where these
// have slots of one kind; else by the first span of them.
class Slots {
 public:
  Slots(const snapshot::Objects& objects, std::span<const std::uint8_t> header_bytes)
      : spans_(objects.spans()) {
    number_kinds(header_bytes);
    std::size_t count = objects.count() / kObjectsABlock + 1;
    first_spans_.resize(count);
    of_blocks_.resize(count);
    std::uint32_t span = 0;
    for (std::size_t block = 0; block < count; ++block) {
      while (begins_by(span + 1, block * kObjectsABlock)) ++span;
      first_spans_[block] = span;
      of_blocks_[block] = kind_of_block(span, (block + 1) * kObjectsABlock - 1);
    }
  }

  const Slot& of(snapshot::ObjectId object) const {
    std::uint16_t kind = of_blocks_[object / kObjectsABlock];
    if (kind != kSeveral) return kinds_[kind];
    std::uint32_t span = first_spans_[object / kObjectsABlock];
    while (begins_by(span + 1, object)) ++span;
    return kinds_[of_spans_[span]];
  }
  void prefetch(snapshot::ObjectId object) const {
    __builtin_prefetch(&of_blocks_[object / kObjectsABlock]);
  }

 private:
  static constexpr std::uint32_t kObjectsABlock = 64;
  static constexpr std::uint16_t kSeveral = 0xffff;

  void number_kinds(std::span<const std::uint8_t> header_bytes) {
    std::map<Slot, std::uint32_t> known;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      Slot slot{spans_[i].element_size_bytes, header_bytes[i], spans_[i].noscan, spans_[i].tiny};
      auto [kind, is_new] = known.try_emplace(slot, static_cast<std::uint32_t>(kinds_.size()));
      if (is_new) kinds_.push_back(slot);
      of_spans_.push_back(kind->second);
    }
    if (kinds_.empty()) kinds_.emplace_back(), of_spans_.push_back(0);
  }
  bool begins_by(std::uint32_t span, std::size_t object) const {
    return span < spans_.size() && spans_[span].first <= object;
  }
  std::uint16_t kind_of_block(std::uint32_t span, std::size_t last) const {
    std::uint32_t kind = of_spans_[span];
    for (; begins_by(span, last); ++span)
      if (of_spans_[span] != kind) return kSeveral;
    return kind < kSeveral ? static_cast<std::uint16_t>(kind) : kSeveral;
  }

  const std::vector<snapshot::Span>& spans_;
  std::vector<Slot> kinds_;
  std::vector<std::uint32_t> of_spans_;     // kinds
  std::vector<std::uint32_t> first_spans_;  // by block
  std::vector<std::uint16_t> of_blocks_;    // kinds
};

}  // namespace goshawk::goruntime
