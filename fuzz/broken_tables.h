// Changes in function tables that were sound: {count u8}, then {place u16, length u8, bytes} each.
#pragma once

#include <algorithm>
#include <vector>

#include "fuzz/input.h"

namespace goshawk::fuzz {

inline void break_tables(Input& input, std::vector<std::byte>& image) {
  for (unsigned left = input.take(); left > 0 && !input.empty(); --left) {
    std::size_t place = input.take<std::uint16_t>() % image.size();
    ByteView bytes = input.take_bytes(input.take() % 16 + 1);
    std::ranges::copy(bytes.first(std::min(bytes.size(), image.size() - place)),
                      image.begin() + static_cast<std::ptrdiff_t>(place));
  }
}

}  // namespace goshawk::fuzz
