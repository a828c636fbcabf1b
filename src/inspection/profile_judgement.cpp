#include "inspection/profile_judgement.h"

#include <utility>

#include "analyses/profile/groups_of_profile.h"
#include "analyses/profile/stack_verdict.h"
#include "inspection/judge.h"
#include "pprof/profile_kind.h"

namespace goshawk::inspection {

report::Judged judge_profile(const std::string& name, const pprof::Profile& profile,
                             const Accepted& accepted) {
  bool leaked = pprof::kind_of(profile) == pprof::ProfileKind::kGoroutineLeak;
  auto groups = analyses::profile::group_goroutines(profile, pprof::shown_values(profile), leaked);
  HoldingSuppressions suppressions = find_holding(accepted);
  report::Judged judged;
  judged.target.name = name;
  judged.target.kind = "profile";
  judged.picture.way = "profile";
  judged.picture.taken_unix_ns = profile.time_ns;
  judged.verdict =
      analyses::profile::judge_stacks(groups, {.noun = "profile"}, suppressions.holding);
  note_accepted(judged.verdict, accepted, std::move(suppressions));
  return judged;
}

}  // namespace goshawk::inspection
