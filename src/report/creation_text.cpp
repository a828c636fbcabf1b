// Of several lines each with its share of the samples; those with less than a tenth are left out.
#include "report/creation_text.h"

#include <fmt/format.h>

#include <map>

#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::AllocatedIn;

std::string code_place_text(const findings::CodePlace& place) {
  std::string file = place.file.substr(place.file.rfind('/') + 1);
  return escape_controls(fmt::format("{} ({}:{})", place.function, file, place.line));
}

std::string creation_text(const std::vector<AllocatedIn>& lines) {
  constexpr std::uint64_t kLeastShare = 10;
  std::map<std::string, std::uint64_t> places;
  std::uint64_t samples = 0;
  for (const AllocatedIn& line : lines) {
    bool is_library = !line.on_behalf_of.function.empty();
    places[code_place_text(is_library ? line.on_behalf_of : line.place)] += line.samples;
    samples += line.samples;
  }
  if (samples == 0) return "";
  std::multimap<std::uint64_t, std::string, std::greater<>> most_first;
  for (const auto& [place, count] : places) most_first.emplace(count, place);
  std::string text;
  for (const auto& [count, place] : most_first) {
    if (!text.empty() && count < samples / kLeastShare) break;
    text += text.empty() ? "; created in " : ", ";
    text += place;
    if (places.size() > 1) text += " " + share_text(count, samples);
  }
  return fmt::format("{} (by {})", text, plural(samples, "sample"));
}

}  // namespace goshawk::report
