// Does a number that is sampled grow, steadily, and is it more than the load of a day that comes
// and goes? Streaming: a sample costs some ten nanoseconds, a series some kilobytes, however long
// it is.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analyses/trend/day_pattern.h"
#include "analyses/trend/floors.h"
#include "analyses/trend/steady_rise.h"

namespace goshawk::analyses::trend {

struct Expected {
  double every_seconds = 10;    // from one sample to the next
  double least_growth = 10;     // in the series' unit: less is not worth a word
  double day_seconds = 86'400;  // after which load comes back
};

enum class Grade : std::uint8_t {
  kRising,   // steadily; the rise of a day's load is not ruled out
  kGrowing,  // and more than the same time the day before, or after a day without any pattern
};

struct Growth {
  Grade grade = Grade::kRising;
  double since_seconds = 0;  // it rose from there on at the latest
  double per_second = 0;
  double level = 0;  // the latest floor
  double score = 0;  // how certain: SteadyRise's; of a day's growth without any, 0
};

class Trend {
 public:
  explicit Trend(const Expected& expected);

  // Times go up, from any beginning; one that does not is passed over. True when growth() may have
  // changed.
  bool add(double seconds, double value);
  // What comes now has nothing to do with what was: the process is another one.
  void restart();

  const std::optional<Growth>& growth() const { return growth_; }

 private:
  // Buckets of twice the width of the level below.
  struct Level {
    OpenBucket open;
    FloorWindow closed;
  };

  void add_to_level(std::size_t level, std::uint32_t bucket, const LowestTwo& lowest);
  void look_at(std::size_t level);
  void settle(double seconds);
  double width_of(std::size_t level) const;

  Expected expected_;
  DayPattern day_;
  std::vector<Level> levels_;
  std::optional<double> began_, latest_;
  std::optional<Growth> rise_, growth_;
  std::size_t rising_level_ = 0;
  bool looked_ = false;
};

// At this rate, from now on; nothing where the limit is no limit or passed.
std::optional<double> predict_seconds_until(const Growth& growth, double limit);

}  // namespace goshawk::analyses::trend
