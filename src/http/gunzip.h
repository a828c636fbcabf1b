// gzip, within a bound.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace goshawk::http {

// nullopt: it is none, is damaged or cut off, or would be longer.
std::optional<std::string> gunzip(std::string_view bytes, std::uint64_t most_bytes);

}  // namespace goshawk::http
