// Amounts of memory as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace goshawk {

// "512MB", "1.5 GB", "300m", "2GiB"; a number alone: bytes. Of 1024. nullopt: it is none, or more
// than 64 bits hold.
std::optional<std::uint64_t> parse_memory_size(std::string_view text);

// "512MB": parse_memory_size() takes it again, and it is not less than what was given.
std::string memory_size_text(std::uint64_t bytes);

}  // namespace goshawk
