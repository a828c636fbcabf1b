// What grows, by several profiles of a program.
#pragma once

#include <vector>

#include "findings/profile_growth.h"

namespace goshawk::analyses::profile {

// What the amounts are, which decides what a growth of them means.
struct AmountNature {
  bool is_of_now = true;    // in use, standing there; else it only ever adds up, and so grows
  double noise_of_one = 1;  // what one sample stands for: of memory, the bytes between two samples
};

// Three profiles show that something goes on, two only that it happened.
inline constexpr std::size_t kProfilesOfGrowth = 3;
// A growth counts from so many deviations of sampling on.
inline constexpr double kDeviations = 3;
// It is steady where it grew in each interval, by at least this part of what it grows on average.
inline constexpr double kLeastOfMean = 0.25;

// Two or more, the earliest first.
findings::ProfileGrowth compare_profiles(const std::vector<findings::ProfileInventory>& profiles,
                                         AmountNature nature);

}  // namespace goshawk::analyses::profile
