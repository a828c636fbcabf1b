// Where goroutines wait: groups with different stacks that wait at one place, started by one
// statement.
#pragma once

#include <cstdint>
#include <vector>

#include "analyses/profile/stack_groups.h"
#include "analyses/profile/waits.h"
#include "findings/known_background.h"

namespace goshawk::analyses::profile {

struct StackSite {
  WaitFor wait = WaitFor::kUnknown;
  findings::CodePlace blocked_at = {};         // no function: their stacks were not told
  std::vector<const StackGroup*> groups = {};  // the largest first; all have one creator
  std::uint64_t count = 0;
  std::vector<std::uint32_t> wait_minutes = {};      // ascending, of those of whom it is told
  std::uint64_t creator_told = 0, creator_gone = 0;  // as in StackGroup
  const findings::KnownBackground* background = nullptr;
  bool of_runtime = false;  // the runtime's own

  const StackGroup& first() const { return *groups.front(); }
  std::uint64_t waiting_at_least(std::uint32_t minutes) const;
  std::uint32_t longest_minutes() const { return wait_minutes.empty() ? 0 : wait_minutes.back(); }
};

// The groups must outlive them. The largest first.
std::vector<StackSite> find_sites(const StackGroups& groups);

}  // namespace goshawk::analyses::profile
