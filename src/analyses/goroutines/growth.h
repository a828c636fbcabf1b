// Which sites of a program grow, by several pictures of it: new goroutines come in every interval,
// and those that were there stay. Knows goroutines by number and site only, so that an earlier
// picture costs no more than that.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "findings/finding.h"

namespace goshawk::analyses::goroutines {

// What goroutines have in common that do the same (sites.h numbers them).
using SiteId = std::uint32_t;

struct Sighting {
  std::uint64_t goid = 0;
  SiteId site = 0;
};

// Two pictures show that something happened once; three, that it goes on. A server that starts up,
// or a pool that takes up a burst, adds goroutines in one interval and rests in the next.
inline constexpr std::size_t kPicturesOfGrowth = 3;

// Of all that were ever seen at the site, so many in a hundred may have left it. Goroutines that do
// work leave by the dozen; but one may be cancelled, or be seen in the moment in which it does
// something else (one in twenty: then the others are so many that they tell).
inline constexpr std::uint64_t kMostGonePercent = 5;

class Growth {
 public:
  // The next picture of the same process: every goroutine once.
  void add(double seconds, std::span<const Sighting> picture);
  std::size_t pictures() const { return seconds_.size(); }

  // Of goroutines that the last picture has, at one site: since when they are there. More at a site
  // that may be growing: who has gone meanwhile.
  findings::Growth describe(std::span<const std::uint64_t> goids) const;
  // The same where it grows: in every interval one of these goroutines came, one of them was there
  // from the first, and nearly none has gone. Two pictures are enough for this.
  std::optional<findings::Growth> find_growth(SiteId site,
                                              std::span<const std::uint64_t> goids) const;

 private:
  struct Stay {
    SiteId site = 0;
    std::uint32_t since = 0;  // number of the picture; at this site in all from there on
  };
  struct Series {
    std::vector<std::uint64_t> former;  // by picture: how many of then have gone since
    std::uint64_t gone = 0;             // were at the site, and in a later picture were not
    bool grew = true;                   // in the latest interval
  };
  using Stays = std::unordered_map<std::uint64_t, Stay>;

  void count_gone(const Stays& now);
  std::vector<std::uint64_t> count_arrivals(std::span<const std::uint64_t> goids) const;

  std::vector<double> seconds_;
  Stays stays_;  // of the latest picture
  // Sites that have grown in every interval so far, which are few.
  std::unordered_map<SiteId, Series> growing_;
};

}  // namespace goshawk::analyses::goroutines
