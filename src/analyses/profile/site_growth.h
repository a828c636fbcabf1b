// How many goroutines each site had in several dumps or profiles of one program, one after another.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "analyses/profile/stack_sites.h"
#include "findings/finding.h"
#include "findings/stack_series.h"

namespace goshawk::analyses::profile {

class SiteGrowth {
 public:
  // `seconds` after the first one; 0 for all: that is not known. What is added last is judged.
  void add(double seconds, const StackGroups& groups);

  std::size_t size() const { return seconds_.size(); }
  const std::vector<findings::PictureTaken>& pictures() const { return pictures_; }
  // Of a site of the last one.
  findings::Growth of(const StackSite& site) const;
  // All sites that there ever were, what grew most first.
  std::vector<findings::SiteSeries> list() const;
  // By so much, and so steadily, that it says something: it grew from each to the next.
  static bool is_steady(const findings::Growth& growth);

 private:
  using Key =
      std::tuple<std::string, std::string, std::uint32_t, std::string, std::string, std::uint32_t>;
  static Key key_of(const StackSite& site);

  struct Series {
    StackGroup like = {};  // one of its groups, of the last one that it was in
    findings::CodePlace blocked_at = {};
    std::vector<std::uint64_t> counts;  // of the first ones: those after it are 0
    std::vector<std::uint64_t> goids;   // in the last one that it was in, ascending
    std::uint64_t gone = 0;
    bool goids_told = true;
  };

  findings::Growth growth_of(const Series* series) const;

  std::map<Key, Series> series_;
  std::vector<double> seconds_;
  std::vector<findings::PictureTaken> pictures_;
};

}  // namespace goshawk::analyses::profile
