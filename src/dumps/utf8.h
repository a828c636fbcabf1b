#pragma once

#include <cstdint>
#include <string>

namespace goshawk::dumps {

inline void append_utf8(std::string& text, std::uint32_t rune) {
  auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (rune < 0x80) return add(rune);
  if (rune < 0x800) {
    add(0xc0 | (rune >> 6));
  } else if (rune < 0x10000) {
    add(0xe0 | (rune >> 12));
    add(0x80 | ((rune >> 6) & 0x3f));
  } else {
    add(0xf0 | (rune >> 18));
    add(0x80 | ((rune >> 12) & 0x3f));
    add(0x80 | ((rune >> 6) & 0x3f));
  }
  add(0x80 | (rune & 0x3f));
}

}  // namespace goshawk::dumps
