// The pointer words of one object for each shape that facts/heap_bitmap.h names, as templates that
// the decoder's loop is built from. visit(word, value): the word's number in the object.
// All of them stay inside [from, to) of words whose bytes the caller holds.
// Follows runtime/mbitmap.go (heapBits in 1.19 to 1.21, heapBitsSmallForAddr, typePointers).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/byte_view.h"

namespace goshawk::goruntime {

inline std::uint64_t load_word(const std::byte* bytes, std::uint64_t word) {
  return load_unchecked<std::uint64_t>(bytes + word * 8);
}

// n bits (at most 64) from bit `at` on. Reads whole words: the word behind only where it is needed.
inline std::uint64_t load_bits(const std::byte* bits, std::uint64_t at, std::uint64_t n) {
  std::uint64_t shift = at % 64;
  std::uint64_t mask = load_word(bits, at / 64) >> shift;
  if (shift != 0 && shift + n > 64) mask |= load_word(bits, at / 64 + 1) << (64 - shift);
  return n >= 64 ? mask : mask & ((std::uint64_t{1} << n) - 1);
}

template <typename Visit>
void visit_mask(std::uint64_t mask, const std::byte* object, std::uint64_t first_word,
                Visit&& visit) {
  for (; mask != 0; mask &= mask - 1) {
    std::uint64_t word = first_word + std::countr_zero(mask);
    visit(word, load_word(object, word));
  }
}

template <typename Visit>
void visit_all_words(const std::byte* object, std::uint64_t from, std::uint64_t to, Visit&& visit) {
  for (std::uint64_t word = from; word < to; ++word) visit(word, load_word(object, word));
}

// 1.19: a byte for four words, pointer bits low, scan bits high; no scan bit: no more pointers in
// this object. bits are those of word 0 of `bytes`. False: the object's pointers ended.
template <typename Visit>
bool visit_two_bit(const std::byte* bits, const std::byte* bytes, std::uint64_t from,
                   std::uint64_t to, Visit&& visit) {
  for (std::uint64_t word = from; word < to; ++word) {
    unsigned pair = std::to_integer<unsigned>(bits[word / 4]) >> (word % 4);
    if ((pair & 0x10) == 0) return false;
    if ((pair & 1) != 0) visit(word - from, load_word(bytes, word));
  }
  return true;
}

// 1.20, 1.21: a bit for each word, and a bit for each 64 of these: nothing more of the object
// behind them. The object goes on beyond `to` when `continues`.
template <typename Visit>
bool visit_one_bit(const std::byte* bits, const std::byte* no_more, const std::byte* bytes,
                   std::uint64_t from, std::uint64_t to, bool continues, Visit&& visit) {
  for (std::uint64_t group = from / 64; group * 64 < to; ++group) {
    std::uint64_t mask = load_word(bits, group);
    if (group == from / 64) mask &= ~std::uint64_t{0} << from % 64;
    if (to - group * 64 < 64) mask &= (std::uint64_t{1} << (to - group * 64)) - 1;
    for (; mask != 0; mask &= mask - 1) {
      std::uint64_t word = group * 64 + std::countr_zero(mask);
      visit(word - from, load_word(bytes, word));
    }
    bool reaches_further = (group + 1) * 64 < to || (continues && (group + 1) * 64 == to);
    if (reaches_further && (std::to_integer<unsigned>(no_more[group / 8]) >> (group % 8) & 1) != 0)
      return false;
  }
  return true;
}

}  // namespace goshawk::goruntime
