// How many goroutines each site had in the dumps of one log, one after another.
#pragma once

#include <map>

#include "analyses/profile/groups_of_dump.h"
#include "analyses/profile/site_growth.h"
#include "dumps/dumps.h"

namespace goshawk::analyses::profile {

// Adds to `into` what SiteGrowth::add() would of a dump's groups, a hundred times as fast: a log
// may have thousands of dumps, and most stacks stand in each of them.
class DumpGrowth {
 public:
  // Both must outlive it.
  DumpGrowth(const dumps::Dumps& dumps, SiteGrowth& into) : dumps_(&dumps), into_(&into) {}

  // `seconds` as SiteGrowth has them.
  void add(double seconds, const dumps::Dump& dump);

 private:
  SiteGrowth::SiteNumber site_of(const dumps::Goroutine& goroutine);

  const dumps::Dumps* dumps_;
  SiteGrowth* into_;
  std::map<GroupKey, SiteGrowth::SiteNumber> sites_;
};

}  // namespace goshawk::analyses::profile
