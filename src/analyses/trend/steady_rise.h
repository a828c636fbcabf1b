// Whether a window of floors rises steadily, and how fast.
#pragma once

#include <optional>

#include "analyses/trend/floors.h"

namespace goshawk::analyses::trend {

struct SteadyRise {
  double per_bucket = 0;  // Theil and Sen's slope
  double score = 0;       // Mann and Kendall's z, less what neighbours have in common
};

// What chance does once in a thousand million windows of noise.
inline constexpr double kCertainScore = 6;

// z without any correction: what is below kCertainScore need not be looked at closer.
double compute_raw_score(const FloorWindow& window);

// `least_growth`: over the whole window, below which nobody cares.
std::optional<SteadyRise> find_steady_rise(const FloorWindow& window, double least_growth);

}  // namespace goshawk::analyses::trend
