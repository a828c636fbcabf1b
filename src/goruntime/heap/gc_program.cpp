// The language (a byte, what follows, meaning):
//   00000000                    end
//   0nnnnnnn  n bits            these n bits
//   10000000  n c (uvarints)    repeat the last n bits c times
//   1nnnnnnn  c (uvarint)       the same with a small n
// A repeat can ask for 2^60 bits; it is checked against what is left before anything is written. An
// instruction that writes nothing consumes a byte at least, so that a program ends with its bytes.
#include "goruntime/heap/gc_program.h"

#include <algorithm>
#include <utility>

namespace goshawk::goruntime {

namespace {

class BitWriter {
 public:
  explicit BitWriter(std::uint64_t limit) : limit_(limit), words_((limit + 63) / 64) {}

  std::uint64_t count() const { return count_; }
  bool has_room(std::uint64_t bits) const { return bits <= limit_ - count_; }
  void append(std::uint64_t bits, std::uint64_t n) {  // n <= 64, the rest of `bits` is zero
    if (n == 0) return;
    std::uint64_t shift = count_ % 64;
    words_[count_ / 64] |= bits << shift;
    if (shift + n > 64) words_[count_ / 64 + 1] |= bits >> (64 - shift);
    count_ += n;
  }
  std::uint64_t get(std::uint64_t from, std::uint64_t n) const {  // n <= 64, from + n <= count_
    std::uint64_t shift = from % 64;
    std::uint64_t bits = words_[from / 64] >> shift;
    if (shift + n > 64) bits |= words_[from / 64 + 1] << (64 - shift);
    return n == 64 ? bits : bits & ((std::uint64_t{1} << n) - 1);
  }
  std::vector<std::uint64_t> take() && { return std::move(words_); }

 private:
  std::uint64_t limit_;
  std::uint64_t count_ = 0;
  std::vector<std::uint64_t> words_;
};

bool run_literal(Cursor& program, std::uint64_t n, BitWriter& into) {
  if (!into.has_room(n)) return false;
  for (; n > 0 && !program.failed(); n -= std::min<std::uint64_t>(n, 8)) {
    std::uint64_t bits = std::min<std::uint64_t>(n, 8);
    into.append(program.u8() & ((1U << bits) - 1), bits);
  }
  return !program.failed();
}

bool run_repeat(std::uint64_t n, std::uint64_t times, BitWriter& into) {
  if (n > into.count()) return false;
  if (n == 0 || times == 0) return true;
  if (times > ~std::uint64_t{0} / n || !into.has_room(n * times)) return false;
  // Every bit equals the one n before it, hence also the one any multiple of n before it that is
  // already there: a short pattern soon serves a whole word at a time.
  for (std::uint64_t left = n * times, distance = n; left > 0;) {
    std::uint64_t bits = std::min({left, distance, std::uint64_t{64}});
    into.append(into.get(into.count() - distance, bits), bits);
    left -= bits;
    if (distance < 64) distance = (n * times - left + n) / n * n;
  }
  return true;
}

}  // namespace

std::optional<std::vector<std::uint64_t>> expand_gc_program(ByteView program, std::uint64_t words) {
  Cursor cursor(program);
  BitWriter mask(words);
  for (;;) {
    std::uint64_t instruction = cursor.u8();
    if (cursor.failed()) return std::nullopt;
    std::uint64_t n = instruction & 0x7f;
    if (instruction == 0) break;
    if ((instruction & 0x80) == 0) {
      if (!run_literal(cursor, n, mask)) return std::nullopt;
      continue;
    }
    if (n == 0) n = cursor.uvarint();
    std::uint64_t times = cursor.uvarint();
    if (cursor.failed() || !run_repeat(n, times, mask)) return std::nullopt;
  }
  return std::move(mask).take();  // what the program did not say is no pointer
}

}  // namespace goshawk::goruntime
