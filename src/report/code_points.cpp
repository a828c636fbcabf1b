#include "report/code_points.h"

namespace goshawk::report {

std::uint32_t decode_utf8(std::string_view sequence) {
  std::uint32_t first = static_cast<std::uint8_t>(sequence[0]);
  if (sequence.size() == 1) return first;
  std::uint32_t point = first & (0x7fU >> sequence.size());
  for (std::size_t i = 1; i < sequence.size(); ++i)
    point = point << 6 | (static_cast<std::uint8_t>(sequence[i]) & 0x3fU);
  return point;
}

}  // namespace goshawk::report
