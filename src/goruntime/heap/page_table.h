// From any word of the target to the heap object that it points into, without a branch: one 64-bit
// word for each page of 8 KiB says the object number of the page's span, the page's place in it,
// and the span's class; a division by multiplication gives the slot.
//
//   page word   first object (32) | page's offset in its span (16) | class (16)
//   class       0: no heap page, 1: lent to stacks, others: {slots, multiplier, size} of a shape of
//   spans
//
// Classes 0 and 1 have no slots, so that a word that is no pointer resolves to "not valid" by the
// same arithmetic: edges[n] = id; n += valid.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "goruntime/facts/mheap.h"
#include "snapshot/objects.h"

namespace goshawk::goruntime {

class PageTable {
 public:
  // Whole arenas that lie outside of [lowest, highest) are not heap.
  PageTable() = default;
  explicit PageTable(AddressRange all_pages);

  // False when the span has a shape of its own and there are too many of those already, when it
  // lies outside of the range, or on a page that another span has.
  bool add_span(const snapshot::Span& span, std::uint64_t npages);
  bool add_stack_pages(Address base, std::uint64_t npages);

  struct Resolved {
    snapshot::ObjectId object;
    bool valid;
  };
  Resolved resolve(std::uint64_t word) const {
    std::uint64_t arena = word / kArenaBytes - first_arena_;
    std::uint64_t leaf = leaf_of_arena_[arena < arenas_ ? arena : arenas_];
    std::uint64_t page = leaves_[leaf * kPagesPerArena + word / kPageBytes % kPagesPerArena];
    const Class& shape = classes_[page & 0xffff];
    std::uint64_t offset = (page >> 16 & 0xffff) * kPageBytes + word % kPageBytes;
    std::uint64_t slot = offset * shape.multiplier >> 32;
    return {static_cast<snapshot::ObjectId>((page >> 32) + slot), slot < shape.slots};
  }

  // Where in its object; only for a word that resolves to a valid one.
  struct Offset {
    std::uint64_t bytes = 0;
    std::uint64_t element_size_bytes = 0;  // 0: of a span's only slot, whose pages do not say it
  };
  Offset offset_in_object(std::uint64_t word) const {
    std::uint64_t leaf = leaf_of_arena_[word / kArenaBytes - first_arena_];
    std::uint64_t page = leaves_[leaf * kPagesPerArena + word / kPageBytes % kPagesPerArena];
    const Class& shape = classes_[page & 0xffff];
    std::uint64_t offset = (page >> 16 & 0xffff) * kPageBytes + word % kPageBytes;
    return {offset - (offset * shape.multiplier >> 32) * shape.element_size_bytes,
            shape.element_size_bytes};
  }

  std::optional<snapshot::ObjectId> find(Address address) const {
    if (arenas_ == 0) return std::nullopt;
    Resolved found = resolve(address.value());
    return found.valid ? std::optional(found.object) : std::nullopt;
  }
  bool is_stack_page(Address address) const;
  // Any page of the heap or of stacks.
  bool is_known_page(Address address) const;

 private:
  struct Class {
    std::uint32_t multiplier = 0;  // 0: every offset is slot 0 (large objects)
    std::uint32_t slots = 0;
    std::uint32_t element_size_bytes = 0;  // 0 where multiplier is
  };
  std::optional<std::uint16_t> find_or_add_class(std::uint64_t element_size_bytes,
                                                 std::uint32_t slots);
  std::uint64_t* find_page(std::uint64_t page_number);
  std::uint64_t page_word(Address address) const;
  bool fill(Address base, std::uint64_t npages, std::uint64_t word, std::uint64_t step);

  std::uint64_t first_arena_ = 0;
  std::uint64_t arenas_ = 0;
  std::vector<std::uint32_t> leaf_of_arena_;  // arenas_ + 1 of them; 0 is the leaf of no pages
  std::vector<std::uint64_t> leaves_;
  std::vector<Class> classes_;
  std::unordered_map<std::uint64_t, std::uint16_t> class_of_shape_;  // element size and slots
};

}  // namespace goshawk::goruntime
