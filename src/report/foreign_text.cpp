// Names in a target are foreign bytes: a linker symbol may hold anything. Well-formed UTF-8 passes
// (overlong forms, surrogates and values past U+10FFFF are broken, as in the Unicode standard's
// table 3-7); what a terminal would act on is escaped.
#include "report/foreign_text.h"

#include <fmt/format.h>

#include <cstdint>

#include "report/code_points.h"

namespace goshawk::report {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

bool is_continuation(std::string_view text, std::size_t i) {
  return i < text.size() && (byte_at(text, i) & 0xc0) == 0x80;
}

// The second byte's range closes the overlong forms and the surrogates.
bool second_byte_fits(std::uint8_t first, std::uint8_t second) {
  if (first == 0xe0) return second >= 0xa0;
  if (first == 0xed) return second <= 0x9f;
  if (first == 0xf0) return second >= 0x90;
  if (first == 0xf4) return second <= 0x8f;
  return true;
}

}  // namespace

bool acts_on_a_terminal(std::uint32_t point) {
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return true;        // C0, DEL, C1
  if (point == 0x2028 || point == 0x2029) return true;                     // line separators
  if (point == 0x200e || point == 0x200f || point == 0x061c) return true;  // direction marks
  return (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

std::size_t utf8_sequence_length(std::string_view text) {
  if (text.empty()) return 0;
  std::uint8_t first = byte_at(text, 0);
  if (first < 0x80) return 1;
  std::size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                       : first >= 0xe0 && first <= 0xef ? 3
                       : first >= 0xf0 && first <= 0xf4 ? 4
                                                        : 0;
  if (length == 0 || !is_continuation(text, 1) || !second_byte_fits(first, byte_at(text, 1)))
    return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!is_continuation(text, i)) return 0;
  return length;
}

std::string escape_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = utf8_sequence_length(text);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", byte_at(text, 0));
      text.remove_prefix(1);
      continue;
    }
    std::uint32_t point = decode_utf8(text.substr(0, length));
    if (!acts_on_a_terminal(point))
      out += text.substr(0, length);
    else if (point < 0x80)
      out += fmt::format("\\x{:02x}", point);
    else
      out += fmt::format("\\u{:04x}", point);
    text.remove_prefix(length);
  }
  return out;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = utf8_sequence_length(text);
    if (length == 0)
      out += "\xef\xbf\xbd";
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!is_continuation(text, i)) ++columns;
  return columns;
}

}  // namespace goshawk::report
