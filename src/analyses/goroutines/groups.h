// Goroutines of which the same is to be said, each such group being one finding: those with the
// same rule, wait reason, creation site and blocking site that are told with the same word.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyses/goroutines/cost.h"
#include "analyses/goroutines/holders.h"
#include "analyses/goroutines/rules.h"
#include "analyses/goroutines/sites.h"
#include "analyses/goroutines/suppression_matcher.h"
#include "analyses/goroutines/suspicions.h"
#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// What makes two leaked goroutines the same leak.
struct GroupKey {
  std::optional<SiteId> growing = {};  // none: proven or held
  Holder holder = Holder::kNone;       // kNone: proven
  Suspicion suspicion = Suspicion::kNone;
  std::string_view rule, wait_reason;
  findings::CodePlace created, blocked;
  std::string test = {};         // that started them
  std::size_t entry = kNoEntry;  // the suppression that it falls under
  auto operator<=>(const GroupKey&) const = default;
};
using Group = std::vector<const snapshot::Goroutine*>;

class Groups {
 public:
  // The picture must outlive it.
  explicit Groups(const snapshot::Snapshot& snapshot);

  void add(const snapshot::Goroutine& goroutine, Holder holder = Holder::kNone,
           Suspicion suspicion = Suspicion::kNone);
  // Of one site.
  void add_growing(SiteId site, std::string_view rule, const Group& members);
  // Once all are added: groups that are one leak become one.
  void join();
  // Not before rules are final: they are what an entry may name.
  void suppress(SuppressionMatcher& matcher);

  const std::map<GroupKey, Group>& all() const { return groups_; }
  // In the order of all(), as the next one.
  std::vector<std::vector<GoroutineIndex>> members() const;
  std::vector<std::size_t> entries() const;    // under which entry each falls
  bool of_tests() const { return of_tests_; }  // the program is a test binary
  const WaiterCounts& waiters() const { return waiters_; }

 private:
  std::string_view rule_of(const snapshot::Goroutine& goroutine, Holder holder,
                           Suspicion suspicion) const;
  void join_lost_cancels();
  void join_sends();
  void join_rings();
  GoroutineIndex index_of(const snapshot::Goroutine* goroutine) const;

  const snapshot::Snapshot& snapshot_;
  WaiterCounts waiters_;
  bool of_tests_;
  std::map<GroupKey, Group> groups_;
};

}  // namespace goshawk::analyses::goroutines
