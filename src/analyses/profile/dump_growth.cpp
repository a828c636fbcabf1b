// A stack is judged where it is met first: the group of it alone is at the same site as the groups
// of all dumps that it is in.
#include "analyses/profile/dump_growth.h"

namespace goshawk::analyses::profile {

void DumpGrowth::add(double seconds, const dumps::Dump& dump) {
  for (const dumps::Goroutine& goroutine : dumps_->goroutines_of(dump))
    into_->note(site_of(goroutine), 1, {&goroutine.goid, 1});
  into_->end_picture(seconds, dump.count);
}

SiteGrowth::SiteNumber DumpGrowth::site_of(const dumps::Goroutine& goroutine) {
  GroupKey key = GroupKey::of(goroutine);
  auto found = sites_.find(key);
  if (found != sites_.end()) return found->second;
  StackGroups alone;
  alone.groups.push_back(begin_group(*dumps_, goroutine));
  SiteGrowth::SiteNumber number = into_->number_of(find_sites(alone).front());
  sites_.emplace(key, number);
  return number;
}

}  // namespace goshawk::analyses::profile
