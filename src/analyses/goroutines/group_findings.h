// What is said of a group: its finding, with the word for how sure it is, why, and how to mend it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analyses/goroutines/context_makers.h"
#include "analyses/goroutines/groups.h"
#include "analyses/goroutines/holding_paths.h"
#include "analyses/goroutines/judgement.h"
#include "analyses/goroutines/leaks.h"
#include "analyses/goroutines/suspicions.h"
#include "findings/finding.h"
#include "snapshot/holding_path.h"

namespace goshawk::analyses::goroutines {

class GroupFindings {
 public:
  // All must outlive it. describer: null, how anybody is held is not told; series: null, there is
  // one picture only; suspicions: null, nobody is suspected.
  GroupFindings(const Judgement& judgement, snapshot::PathDescriber* describer,
                const Series* series, const Suspicions* suspicions)
      : judgement_(judgement),
        snapshot_(judgement.snapshot),
        describer_(describer),
        series_(series),
        suspicions_(suspicions) {}

  // In the order of Groups::all(). Costs, locks and other goroutines are not told yet.
  std::vector<findings::Finding> of(const Groups& groups) const;

 private:
  findings::Finding make(const GroupKey& key, const Group& members) const;
  void add_endless_function(findings::Finding& finding, const Group& members) const;
  void add_test(findings::Finding& finding, const Group& members) const;
  findings::Finding name(const GroupKey& key, const snapshot::Goroutine& first) const;
  std::string tell_why(const GroupKey& key, const findings::Finding& finding,
                       const snapshot::Goroutine& first) const;
  std::vector<ContextMaker> add_context(findings::Finding& finding, const GroupKey& key,
                                        const snapshot::Goroutine& first) const;
  std::string why_nobody_wakes(const snapshot::Goroutine& goroutine) const;
  void add_growth(findings::Finding& finding, const GroupKey& key) const;
  void add_suspicion(findings::Finding& finding, const GroupKey& key, const Group& members) const;
  void add_path_of_growing(findings::Finding& finding, const snapshot::Goroutine& first) const;
  void add_path(findings::Finding& finding, const snapshot::HoldingPath& path) const;
  std::size_t index_of(const snapshot::Goroutine& goroutine) const;
  std::map<GroupKey, std::string> compute_fingerprints(
      const std::map<GroupKey, Group>& groups) const;

  const Judgement& judgement_;
  const snapshot::Snapshot& snapshot_;
  snapshot::PathDescriber* describer_;
  const Series* series_;
  const Suspicions* suspicions_;
  mutable std::unique_ptr<HoldingPaths> own_paths_;  // where the holders have needed none
};

}  // namespace goshawk::analyses::goroutines
