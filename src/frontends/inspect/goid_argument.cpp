// Ids count from 1; a range has both its ends.
#include "frontends/inspect/goid_argument.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace goshawk::frontends::inspect {
namespace {

constexpr std::size_t kMostListed = 10;

std::optional<std::uint64_t> parse_goid(std::string_view text) {
  std::uint64_t goid = 0;
  const char* begin = text.data();  // NOLINT(*-stringview-data-usage): from_chars is given the end
  const char* end = begin + text.size();
  auto [stop, error] = std::from_chars(begin, end, goid);
  if (error != std::errc() || stop != end || goid == 0) return std::nullopt;
  return goid;
}

}  // namespace

Result<report::GoidRange> parse_goids(const std::string& text) {
  std::size_t dash = text.find('-');
  auto first = parse_goid(std::string_view(text).substr(0, dash));
  auto last =
      dash == std::string::npos ? first : parse_goid(std::string_view(text).substr(dash + 1));
  if (first && last && *first <= *last) return report::GoidRange{*first, *last};
  return fail(Usage{"--goid: \"" + text + "\" is no goroutine id",
                    "give numbers and ranges, such as --goid 18,42,100-199"});
}

std::string list_goids(const std::vector<report::GoidRange>& ranges) {
  std::string text;
  std::size_t shown = std::min(ranges.size(), kMostListed);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == ranges.size() ? " and " : ", ";
    text += ranges[i].first == ranges[i].last
                ? fmt::format("{}", ranges[i].first)
                : fmt::format("{}-{}", ranges[i].first, ranges[i].last);
  }
  return shown < ranges.size() ? fmt::format("{} and {} more", text, ranges.size() - shown) : text;
}

}  // namespace goshawk::frontends::inspect
