// What a series does in a day, and whether it is more than it did at the same time the day before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analyses/trend/floors.h"

namespace goshawk::analyses::trend {

class DayPattern {
 public:
  explicit DayPattern(double day_seconds) : bucket_seconds_(day_seconds / kPerDay) {}

  // True when a bucket was closed by it.
  bool add(double seconds, float value);

  // By how much a day has raised the series, where that is certain: at the hour that was the
  // quietest of the day before, and in the last hours, and not in one step.
  std::optional<double> find_daily_growth(double least_growth) const;

  // The whole day that ended at `seconds` was seen, and did nothing but noise beside a growth of
  // that much.
  bool was_flat_before(double seconds, double growth) const;

 private:
  static constexpr std::uint32_t kPerDay = 144;
  static constexpr std::uint32_t kDays = 2;

  std::uint32_t count() const { return last_ - first_ + 1; }
  float at(std::uint32_t bucket) const;  // NaN: nothing was seen then
  float quietest_around(std::uint32_t bucket) const;
  std::uint32_t find_quietest_from(std::uint32_t from, std::uint32_t to) const;
  double compute_growth_around(std::uint32_t bucket) const;
  std::vector<double> list_differences() const;
  double compute_growth_without_steps(std::uint32_t from) const;
  void close();

  double bucket_seconds_;
  OpenBucket open_;
  std::vector<float> ring_;  // empty until the first bucket is closed
  std::uint32_t first_ = 0, last_ = 0;
};

}  // namespace goshawk::analyses::trend
