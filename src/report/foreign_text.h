// Text that came out of the target (function names, paths, labels) made fit for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace goshawk::report {

// Control characters, broken UTF-8 and characters that reorder a line are written as escapes
// (\x1b, \u202e), so that a name can never move the cursor, change colours or fake a line.
std::string escape_controls(std::string_view text);

// Of these: control characters, and those that reorder a line.
bool acts_on_a_terminal(std::uint32_t code_point);

// Valid UTF-8 with every broken byte replaced by U+FFFD: for formats that demand UTF-8.
std::string repair_utf8(std::string_view text);

// Columns on a terminal, counting a code point as one.
std::size_t display_width(std::string_view text);

// Bytes of the UTF-8 sequence that text begins with, 0 when it is broken. For the two above and
// for whoever cuts text.
std::size_t utf8_sequence_length(std::string_view text);

}  // namespace goshawk::report
