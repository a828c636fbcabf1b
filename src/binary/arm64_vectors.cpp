// An arm64 instruction says in a few fixed bits whether it has to do with vector registers at all:
// its class (bits 28 to 25) and, for loads and stores, bit 26. Go moves memory by plain loads and
// stores of one register or two, which are told apart here: a load of any size writes the whole
// register, a store reads it. Whatever else has to do with vector registers (arithmetic, structure
// loads and stores, SVE, SME) may read any of them. The code is followed up to the first
// instruction that may go elsewhere; hints, barriers and system registers do not.
// Capstone is not asked: its lists of what an arm64 vector instruction reads have gaps.
// Follows the Arm Architecture Reference Manual, C4.1 "A64 instruction set encoding".
#include "binary/arm64_vectors.h"

#include <bitset>
#include <cstdint>

namespace goshawk::binary {
namespace {

constexpr std::size_t kWordBytes = 4;

// Bits `high` to `low` of an instruction.
constexpr std::uint32_t bits(std::uint32_t word, unsigned high, unsigned low) {
  return word >> low & ((1U << (high - low + 1)) - 1);
}

enum class Use { kNone, kLoad, kStore, kAny, kEnd };

Use branch_or_system(std::uint32_t word) {
  return bits(word, 31, 24) == 0b11010101 ? Use::kNone : Use::kEnd;
}

// Of one register at an immediate or register offset, as an immediate of 12 bits has bit 24.
bool is_plain_single(std::uint32_t word) {
  if (bits(word, 24, 24) == 1) return true;
  if (bits(word, 21, 21) == 0) return bits(word, 11, 10) != 0b10;
  return bits(word, 11, 10) == 0b10;
}

Use load_or_store(std::uint32_t word) {
  if (bits(word, 26, 26) == 0) return Use::kNone;
  switch (bits(word, 29, 27)) {
    case 0b011:  // of a literal
      return bits(word, 24, 24) == 0 ? Use::kLoad : Use::kAny;
    case 0b101:  // of a pair
      return bits(word, 22, 22) == 1 ? Use::kLoad : Use::kStore;
    case 0b111:
      if (!is_plain_single(word)) return Use::kAny;
      return bits(word, 22, 22) == 1 ? Use::kLoad : Use::kStore;
    default:
      return Use::kAny;
  }
}

Use compute_use(std::uint32_t word) {
  switch (bits(word, 28, 25)) {
    case 0b1000:
    case 0b1001:  // on immediates
    case 0b0101:
    case 0b1101:  // on registers
      return Use::kNone;
    case 0b1010:
    case 0b1011:
      return branch_or_system(word);
    case 0b0100:
    case 0b0110:
    case 0b1100:
    case 0b1110:
      return load_or_store(word);
    default:
      return Use::kAny;
  }
}

}  // namespace

bool may_read_arm64_vector_registers(ByteView code) {
  std::bitset<32> changed;
  Cursor cursor(code);
  while (cursor.remaining() >= kWordBytes) {
    std::uint32_t word = cursor.u32();
    Use use = compute_use(word);
    if (use == Use::kEnd) return false;
    if (use == Use::kAny) return true;
    if (use == Use::kNone) continue;
    std::uint32_t first = bits(word, 4, 0);
    std::uint32_t second = bits(word, 29, 27) == 0b101 ? bits(word, 14, 10) : first;
    if (use == Use::kStore && (!changed[first] || !changed[second])) return true;
    if (use == Use::kLoad) changed[first] = changed[second] = true;
  }
  return true;
}

}  // namespace goshawk::binary
