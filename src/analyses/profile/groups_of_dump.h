// A goroutine dump as groups of goroutines.
#pragma once

#include <compare>

#include "analyses/profile/stack_groups.h"
#include "dumps/dumps.h"

namespace goshawk::analyses::profile {

StackGroups group_goroutines(const dumps::Dumps& dumps, const dumps::Dump& dump);

// The group that a goroutine is in, with nothing in it yet but what all of it have in common.
StackGroup begin_group(const dumps::Dumps& dumps, const dumps::Goroutine& goroutine);

// Goroutines of which these are the same are in one group.
struct GroupKey {
  dumps::StackId stack = 0;
  dumps::TextId state = 0;
  bool leaked = false;
  bool is_main = false;

  static GroupKey of(const dumps::Goroutine& goroutine);
  auto operator<=>(const GroupKey&) const = default;
};

}  // namespace goshawk::analyses::profile
