// Each site as a series over the profiles. What it grows by in a second is the slope of the line
// that fits all of them best (least squares), of two profiles the one through both.
//
// A growth is only told as such when it is more than chance: sampling n things that are rare has a
// deviation of the root of n, so an amount a that consists of samples of s each has one of the root
// of a times s; the same bounds the coming and going of goroutines that nobody waits for. It is
// `suspected` then. It is `likely` where at least three profiles show it, it grew in every interval
// between them, and in none of them by much less than on average: a cache that fills up, or a burst
// that was taken up once, does neither.
//
// What this cannot tell: whether it will ever stop. Therefore it proves nothing.
#include "analyses/profile/growth.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace goshawk::analyses::profile {

using findings::Confidence;
using findings::GrownSite;
using findings::ProfileGrowth;
using findings::ProfileInventory;

namespace {

constexpr double kNanosecond = 1e-9;

// Seconds since the first; empty: not every profile has a time, or they do not go forward.
std::vector<double> times_of(const std::vector<ProfileInventory>& profiles) {
  std::vector<double> seconds;
  for (const ProfileInventory& profile : profiles) {
    double since_first =
        (static_cast<double>(profile.time_ns) - static_cast<double>(profiles[0].time_ns)) *
        kNanosecond;
    bool goes_forward = seconds.empty() || since_first > seconds.back();
    if (profile.time_ns <= 0 || !goes_forward) return {};
    seconds.push_back(since_first);
  }
  return seconds;
}

double slope(const std::vector<double>& seconds, const std::vector<std::int64_t>& amounts) {
  double mean_time = 0, mean_amount = 0;
  auto count = static_cast<double>(seconds.size());
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    mean_time += seconds[i] / count;
    mean_amount += static_cast<double>(amounts[i]) / count;
  }
  double covariance = 0, variance = 0;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    covariance += (seconds[i] - mean_time) * (static_cast<double>(amounts[i]) - mean_amount);
    variance += (seconds[i] - mean_time) * (seconds[i] - mean_time);
  }
  return variance > 0 ? covariance / variance : 0;
}

class Judge {
 public:
  Judge(std::vector<double> seconds, std::size_t profiles, AmountNature nature)
      : seconds_(std::move(seconds)), profiles_(profiles), nature_(nature) {}

  void judge(GrownSite& site) const {
    const std::vector<std::int64_t>& amounts = site.amounts;
    site.change = amounts.back() - amounts.front();
    for (std::size_t i = 1; i < profiles_; ++i) site.grew_in += amounts[i] > amounts[i - 1] ? 1 : 0;
    if (!seconds_.empty()) site.per_second = slope(seconds_, amounts);
    if (!nature_.is_of_now || !is_more_than_chance(site)) return;
    site.confidence = is_steady(site) ? Confidence::kLikely : Confidence::kSuspected;
  }

 private:
  bool is_more_than_chance(const GrownSite& site) const {
    double both = std::abs(static_cast<double>(site.amounts.front())) +
                  std::abs(static_cast<double>(site.amounts.back()));
    return static_cast<double>(site.change) > kDeviations * std::sqrt(both * nature_.noise_of_one);
  }

  bool is_steady(const GrownSite& site) const {
    if (profiles_ < kProfilesOfGrowth || site.grew_in + 1 != profiles_) return false;
    double whole = static_cast<double>(site.change) / length(0, profiles_ - 1);
    for (std::size_t i = 1; i < profiles_; ++i) {
      auto step = static_cast<double>(site.amounts[i] - site.amounts[i - 1]);
      if (step / length(i - 1, i) < kLeastOfMean * whole) return false;
    }
    return true;
  }

  // Without times, intervals are taken to be alike.
  double length(std::size_t from, std::size_t to) const {
    return seconds_.empty() ? static_cast<double>(to - from) : seconds_[to] - seconds_[from];
  }

  std::vector<double> seconds_;
  std::size_t profiles_;
  AmountNature nature_;
};

}  // namespace

ProfileGrowth compare_profiles(const std::vector<ProfileInventory>& profiles, AmountNature nature) {
  std::map<findings::ProfileSiteKey, GrownSite> sites;
  ProfileGrowth growth;
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    growth.amounts.push_back(profiles[i].amount);
    for (const ProfileInventory::Site& site : profiles[i].sites) {
      GrownSite& grown = sites[site.key];
      grown.amounts.resize(profiles.size());
      grown.amounts[i] += site.amount;
      grown.callers = site.callers;
    }
  }
  std::vector<double> seconds = times_of(profiles);
  if (!seconds.empty()) {
    growth.seconds = seconds.back();
    growth.per_second = slope(seconds, growth.amounts);
  }
  Judge judge(seconds, profiles.size(), nature);
  for (auto& [key, site] : sites) {
    site.key = key;
    judge.judge(site);
    if (std::ranges::adjacent_find(site.amounts, std::not_equal_to()) != site.amounts.end())
      growth.sites.push_back(std::move(site));
  }
  auto rank = [](const GrownSite& site) {
    return site.confidence ? static_cast<int>(*site.confidence) : 99;
  };
  std::ranges::stable_sort(growth.sites, [&](const GrownSite& a, const GrownSite& b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : a.change > b.change;
  });
  return growth;
}

}  // namespace goshawk::analyses::profile
