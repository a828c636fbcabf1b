// Of many pictures only the first and the last ones are told one by one.
#include "report/growth_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/measures.h"

namespace goshawk::report {
namespace {

constexpr std::size_t kShownSamples = 4;  // at each end

std::int64_t nanoseconds(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

// Of dumps in a log without times nobody knows how long it took.
std::string duration_text(double seconds) {
  return seconds > 0 ? " in " + human_duration(nanoseconds(seconds)) : "";
}

}  // namespace

std::string growth_text(const findings::Growth& growth) {
  std::size_t samples = growth.samples.size();
  if (growth.came == 0 && growth.gone == 0)
    return fmt::format("{} in each of {} pictures{}", human_count(growth.samples.back().count),
                       samples, duration_text(growth.samples.back().seconds));
  std::string text;
  for (std::size_t i = 0; i < samples; ++i) {
    if (samples > 2 * kShownSamples && i == kShownSamples) {
      text += " → ...";
      i = samples - kShownSamples;
    }
    text += fmt::format("{}{}", i > 0 ? " → " : "", human_count(growth.samples[i].count));
  }
  return text + duration_text(growth.samples.back().seconds);
}

std::string pictures_text(const std::vector<findings::PictureTaken>& pictures) {
  std::int64_t sum = 0, longest = 0;
  std::vector<std::string> pauses;
  for (const findings::PictureTaken& picture : pictures) {
    sum += picture.pause_ns;
    longest = std::max(longest, picture.pause_ns);
    pauses.push_back(human_duration(picture.pause_ns));
  }
  std::string stood =
      fmt::format("{} in all, {} at most at once", human_duration(sum), human_duration(longest));
  if (pauses.size() <= kShownSamples) {
    std::string last = pauses.back();
    pauses.pop_back();
    stood = fmt::format("{} and {}", fmt::join(pauses, ", "), last);
  }
  return fmt::format("{} in {}; the process stood still for {}", plural(pictures.size(), "picture"),
                     human_duration(nanoseconds(pictures.back().seconds)), stood);
}

}  // namespace goshawk::report
