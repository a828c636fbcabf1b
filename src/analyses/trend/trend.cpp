// The idea: the floor of a series (floors.h), seen in windows of 48 buckets at once at every width
// from some samples on, each twice the one below. A fast leak is seen in a narrow window soon, a
// slow one in a wide one, and noise is judged by the same test everywhere (steady_rise.h).
//
// A rise is all that can be told within the first day. Whether it is the day's own is told by
// comparison with the day before (day_pattern.h), or at once where the day before it had no
// pattern.
//
// A rise lasts until its window, or a wider one, shows no trend any more. Gaps (the sampler slept)
// leave buckets out and change nothing else. What no series of numbers can tell is whether anybody
// still needs what grows: for that there is a picture.
#include "analyses/trend/trend.h"

#include <cmath>
#include <utility>

namespace goshawk::analyses::trend {
namespace {

constexpr double kSamplesOfBucket = 4;  // in the narrowest buckets
constexpr std::size_t kLevels = 16;     // at ten seconds, the widest bucket is two weeks
constexpr double kEndingScore = 3;      // a rise that was certain is over below this

}  // namespace

Trend::Trend(const Expected& expected) : expected_(expected), day_(expected.day_seconds) {}

void Trend::restart() { *this = Trend(expected_); }

double Trend::width_of(std::size_t level) const {
  return std::ldexp(expected_.every_seconds * kSamplesOfBucket, static_cast<int>(level));
}

bool Trend::add(double seconds, double value) {
  if (!std::isfinite(value) || (latest_ && seconds <= *latest_)) return false;
  if (!began_) began_ = seconds;
  latest_ = seconds;
  looked_ = false;
  double age = seconds - *began_;
  auto sample = static_cast<float>(value);
  LowestTwo lowest;
  lowest.add(sample);
  add_to_level(0, static_cast<std::uint32_t>(age / width_of(0)), lowest);
  looked_ |= day_.add(age, sample);
  if (looked_) settle(age);
  return looked_;
}

void Trend::add_to_level(std::size_t number, std::uint32_t bucket, const LowestTwo& lowest) {
  if (number == kLevels) return;
  if (number == levels_.size()) levels_.emplace_back();
  OpenBucket& open = levels_[number].open;
  if (open.number && *open.number != bucket) {
    OpenBucket closed = std::exchange(open, {});
    levels_[number].closed.add({*closed.number, closed.lowest.floor()});
    look_at(number);
    add_to_level(number + 1, *closed.number / 2, closed.lowest);
  }
  OpenBucket& now = levels_[number].open;  // the levels may have moved
  now.number = bucket;
  now.lowest.merge(lowest);
}

void Trend::look_at(std::size_t number) {
  const FloorWindow& window = levels_[number].closed;
  if (!rise_ && compute_raw_score(window) < kCertainScore) return;
  if (rise_ && number < rising_level_) return;  // a wider window has it already
  looked_ = true;
  auto found = find_steady_rise(window, expected_.least_growth);
  if (!found) {
    if (rise_ && compute_raw_score(window) < kEndingScore && window.size() == window.kCapacity)
      rise_.reset();
    return;
  }
  double since = window[0].bucket * width_of(number);
  if (rise_) since = std::min(since, rise_->since_seconds);
  rising_level_ = number;
  rise_ = Growth{.since_seconds = since,
                 .per_second = found->per_bucket / width_of(number),
                 .level = window[window.size() - 1].value,
                 .score = found->score};
}

void Trend::settle(double age) {
  growth_ = rise_;
  if (growth_) {
    double grown = growth_->per_second * (age - growth_->since_seconds);
    if (day_.was_flat_before(growth_->since_seconds, grown)) growth_->grade = Grade::kGrowing;
  }
  if (auto daily = day_.find_daily_growth(expected_.least_growth)) {
    if (!growth_)
      growth_ = Growth{.since_seconds = std::max(0.0, age - 2 * expected_.day_seconds),
                       .per_second = *daily / expected_.day_seconds,
                       .level = levels_[0].closed[levels_[0].closed.size() - 1].value};
    growth_->grade = Grade::kGrowing;
  }
  if (growth_) growth_->since_seconds += *began_;
}

std::optional<double> predict_seconds_until(const Growth& growth, double limit) {
  if (growth.per_second <= 0 || limit <= growth.level) return std::nullopt;
  return (limit - growth.level) / growth.per_second;
}

}  // namespace goshawk::analyses::trend
