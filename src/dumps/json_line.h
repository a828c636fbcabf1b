// Logs whose lines are JSON objects, with the text of a dump in one of their strings: Docker's
// {"log":"goroutine 1 [running]:\n",...}, journalctl -o json, loggers that write a stack as a
// field.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace goshawk::dumps {

// The key of the string in which the byte at `position` lies. Nothing: no object, or no such
// string.
std::optional<std::string_view> find_json_key(std::string_view line, std::size_t position);

// The string that belongs to this key, still escaped.
std::optional<std::string_view> find_json_string(std::string_view line, std::string_view key);

// Appends it to `text` as it was meant; what is no escape sequence stays.
void unescape_json(std::string_view escaped, std::string& text);

// Docker's "stdout" or "stderr"; empty: not told.
std::string_view json_stream_of(std::string_view line);

}  // namespace goshawk::dumps
