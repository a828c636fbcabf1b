// Copies of pages. Not for several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "target/page_ranges.h"

namespace goshawk::target {

class PageStore {
 public:
  // Null: there is no copy. Valid until that page is removed.
  const std::byte* find(std::uint64_t page) const {
    auto found = slot_of_.find(page);
    return found == slot_of_.end() ? nullptr : at(found->second);
  }
  // Where its copy goes; the one before is gone.
  std::byte* add(std::uint64_t page) {
    auto [entry, is_new] = slot_of_.try_emplace(page, 0);
    if (is_new) entry->second = take_slot();
    return at(entry->second);
  }
  void remove(std::uint64_t page) {
    auto found = slot_of_.find(page);
    if (found == slot_of_.end()) return;
    free_.push_back(found->second);
    slot_of_.erase(found);
  }
  // Of those in `ranges`: their numbers.
  std::vector<std::uint64_t> find_in(const PageRanges& ranges) const {
    std::vector<std::uint64_t> pages;
    for (const auto& [page, slot] : slot_of_)
      if (ranges.contains(Address(page * kPageBytes))) pages.push_back(page);
    std::ranges::sort(pages);
    return pages;
  }
  std::uint64_t size_bytes() const { return slot_of_.size() * kPageBytes; }

 private:
  static constexpr std::uint32_t kSlotsAChunk = 256;
  std::byte* at(std::uint32_t slot) const {
    return chunks_[slot / kSlotsAChunk].get() + std::uint64_t{slot % kSlotsAChunk} * kPageBytes;
  }
  std::uint32_t take_slot() {
    if (free_.empty()) {
      auto first = static_cast<std::uint32_t>(chunks_.size() * kSlotsAChunk);
      chunks_.push_back(
          std::make_unique_for_overwrite<std::byte[]>(kSlotsAChunk * kPageBytes));  // NOLINT
      for (std::uint32_t i = kSlotsAChunk; i-- > 0;) free_.push_back(first + i);
    }
    std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }

  std::unordered_map<std::uint64_t, std::uint32_t> slot_of_;
  std::vector<std::unique_ptr<std::byte[]>> chunks_;  // NOLINT(*-avoid-c-arrays)
  std::vector<std::uint32_t> free_;
};

}  // namespace goshawk::target
