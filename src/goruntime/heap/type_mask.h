// Which words of a type's values are pointers, read from the target once for each type.
// Follows runtime/type.go (getGCMask, buildGCMask), runtime/mbitmap.go.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/address.h"
#include "goruntime/facts/type_descriptor.h"
#include "target/memory.h"

namespace goshawk::goruntime {

struct TypeMask {
  std::uint64_t size_words = 0;     // of a value; never 0
  std::uint64_t pointer_words = 0;  // bits in `bits`; words behind them hold no pointers
  std::vector<std::uint64_t> bits;

  // Calls visit(word) for each pointer word in [from, to) of an array of such values.
  template <typename Visit>
  void for_each_pointer(std::uint64_t from, std::uint64_t to, Visit&& visit) const {
    std::uint64_t element = from / size_words * size_words;
    for (; element < to; element += size_words) {
      std::uint64_t begin = from > element ? from - element : 0;
      std::uint64_t end = to - element < pointer_words ? to - element : pointer_words;
      if (begin < end) visit_bits(begin, end, [&](std::uint64_t word) { visit(element + word); });
    }
  }

 private:
  template <typename Visit>
  void visit_bits(std::uint64_t begin, std::uint64_t end, Visit&& visit) const {
    for (std::uint64_t i = begin / 64; i * 64 < end; ++i) {
      std::uint64_t mask = bits[i];
      if (i == begin / 64) mask &= ~std::uint64_t{0} << begin % 64;
      if (end - i * 64 < 64) mask &= (std::uint64_t{1} << (end - i * 64)) - 1;
      for (; mask != 0; mask &= mask - 1) visit(i * 64 + std::countr_zero(mask));
    }
  }
};

// Safe to use from several threads.
class TypeMasks {
 public:
  // is_type_place: whether the runtime could keep a type descriptor there.
  TypeMasks(const target::Memory& memory, TypeDescriptorFact fact,
            std::optional<Address> in_progress, std::function<bool(Address)> is_type_place)
      : memory_(memory),
        fact_(fact),
        in_progress_(in_progress),
        is_type_place_(std::move(is_type_place)) {}

  // The mask of the type whose descriptor is said to be there; null when it is none, when its mask
  // cannot be had, or when its values are larger than `room_bytes`. Lives as long as this.
  const TypeMask* find(Address type, std::uint64_t room_bytes);

 private:
  struct Walk;  // of one type and what it is made of
  struct Entry {
    std::uint64_t size_bytes = 0;
    std::unique_ptr<TypeMask> mask;  // null: no usable type
  };
  std::optional<TypeHead> read_head(Address type) const;
  bool append_mask(Address type, const TypeHead& head, std::uint64_t at_word, TypeMask& into,
                   Walk& walk) const;
  bool append_bits(Address bits, std::uint64_t words, std::uint64_t at_word, TypeMask& into) const;
  bool append_program(const TypeHead& head, std::uint64_t at_word, TypeMask& into) const;
  bool append_array(Address type, const TypeHead& head, std::uint64_t at_word, TypeMask& into,
                    Walk& walk) const;
  bool append_struct(Address type, const TypeHead& head, std::uint64_t at_word, TypeMask& into,
                     Walk& walk) const;

  const target::Memory& memory_;
  TypeDescriptorFact fact_;
  std::optional<Address> in_progress_;
  std::function<bool(Address)> is_type_place_;
  std::mutex mutex_;
  std::unordered_map<Address, Entry> known_;
};

// One thread's shortcut to the types that it met lately.
class RecentTypeMasks {
 public:
  explicit RecentTypeMasks(TypeMasks& all) : all_(all) {}

  const TypeMask* find(Address type, std::uint64_t room_bytes) {
    Slot& slot = slots_[(type.value() >> 5) % slots_.size()];
    if (slot.type == type && slot.mask != nullptr && slot.mask->size_words * 8 <= room_bytes)
      return slot.mask;
    slot = {type, all_.find(type, room_bytes)};
    return slot.mask;
  }

 private:
  struct Slot {
    Address type;
    const TypeMask* mask = nullptr;
  };
  TypeMasks& all_;
  std::array<Slot, 256> slots_;
};

}  // namespace goshawk::goruntime
