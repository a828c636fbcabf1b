// A table is a sequence of pairs (varint zigzag delta of the value, varint delta of the pc in units
// of the shortest instruction). The value starts at -1, the pc at the function's entry; a value
// holds for the pcs before the pair's end. A value delta of 0 that is not the first ends the table.
// Follows runtime/symtab.go pcvalue and step. Every round consumes bytes, so broken input ends too.
#include "goruntime/symbols/pcvalue.h"

namespace goshawk::goruntime {
namespace {

// runtime/symtab.go readvarint: 32 bits, higher ones fall off.
bool read_varint(const std::byte*& at, const std::byte* end, std::uint32_t& value) {
  value = 0;
  for (unsigned shift = 0; at != end; shift += 7) {
    auto byte = std::to_integer<std::uint32_t>(*at++);
    if (shift < 32) value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

}  // namespace

std::int32_t find_pcvalue(ByteView pctab, std::uint32_t offset, std::uint64_t pc_offset,
                          std::uint32_t pc_quantum) {
  if (offset == 0 || offset >= pctab.size()) return kNoPcvalue;
  const std::byte* at = pctab.data() + offset;
  const std::byte* end = pctab.data() + pctab.size();
  std::uint64_t pc = 0;
  std::uint32_t value = 0xffffffff;
  for (bool first = true;; first = false) {
    std::uint32_t value_delta = 0;
    std::uint32_t pc_delta = 0;
    if (!read_varint(at, end, value_delta)) return kNoPcvalue;
    if (value_delta == 0 && !first) return kNoPcvalue;
    if (!read_varint(at, end, pc_delta)) return kNoPcvalue;
    value += (value_delta & 1) != 0 ? ~(value_delta >> 1) : value_delta >> 1;
    pc += std::uint64_t{pc_delta} * pc_quantum;
    if (pc_offset < pc) return static_cast<std::int32_t>(value);
  }
}

}  // namespace goshawk::goruntime
