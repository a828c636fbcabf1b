// A count that rises tells little of itself (a load that rises does the same); that few of those
// who come ever go tells more, and where ids are told, they are followed. Sites are the same by
// function and line: files of one program.
#include "analyses/profile/site_growth.h"

#include <algorithm>
#include <iterator>

namespace goshawk::analyses::profile {
namespace {

constexpr std::uint64_t kMostGonePercent = 5;
constexpr std::uint64_t kLeastGrowth = 3;

std::vector<std::uint64_t> goids_of(const StackSite& site) {
  std::vector<std::uint64_t> goids;
  for (const StackGroup* group : site.groups)
    goids.insert(goids.end(), group->goids.begin(), group->goids.end());
  std::ranges::sort(goids);
  return goids;
}

}  // namespace

// What they wait for is left out: a loop that is running now is where it waited before.
SiteGrowth::Key SiteGrowth::key_of(const StackSite& site) {
  const findings::CodePlace& creator = site.first().created_by;
  return {site.blocked_at.function, site.blocked_at.file, site.blocked_at.line,
          creator.function,         creator.file,         creator.line};
}

void SiteGrowth::add(double seconds, const StackGroups& groups) {
  std::map<Key, Series> now;
  for (const StackSite& site : find_sites(groups)) {
    Series& series = now[key_of(site)];
    std::vector<std::uint64_t> goids = goids_of(site);
    series.goids_told = series.goids_told && !goids.empty();
    series.goids.insert(series.goids.end(), goids.begin(), goids.end());
    series.counts.resize(1);
    series.counts.front() += site.count;
  }
  for (auto& [key, found] : now) {
    Series& series = series_[key];
    std::ranges::sort(found.goids);
    std::vector<std::uint64_t> gone;
    std::ranges::set_difference(series.goids, found.goids, std::back_inserter(gone));
    series.gone += gone.size();
    series.goids_told = series.goids_told && found.goids_told;
    series.goids = std::move(found.goids);
    series.counts.resize(seconds_.size());
    series.counts.push_back(found.counts.front());
  }
  for (auto& [key, series] : series_) {
    if (series.counts.size() > seconds_.size()) continue;
    series.gone += series.goids.size();
    series.goids.clear();
  }
  seconds_.push_back(seconds);
  pictures_.push_back({.seconds = seconds, .goroutines = groups.goroutines});
}

findings::Growth SiteGrowth::of(const StackSite& site) const {
  findings::Growth growth;
  auto found = series_.find(key_of(site));
  for (std::size_t i = 0; i < seconds_.size(); ++i) {
    bool told = found != series_.end() && i < found->second.counts.size();
    growth.samples.push_back({seconds_[i], told ? found->second.counts[i] : 0});
  }
  if (growth.samples.empty()) return growth;
  std::uint64_t first = growth.samples.front().count, last = growth.samples.back().count;
  growth.gone = found != series_.end() && found->second.goids_told ? found->second.gone : 0;
  growth.stayed = std::min(first, last);
  growth.came = last - growth.stayed;
  return growth;
}

bool SiteGrowth::is_steady(const findings::Growth& growth) {
  const auto& samples = growth.samples;
  if (samples.size() < 2) return false;
  for (std::size_t i = 1; i < samples.size(); ++i)
    if (samples[i].count <= samples[i - 1].count) return false;
  std::uint64_t last = samples.back().count;
  return last - samples.front().count >= kLeastGrowth &&
         growth.gone * 100 <= (growth.gone + last) * kMostGonePercent;
}

}  // namespace goshawk::analyses::profile
