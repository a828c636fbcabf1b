// Characters of UTF-8 as numbers.
#pragma once

#include <cstdint>
#include <string_view>

namespace goshawk::report {

// Of a well-formed sequence; utf8_sequence_length() of foreign_text.h tells which are.
std::uint32_t decode_utf8(std::string_view sequence);

}  // namespace goshawk::report
