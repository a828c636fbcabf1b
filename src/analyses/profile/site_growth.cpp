// A count that rises tells little of itself (a load that rises does the same); that few of those
// who come ever go tells more, and where ids are told, they are followed. Sites are the same by
// function and line: files of one program.
#include "analyses/profile/site_growth.h"

#include <algorithm>
#include <functional>

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

// How many of the first are not in the second. Both ascend.
std::uint64_t count_missing(std::span<const std::uint64_t> before,
                            std::span<const std::uint64_t> after) {
  std::uint64_t missing = 0;
  auto at = after.begin();
  for (std::uint64_t goid : before) {
    while (at != after.end() && *at < goid) ++at;
    missing += at == after.end() || *at != goid;
  }
  return missing;
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

SiteGrowth::SiteNumber SiteGrowth::number_of(const StackSite& site) {
  auto [found, is_new] =
      numbers_.try_emplace(key_of(site), static_cast<SiteNumber>(series_.size()));
  if (is_new) series_.push_back({.like = like_of(site), .blocked_at = site.blocked_at});
  return found->second;
}

void SiteGrowth::note(SiteNumber site, std::uint64_t count, std::span<const std::uint64_t> goids) {
  Series& series = series_[site];
  series.count_now += count;
  series.goids_now.insert(series.goids_now.end(), goids.begin(), goids.end());
  series.goids_told = series.goids_told && !goids.empty();
}

void SiteGrowth::add(double seconds, const StackGroups& groups) {
  for (const StackSite& site : find_sites(groups)) {
    SiteNumber number = number_of(site);
    Series& series = series_[number];
    if (series.count_now == 0) {  // the largest comes first
      series.like = like_of(site);
      series.blocked_at = site.blocked_at;
    }
    note(number, site.count, goids_of(site));
  }
  end_picture(seconds, groups.goroutines);
}

void SiteGrowth::end_picture(double seconds, std::uint64_t goroutines) {
  for (Series& series : series_) end_picture(series);
  seconds_.push_back(seconds);
  pictures_.push_back({.seconds = seconds, .goroutines = goroutines});
}

void SiteGrowth::end_picture(Series& series) {
  std::ranges::sort(series.goids_now);
  series.gone += count_missing(series.goids, series.goids_now);
  series.goids.swap(series.goids_now);
  series.goids_now.clear();
  if (series.count_now == 0) return;
  series.counts.resize(seconds_.size());
  series.counts.push_back(series.count_now);
  series.count_now = 0;
}

findings::Growth SiteGrowth::of(const StackSite& site) const {
  auto found = numbers_.find(key_of(site));
  return growth_of(found == numbers_.end() ? nullptr : &series_[found->second]);
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
  for (const auto& [key, number] : numbers_) {
    const Series& series = series_[number];
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
