// The multiplier of a shape is ceil(2^32 / size), as in runtime/sizeclasses.go: offset * multiplier
// >> 32 is the exact quotient while span bytes * size stays below 2^32, which add_span checks (the
// runtime's largest span of small objects has 10 pages). Spans of one object need no division.
#include "goruntime/heap/page_table.h"

#include <algorithm>

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kStackClass = 1;
constexpr std::size_t kMostClasses = 0xffff;

}  // namespace

PageTable::PageTable(AddressRange all_pages) {
  classes_.resize(2);
  leaves_.resize(kPagesPerArena);
  if (all_pages.size_bytes() > 0) {
    first_arena_ = all_pages.start.value() / kArenaBytes;
    std::uint64_t last = (all_pages.end.value() - 1) / kArenaBytes;
    arenas_ = std::min(last - first_arena_ + 1, kArenaTableLength);
  }
  leaf_of_arena_.assign(arenas_ + 1, 0);
}

std::optional<std::uint16_t> PageTable::find_or_add_class(std::uint64_t element_size_bytes,
                                                          std::uint32_t slots) {
  // Sizes of spans with more than one slot are below 2^32 (add_span); the others are asked for as
  // 0.
  std::uint64_t key = element_size_bytes << 32 | slots;
  if (auto found = class_of_shape_.find(key); found != class_of_shape_.end()) return found->second;
  if (classes_.size() >= kMostClasses) return std::nullopt;
  Class shape;
  shape.slots = slots;
  shape.element_size_bytes = static_cast<std::uint32_t>(element_size_bytes);
  if (element_size_bytes != 0)
    shape.multiplier = static_cast<std::uint32_t>(~std::uint32_t{0} / element_size_bytes + 1);
  auto added = static_cast<std::uint16_t>(classes_.size());
  classes_.push_back(shape);
  class_of_shape_.emplace(key, added);
  return added;
}

std::uint64_t* PageTable::find_page(std::uint64_t page_number) {
  std::uint64_t arena = page_number / kPagesPerArena - first_arena_;
  if (arena >= arenas_) return nullptr;
  std::uint32_t& leaf = leaf_of_arena_[arena];
  if (leaf == 0) {
    leaf = static_cast<std::uint32_t>(leaves_.size() / kPagesPerArena);
    leaves_.resize(leaves_.size() + kPagesPerArena);
  }
  return &leaves_[leaf * kPagesPerArena + page_number % kPagesPerArena];
}

bool PageTable::fill(Address base, std::uint64_t npages, std::uint64_t word, std::uint64_t step) {
  std::uint64_t first_page = base.value() / kPageBytes;
  for (std::uint64_t i = 0; i < npages; ++i) {
    std::uint64_t* page = find_page(first_page + i);
    if (page == nullptr || *page != 0) return false;
    *page = word + i * step;
  }
  return true;
}

bool PageTable::add_span(const snapshot::Span& span, std::uint64_t npages) {
  bool single = span.slots == 1;  // all of its pages are slot 0
  if (!single && (npages > 0xffff ||
                  npages * kPageBytes >= (std::uint64_t{1} << 32) / span.element_size_bytes))
    return false;
  auto shape = find_or_add_class(single ? 0 : span.element_size_bytes, span.slots);
  if (!shape) return false;
  std::uint64_t word = std::uint64_t{span.first} << 32 | *shape;
  return fill(span.base, npages, word, single ? 0 : 1 << 16);
}

bool PageTable::add_stack_pages(Address base, std::uint64_t npages) {
  return fill(base, npages, kStackClass, 0);
}

std::uint64_t PageTable::page_word(Address address) const {
  std::uint64_t arena = address.value() / kArenaBytes - first_arena_;
  if (arena >= arenas_) return 0;
  return leaves_[leaf_of_arena_[arena] * kPagesPerArena +
                 address.value() / kPageBytes % kPagesPerArena];
}

bool PageTable::is_stack_page(Address address) const { return page_word(address) == kStackClass; }

bool PageTable::is_known_page(Address address) const { return page_word(address) != 0; }

}  // namespace goshawk::goruntime
