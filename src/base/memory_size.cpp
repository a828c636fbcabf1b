// Read with an optional fraction, as people write gigabytes; written in whole megabytes, rounded
// up.
#include "base/memory_size.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>

namespace goshawk {
namespace {

std::optional<double> find_unit(std::string_view unit) {
  std::string name;
  for (char c : unit)
    if (c != ' ') name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name.ends_with("ib"))
    name.resize(name.size() - 2);
  else if (name.ends_with('b'))
    name.resize(name.size() - 1);
  if (name.empty()) return 1;
  constexpr std::string_view kPrefixes = "kmgt";
  std::size_t prefix = kPrefixes.find(name);
  if (name.size() != 1 || prefix == std::string_view::npos) return std::nullopt;
  return std::pow(1024.0, static_cast<double>(prefix + 1));
}

}  // namespace

std::optional<std::uint64_t> parse_memory_size(std::string_view text) {
  double number = 0;
  const char* begin = text.data();  // NOLINT(bugprone-suspicious-stringview-data-usage): up to end
  const char* end = begin + text.size();
  auto [rest, error] = std::from_chars(begin, end, number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0)) return std::nullopt;
  auto unit = find_unit(std::string_view(rest, static_cast<std::size_t>(end - rest)));
  constexpr double kMost = 1e19;  // below 2^64
  if (!unit || number * *unit > kMost) return std::nullopt;
  return static_cast<std::uint64_t>(number * *unit);
}

std::string memory_size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kMegabyte = 1 << 20;
  return fmt::format("{}MB", bytes / kMegabyte + (bytes % kMegabyte == 0 ? 0 : 1));
}

}  // namespace goshawk
