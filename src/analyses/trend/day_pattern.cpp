// The load of a day rises for hours as steadily as any leak. What tells them apart is the same time
// of the day before: the load is back where it was, a leak is not. Two days of floors are kept, of
// ten minutes each.
//
// The comparison that counts is that at the quietest hour of the earlier day: Monday is busier than
// Sunday from morning to evening, but its night is Sunday's. A step (a larger pool, one more
// client) is more than the day before for a whole day: so the changes from one bucket to the next
// are also summed up with the largest ones, which is where a step is, cut to what others are. And a
// quiet hour is quiet by chance too, so that the next day is louder: the quietest hour since is
// asked the same.
//
// What this cannot tell: a load that is higher in its quietest hour too, evenly spread over the
// day, for once; that is why growth alone is never called proven.
#include "analyses/trend/day_pattern.h"

#include <cmath>
#include <limits>

namespace goshawk::analyses::trend {
namespace {

constexpr std::uint32_t kAround = 3;     // buckets on each side: the quietest hour
constexpr std::size_t kRecent = 12;      // buckets: the last two hours
constexpr std::uint32_t kCompared = 36;  // buckets, at least, with the day before: six hours
constexpr double kTimesNoise = 10;       // the growth, of how much the difference varies
constexpr double kShare = 0.5;           // of the growth, that each look must see
constexpr double kShareWithoutSteps = 0.75;
constexpr double kLowQuantile = 0.05;  // of a day
constexpr double kNoiseOfMedianDeviation = 1.4826;
// The day before a growth was flat: its range is so much of the growth at most, and that of noise
// (which changes of the same deviation have: 3.3 deviations of a normal one are between its
// twentieths, and a change of two values is 1.4), or hardly anything.
constexpr double kFlatRange = 1.0 / 3, kRangeOfNoise = 3.5, kNarrowRange = 0.1;
constexpr float kNothing = std::numeric_limits<float>::quiet_NaN();

double quantile_of(std::vector<double> values, double quantile) {
  auto at = static_cast<std::ptrdiff_t>(quantile * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

double compute_noise(std::vector<double> values) {
  double middle = quantile_of(values, 0.5);
  for (double& value : values) value = std::abs(value - middle);
  return quantile_of(std::move(values), 0.5) * kNoiseOfMedianDeviation;
}

}  // namespace

bool DayPattern::add(double seconds, float value) {
  auto bucket = static_cast<std::uint32_t>(seconds / bucket_seconds_);
  bool closes = open_.number && *open_.number != bucket;
  if (closes) close();
  if (!open_.number) open_.number = bucket;
  open_.lowest.add(value);
  return closes;
}

void DayPattern::close() {
  std::uint32_t bucket = *open_.number;
  if (ring_.empty()) {
    ring_.assign(std::size_t{kPerDay} * kDays, kNothing);
    first_ = bucket;
  } else {
    std::uint32_t missed = std::min<std::uint32_t>(bucket - last_ - 1, kPerDay * kDays);
    for (std::uint32_t i = 0; i < missed; ++i) ring_[(bucket - 1 - i) % ring_.size()] = kNothing;
  }
  ring_[bucket % ring_.size()] = open_.lowest.floor();
  last_ = bucket;
  first_ = std::max<std::uint32_t>(first_, last_ - std::min(last_, kPerDay * kDays - 1));
  open_ = {};
}

float DayPattern::at(std::uint32_t bucket) const {
  return bucket < first_ || bucket > last_ ? kNothing : ring_[bucket % ring_.size()];
}

float DayPattern::quietest_around(std::uint32_t bucket) const {
  float least = std::numeric_limits<float>::infinity();
  for (std::uint32_t i = bucket - std::min(bucket, kAround); i <= bucket + kAround; ++i)
    if (!std::isnan(at(i))) least = std::min(least, at(i));
  return least;
}

std::uint32_t DayPattern::find_quietest_from(std::uint32_t from, std::uint32_t to) const {
  std::uint32_t quietest = from;
  for (std::uint32_t i = from; i < to; ++i)
    if (at(i) < at(quietest) || std::isnan(at(quietest))) quietest = i;
  return quietest;
}

double DayPattern::compute_growth_around(std::uint32_t bucket) const {
  return quietest_around(bucket) - quietest_around(bucket - kPerDay);
}

// Of each time to the same time of the day before, oldest first.
std::vector<double> DayPattern::list_differences() const {
  std::vector<double> differences;
  for (std::uint32_t i = std::max(first_ + kPerDay, last_ + 1 - kPerDay); i <= last_; ++i)
    if (float difference = at(i) - at(i - kPerDay); !std::isnan(difference))
      differences.push_back(difference);
  return differences;
}

// In the day that begins with `from`.
double DayPattern::compute_growth_without_steps(std::uint32_t from) const {
  std::vector<double> changes;
  for (std::uint32_t i = from; i < from + kPerDay; ++i)
    if (float change = at(i + 1) - at(i); !std::isnan(change)) changes.push_back(change);
  if (changes.empty()) return 0;
  double low = quantile_of(changes, kLowQuantile), high = quantile_of(changes, 1 - kLowQuantile);
  double sum = 0;
  for (double change : changes) sum += std::clamp(change, low, high);
  return sum / static_cast<double>(changes.size()) * kPerDay;
}

std::optional<double> DayPattern::find_daily_growth(double least_growth) const {
  if (ring_.empty() || count() < kPerDay + kCompared) return std::nullopt;
  std::uint32_t before = find_quietest_from(first_, first_ + kPerDay);
  std::uint32_t since =
      find_quietest_from(std::max(first_ + kPerDay, last_ + 1 - kPerDay), last_ + 1);
  if (before + kPerDay + kAround > last_) return std::nullopt;
  double growth = std::min(compute_growth_around(before + kPerDay), compute_growth_around(since));
  if (!std::isfinite(growth) || growth < least_growth) return std::nullopt;
  std::vector<double> differences = list_differences();
  if (differences.size() < kCompared || growth < kTimesNoise * compute_noise(differences))
    return std::nullopt;
  std::vector<double> recent(differences.end() - kRecent, differences.end());
  if (*std::ranges::min_element(recent) < kShare * growth) return std::nullopt;
  if (compute_growth_without_steps(before) < kShareWithoutSteps * growth) return std::nullopt;
  return growth;
}

bool DayPattern::was_flat_before(double seconds, double growth) const {
  auto end = static_cast<std::uint32_t>(seconds / bucket_seconds_);
  if (ring_.empty() || end < first_ + kPerDay) return false;
  std::vector<double> floors, changes;
  for (std::uint32_t i = end - kPerDay; i < end; ++i) {
    if (!std::isnan(at(i))) floors.push_back(at(i));
    if (float change = at(i) - at(i - 1); !std::isnan(change)) changes.push_back(change);
  }
  if (floors.size() < kPerDay / 2 || changes.empty()) return false;
  double range = quantile_of(floors, 1 - kLowQuantile) - quantile_of(floors, kLowQuantile);
  if (range > growth * kFlatRange) return false;
  return range <= kRangeOfNoise * compute_noise(changes) || range <= growth * kNarrowRange;
}

}  // namespace goshawk::analyses::trend
