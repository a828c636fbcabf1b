// Three pictures, five seconds apart: the fewest that show growth, and long enough for most work of
// a server to come to its end meanwhile.
#include "frontends/inspect/schedule_argument.h"

#include <charconv>

#include "base/duration.h"

namespace goshawk::frontends::inspect {
namespace {

constexpr std::uint32_t kUsualSamples = 3, kLeastSamples = 2, kMostSamples = 1000;
constexpr std::int64_t kMillisecond = 1'000'000, kSecond = 1'000'000'000;
constexpr std::int64_t kUsualEvery = 5 * kSecond;
constexpr std::int64_t kLeastEvery = kMillisecond, kMostEvery = 7 * 86'400LL * kSecond;

Result<std::uint32_t> parse_samples(const std::string& text) {
  std::uint32_t samples = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, samples);
  if (error != std::errc() || stop != end || samples < kLeastSamples || samples > kMostSamples)
    return fail(Usage{"--samples: \"" + text + "\" is no number of pictures",
                      "give one from 2 to 1000; 3 are enough to show growth"});
  return samples;
}

Result<std::int64_t> parse_every(const std::string& text) {
  std::int64_t every_ns = TRY(parse_duration("--every", text));
  if (every_ns < kLeastEvery || every_ns > kMostEvery)
    return fail(Usage{"--every: \"" + text + "\" is too short or too long",
                      "give one from 1ms to 7d; longer than what the program does in one piece"});
  return every_ns;
}

}  // namespace

Result<std::optional<inspection::Schedule>> parse_schedule(const ScheduleArgument& argument,
                                                           const inspection::Source& source) {
  if (argument.every.empty() && argument.samples.empty()) return std::nullopt;
  inspection::Schedule schedule{.every_ns = kUsualEvery, .samples = kUsualSamples};
  if (!argument.every.empty()) schedule.every_ns = TRY(parse_every(argument.every));
  if (!argument.samples.empty()) schedule.samples = TRY(parse_samples(argument.samples));
  if (source.pid == 0)
    return fail(Usage{"--every and --samples are for a running process, and " + source.name +
                          " is one instant of one, in which nothing can grow",
                      "leave them out, or give the id of a process"});
  return schedule;
}

}  // namespace goshawk::frontends::inspect
