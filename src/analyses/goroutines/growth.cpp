// The idea: a count that rises tells little (a load that rises does the same); that nobody who has
// come ever goes is what a leak is. So goroutines are followed by their number, at one site: who is
// elsewhere in the next picture has gone, even if it comes back.
//
// What is kept is the latest picture (a number and a site for each goroutine), and of those sites
// that have grown in every interval how many have gone, picture by picture.
//
// What this cannot tell: work that takes longer than all pictures together, whose goroutines come
// and stay while anybody looks (connections that clients keep, while there are more and more of
// these). Therefore it never proves anything. A leak that does not happen in every interval is not
// told either; longer intervals tell it.
#include "analyses/goroutines/growth.h"

namespace goshawk::analyses::goroutines {

void Growth::add(double seconds, std::span<const Sighting> picture) {
  auto number = static_cast<std::uint32_t>(seconds_.size());
  Stays now;
  now.reserve(picture.size());
  for (auto& [site, series] : growing_) series.grew = false;
  for (const Sighting& seen : picture) {
    auto before = stays_.find(seen.goid);
    bool stayed = before != stays_.end() && before->second.site == seen.site;
    now[seen.goid] = {seen.site, stayed ? before->second.since : number};
    if (number == 0) growing_[seen.site].grew = true;
    auto series = growing_.find(seen.site);
    if (!stayed && series != growing_.end()) series->second.grew = true;
  }
  count_gone(now);
  stays_ = std::move(now);
  seconds_.push_back(seconds);
  std::erase_if(growing_, [](const auto& entry) { return !entry.second.grew; });
}

void Growth::count_gone(const Stays& now) {
  for (const auto& [goid, stay] : stays_) {
    auto still = now.find(goid);
    if (still != now.end() && still->second.site == stay.site) continue;
    auto series = growing_.find(stay.site);
    if (series == growing_.end()) continue;
    std::vector<std::uint64_t>& former = series->second.former;
    former.resize(seconds_.size());
    for (std::size_t i = stay.since; i < former.size(); ++i) ++former[i];
    ++series->second.gone;
  }
}

std::vector<std::uint64_t> Growth::count_arrivals(std::span<const std::uint64_t> goids) const {
  std::vector<std::uint64_t> arrivals(seconds_.size());
  for (std::uint64_t goid : goids) {
    auto stay = stays_.find(goid);
    if (stay != stays_.end()) ++arrivals[stay->second.since];
  }
  return arrivals;
}

findings::Growth Growth::describe(std::span<const std::uint64_t> goids) const {
  std::vector<std::uint64_t> arrivals = count_arrivals(goids);
  findings::Growth growth;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < arrivals.size(); ++i)
    growth.samples.push_back({seconds_[i], count += arrivals[i]});
  growth.stayed = arrivals.empty() ? 0 : arrivals.front();
  growth.came = count - growth.stayed;
  return growth;
}

std::optional<findings::Growth> Growth::find_growth(SiteId site,
                                                    std::span<const std::uint64_t> goids) const {
  auto series = growing_.find(site);
  if (seconds_.size() < 2 || series == growing_.end()) return std::nullopt;
  for (std::uint64_t arrived : count_arrivals(goids))
    if (arrived == 0) return std::nullopt;
  std::uint64_t gone = series->second.gone;
  if (gone * 100 > (gone + goids.size()) * kMostGonePercent) return std::nullopt;
  findings::Growth growth = describe(goids);
  growth.gone = gone;
  for (std::size_t i = 0; i < series->second.former.size(); ++i)
    growth.samples[i].count += series->second.former[i];
  return growth;
}

}  // namespace goshawk::analyses::goroutines
