// The system's own are not told by growth, nor main, nor of whom a fact is in doubt (where it waits
// is in its stack; where it was started is not). Where nothing could be proven of the whole
// picture, growth still tells.
#include "analyses/goroutines/growing_sites.h"

#include "analyses/goroutines/proof.h"
#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;

void GrowingSites::add(std::size_t goroutine, Standing standing) {
  const Goroutine& found = snapshot_.goroutines[goroutine];
  if (standing != Standing::kUnknown && !found.system &&
      (found.stack_complete || is_at_work(found)) && found.goid != kMainGoroutine)
    sites_[series_.last[goroutine].site].push_back(&found);
}

std::vector<std::size_t> GrowingSites::tell(Groups& groups) const {
  std::vector<std::size_t> told;
  for (const auto& [site, members] : sites_) {
    std::vector<std::uint64_t> goids;
    for (const Goroutine* member : members) goids.push_back(member->goid);
    if (!series_.growth.find_growth(site, goids)) continue;
    std::string_view rule = choose_rule_of_growth(snapshot_, groups.waiters(), *members.front());
    if (rule.empty()) continue;
    groups.add_growing(site, rule, members);
    for (const Goroutine* member : members)
      told.push_back(static_cast<std::size_t>(member - snapshot_.goroutines.data()));
  }
  return told;
}

}  // namespace goshawk::analyses::goroutines
