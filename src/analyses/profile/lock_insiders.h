// Who may hold a lock for which others wait: stacks do not say it, but who has come further in the
// same code is who to look at.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analyses/profile/stack_sites.h"

namespace goshawk::analyses::profile {

struct Insiders {
  // In the function in which the others wait, and past the lock in it.
  std::vector<const StackGroup*> beyond;
  // Waiters that have come to the lock through another method of the same type.
  std::vector<const StackGroup*> twice;
};

Insiders find_insiders(const StackSite& site, std::span<const StackSite> sites);

// Sentences; one that says so when there are none.
std::vector<std::string> describe_insiders(const Insiders& insiders, const StackSite& site);

}  // namespace goshawk::analyses::profile
