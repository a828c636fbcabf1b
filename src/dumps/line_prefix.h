// What a log puts before each line of a dump: "Nov 29 18:30:53 web1 shop[4711]: ",
// "2026-11-29T18:30:53.1Z stderr F ", "[pod/shop-7d9f/shop] ", "shop-1  | ".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace goshawk::dumps {

// How many bytes of `line` are the same prefix at another time: its digits may differ, and how many
// stand together, but not those of a name, nor a number in brackets, which is a process' id.
// Nothing: it is another one.
std::optional<std::size_t> match_prefix(std::string_view prefix, std::string_view line);

// Takes out what colours a terminal ("\x1b[31m"), and the "\r" of a Windows line end. A line
// without either is given back as it is; else `storage` holds it.
std::string_view without_controls(std::string_view line, std::string& storage);

}  // namespace goshawk::dumps
