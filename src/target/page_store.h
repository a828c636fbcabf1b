// Copies of pages. Not for several threads.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
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
  // Many that are not expected back: the system has their memory again.
  void let_go_of(std::span<const std::uint64_t> pages) {
    std::size_t before = free_.size();
    for (std::uint64_t page : pages) remove(page);
    std::ranges::sort(free_.begin() + static_cast<std::ptrdiff_t>(before), free_.end());
    for (std::size_t first = before, end = before; first < free_.size(); first = end) {
      std::uint32_t chunk = free_[first] / kSlotsAChunk;
      while (end < free_.size() && free_[end] == free_[first] + (end - first) &&
             free_[end] / kSlotsAChunk == chunk)
        ++end;
      // Of larger pages it would take what lies beside it along.
      if (::sysconf(_SC_PAGESIZE) == kPageBytes)
        ::madvise(at(free_[first]), (end - first) * kPageBytes, MADV_DONTNEED);
    }
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
  struct Freed {
    void operator()(std::byte* bytes) const { std::free(bytes); }  // NOLINT(*-no-malloc)
  };
  using Chunk = std::unique_ptr<std::byte, Freed>;  // at the start of a page of ours

  std::byte* at(std::uint32_t slot) const {
    return chunks_[slot / kSlotsAChunk].get() + std::uint64_t{slot % kSlotsAChunk} * kPageBytes;
  }
  std::uint32_t take_slot() {
    if (free_.empty()) add_chunk();
    std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void add_chunk() {
    auto* bytes = static_cast<std::byte*>(
        std::aligned_alloc(kPageBytes, kSlotsAChunk * kPageBytes));  // NOLINT(*-no-malloc)
    if (bytes == nullptr) throw std::bad_alloc();
    auto first = static_cast<std::uint32_t>(chunks_.size() * kSlotsAChunk);
    chunks_.emplace_back(bytes);
    for (std::uint32_t i = kSlotsAChunk; i-- > 0;) free_.push_back(first + i);
  }

  std::unordered_map<std::uint64_t, std::uint32_t> slot_of_;
  std::vector<Chunk> chunks_;
  std::vector<std::uint32_t> free_;
};

}  // namespace goshawk::target
