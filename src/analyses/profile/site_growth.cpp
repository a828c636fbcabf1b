// A count that rises tells little of itself (a load that rises does the same); that few of those
// who come ever go tells more, and where ids are told, they are followed. Sites are the same by
// function and line: files of one program.
#include "analyses/profile/site_growth.h"

#include <algorithm>
#include <functional>
#include <iterator>

namespace goshawk::analyses::profile {
namespace {

constexpr std::uint64_t kMostGonePercent = 5;
constexpr std::uint64_t kLeastGrowth = 3;
constexpr std::size_t kPicturesOfGrowth = 3;

std::vector<std::uint64_t> goids_of(const StackSite& site) {
  std::vector<std::uint64_t> goids;
  for (const StackGroup* group : site.groups)
    goids.insert(goids.end(), group->goids.begin(), group->goids.end());
  std::ranges::sort(goids);
  return goids;
}

// Without what is of each goroutine.
StackGroup like_of(const StackSite& site) {
  const StackGroup& first = site.first();
  StackGroup like;
  like.frames = first.frames;
  like.created_by = first.created_by;
  like.state = first.state;
  return like;
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
    if (series.counts.empty()) {  // the largest comes first
      series.like = like_of(site);
      series.blocked_at = site.blocked_at;
    }
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
    series.like = std::move(found.like);
    series.blocked_at = std::move(found.blocked_at);
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
  auto found = series_.find(key_of(site));
  return growth_of(found == series_.end() ? nullptr : &found->second);
}

findings::Growth SiteGrowth::growth_of(const Series* series) const {
  findings::Growth growth;
  for (std::size_t i = 0; i < seconds_.size(); ++i) {
    bool told = series != nullptr && i < series->counts.size();
    growth.samples.push_back({seconds_[i], told ? series->counts[i] : 0});
  }
  if (growth.samples.empty()) return growth;
  std::uint64_t first = growth.samples.front().count, last = growth.samples.back().count;
  growth.gone = series != nullptr && series->goids_told ? series->gone : 0;
  growth.stayed = std::min(first, last);
  growth.came = last - growth.stayed;
  return growth;
}

std::vector<findings::SiteSeries> SiteGrowth::list() const {
  std::vector<findings::SiteSeries> sites;
  for (const auto& [key, series] : series_) {
    findings::Growth growth = growth_of(&series);
    findings::SiteSeries site{.state = series.like.state,
                              .blocked_at = series.blocked_at,
                              .created_by = series.like.created_by,
                              .stack = series.like.frames,
                              .counts = {},
                              .gone = {}};
    for (const findings::Growth::Sample& sample : growth.samples)
      site.counts.push_back(sample.count);
    if (series.goids_told) site.gone = series.gone;
    if (is_steady(growth))
      site.confidence = seconds_.size() >= kPicturesOfGrowth ? findings::Confidence::kLikely
                                                             : findings::Confidence::kSuspected;
    sites.push_back(std::move(site));
  }
  std::ranges::stable_sort(sites, std::greater(), &findings::SiteSeries::change);
  return sites;
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
