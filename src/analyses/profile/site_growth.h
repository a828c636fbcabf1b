// How many goroutines each site had in several dumps or profiles of one program, one after another.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "analyses/profile/stack_sites.h"
#include "findings/finding.h"
#include "findings/stack_series.h"

namespace goshawk::analyses::profile {

class SiteGrowth {
 public:
  using SiteNumber = std::uint32_t;

  // `seconds` after the first one; 0 for all: that is not known. What is added last is judged.
  void add(double seconds, const StackGroups& groups);

  // The same one site at a time: note() each goroutine's, then end_picture().
  SiteNumber number_of(const StackSite& site);
  void note(SiteNumber site, std::uint64_t count, std::span<const std::uint64_t> goids);
  void end_picture(double seconds, std::uint64_t goroutines);

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
    StackGroup like = {};  // one of its groups, of the last StackGroups that it was in
    findings::CodePlace blocked_at = {};
    std::vector<std::uint64_t> counts = {};  // of the first ones: those after it are 0
    std::vector<std::uint64_t> goids = {};   // in the last one that it was in, ascending
    std::uint64_t gone = 0;
    bool goids_told = true;
    std::uint64_t count_now = 0;  // of the one that is being noted
    std::vector<std::uint64_t> goids_now = {};
  };

  void end_picture(Series& series);
  findings::Growth growth_of(const Series* series) const;

  std::map<Key, SiteNumber> numbers_;
  std::vector<Series> series_;  // by number
  std::vector<double> seconds_;
  std::vector<findings::PictureTaken> pictures_;
};

}  // namespace goshawk::analyses::profile
