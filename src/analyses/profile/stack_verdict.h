// All that goroutines' stacks tell of leaks, as findings.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "analyses/profile/site_growth.h"
#include "analyses/profile/stack_groups.h"
#include "findings/finding.h"
#include "findings/suppressions.h"

namespace goshawk::analyses::profile {

struct StackEvidence {
  std::string noun;                    // what it is called: "dump", "profile"
  const SiteGrowth* growth = nullptr;  // of several, of which the groups are the last; null: of one
};

// Whoever is blocked and in no finding is undecided: stacks do not tell who could wake them.
findings::Verdict judge_stacks(const StackGroups& groups, const StackEvidence& evidence,
                               std::span<const findings::Suppression> suppressions);

// Gives findings their fingerprints and puts the weightiest first.
void name_and_sort(findings::Verdict& verdict);

}  // namespace goshawk::analyses::profile
