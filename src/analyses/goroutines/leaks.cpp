// From states of goroutines to findings: proven ones, and apart from them likely ones, are grouped
// by rule, wait reason, creation site and blocking site (likely ones by their holder too);
// everything seen is counted once in Checked. What is suppressed is a group of its own. Who waits
// for ever on purpose (parking.h) is shown apart and called no leak. What leaks hold of the heap is
// measured when there are any.
// Of several pictures this is the last one; what is alive in it and grows is grouped by its site
// (growth.h) and called likely, or of two pictures only suspected, which leaves it alive. So does
// what looks stuck in this picture (suspicions.h).
#include "analyses/goroutines/leaks.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "analyses/goroutines/background.h"
#include "analyses/goroutines/channel_referrers.h"
#include "analyses/goroutines/cost.h"
#include "analyses/goroutines/group_findings.h"
#include "analyses/goroutines/groups.h"
#include "analyses/goroutines/growing_sites.h"
#include "analyses/goroutines/locks.h"
#include "analyses/goroutines/network_waits.h"
#include "analyses/goroutines/parking.h"
#include "analyses/goroutines/suppression_matcher.h"
#include "analyses/goroutines/suspicions.h"

namespace goshawk::analyses::goroutines {

using findings::Finding;
using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

void measure_heap(const Snapshot& snapshot, const Groups& leaked, snapshot::TypeTeller* types,
                  findings::Verdict& verdict) {
  RetainedBytes retained = compute_retained_bytes(snapshot, leaked.members(), types);
  for (std::size_t i = 0; i < verdict.findings.size(); ++i) {
    verdict.findings[i].cost.retained_bytes = retained.of_groups[i];
    verdict.findings[i].cost.largest_types = std::move(retained.largest_types[i]);
  }
  verdict.shared_retained_bytes = retained.shared;
}

bool grows(const Finding& finding) {
  return finding.growth && finding.confidence != findings::Confidence::kSuspected &&
         finding.growth->samples.back().count > finding.growth->samples.front().count;
}

// What grows comes first where several pictures were asked for; then the surest, of these what is
// its own cause (a ring), then the dearest.
void sort_by_weight(std::vector<Finding>& findings) {
  std::ranges::stable_sort(findings, [](const Finding& a, const Finding& b) {
    return std::tuple(!grows(a), a.confidence, a.ring.empty(), b.cost.total_bytes(), b.count) <
           std::tuple(!grows(b), b.confidence, b.ring.empty(), a.cost.total_bytes(), a.count);
  });
}

// Groups of parked ones have one member each, by the rules.
void add_purpose(const Snapshot& snapshot, const Parking& parking, Finding& finding) {
  auto member = std::ranges::find(snapshot.goroutines, finding.goids.front(), &Goroutine::goid);
  finding.evidence.emplace_back(parking.why_on_purpose(*member));
  finding.advice.clear();
}

void count_unknown(findings::Checked& checked, std::string_view reason) {
  ++checked.unknown;
  ++checked.unknown_reasons[std::string(reason)];
}

void count_likely_instead(findings::Checked& checked, State state, std::string_view reason) {
  ++checked.likely;
  if (state != State::kUnknown) {
    --checked.alive;
    return;
  }
  --checked.unknown;
  auto counted = checked.unknown_reasons.find(std::string(reason));
  if (--counted->second == 0) checked.unknown_reasons.erase(counted);
}

// Where goroutines of such a finding were counted. Those that are suspected are alive still.
std::uint64_t& counter_of(findings::Checked& checked, findings::Confidence confidence) {
  if (confidence == findings::Confidence::kProven) return checked.leaked;
  return confidence == findings::Confidence::kLikely ? checked.likely : checked.alive;
}

// What falls under an entry is no finding. `entries`: of each finding.
void set_suppressed_apart(findings::Verdict& verdict, const std::vector<std::size_t>& entries,
                          std::span<const findings::Suppression> suppressions) {
  std::map<std::size_t, std::vector<Finding>> apart;
  findings::Checked& checked = verdict.checked;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Finding& finding = verdict.findings[i];
    if (entries[i] != kNoEntry) {
      counter_of(checked, finding.confidence) -= finding.count;
      checked.suppressed += finding.count;
    }
    apart[entries[i]].push_back(std::move(finding));
  }
  verdict.findings = std::move(apart[kNoEntry]);
  sort_by_weight(verdict.findings);
  apart.erase(kNoEntry);
  for (auto& [entry, findings] : apart) {
    sort_by_weight(findings);
    verdict.suppressed.push_back({suppressions[entry], std::move(findings)});
  }
}

// What was decided of each goroutine, before anything weaker is asked of those that are alive.
struct Sorted {
  explicit Sorted(const Snapshot& snapshot)
      : leaked(snapshot),
        parked(snapshot),
        fates(snapshot.goroutines.size()),
        is_told(snapshot.goroutines.size()) {}

  Groups leaked, parked;
  Fates fates;
  std::vector<bool> is_told;  // by a stronger word than a suspicion
  std::vector<std::uint32_t> alive;
};

void sort_by_fate(const Judgement& judgement, const Parking& parking,
                  std::optional<GrowingSites>& growing, Sorted& sorted,
                  findings::Checked& checked) {
  const Proof& proof = judgement.proof;
  auto tell = [&](std::size_t i, std::string_view fate, std::uint64_t& counter) {
    ++counter;
    sorted.is_told[i] = true;
    sorted.fates[i] = fate;
  };
  for (std::size_t i = 0; i < proof.states.size(); ++i) {
    const Goroutine& goroutine = judgement.snapshot.goroutines[i];
    Holder holder = judgement.holder_of(i);
    if (proof.states[i] == State::kUnknown) {
      count_unknown(checked, proof.unknown_reasons[i]);
      if (growing && !judgement.wakes) growing->add(i, judgement.standings[i].standing);
    } else if (proof.states[i] == State::kLeaked && !parking.why_on_purpose(goroutine).empty()) {
      tell(i, "parked for ever", checked.parked);
      sorted.parked.add(goroutine);
    } else if (proof.states[i] == State::kLeaked) {
      tell(i, "proven leaked", checked.leaked);
      sorted.leaked.add(goroutine);
    } else if (holder != Holder::kNone) {
      tell(i, "likely leaked", checked.likely);
      sorted.leaked.add(goroutine, holder);
    } else {
      ++checked.alive;
      sorted.alive.push_back(static_cast<std::uint32_t>(i));
      if (growing) growing->add(i, judgement.standings[i].standing);
    }
  }
}

}  // namespace

findings::Verdict find_leaks(const Judgement& judgement, snapshot::PathDescriber* describer,
                             std::span<const findings::Suppression> suppressions,
                             const Series* series, snapshot::TypeTeller* types) {
  const Snapshot& snapshot = judgement.snapshot;
  Parking parking(snapshot);
  std::optional<GrowingSites> growing;
  if (series != nullptr) growing.emplace(snapshot, *series);
  findings::Verdict verdict;
  verdict.checked.goroutines = snapshot.goroutines.size();
  Sorted sorted(snapshot);
  sort_by_fate(judgement, parking, growing, sorted, verdict.checked);
  Groups& leaked = sorted.leaked;

  std::vector<std::size_t> told = growing ? growing->tell(leaked) : std::vector<std::size_t>();
  for (std::size_t i : told) sorted.is_told[i] = true;
  std::erase_if(sorted.alive, [&](std::uint32_t i) { return sorted.is_told[i]; });
  verdict.background = list_background(snapshot, sorted.alive);
  Suspicions suspicions(judgement, leaked.waiters(), std::move(sorted.is_told));
  for (std::size_t i = 0; i < snapshot.goroutines.size(); ++i)
    if (Suspicion suspicion = suspicions.of(i); suspicion != Suspicion::kNone)
      leaked.add(snapshot.goroutines[i], Holder::kNone, suspicion);
  if (series != nullptr && series->growth.pictures() >= kPicturesOfGrowth)
    for (std::size_t i : told)
      count_likely_instead(verdict.checked, judgement.proof.states[i],
                           judgement.proof.unknown_reasons[i]);
  leaked.join();

  SuppressionMatcher matcher(snapshot, suppressions);
  leaked.suppress(matcher);
  GroupFindings group_findings(judgement, describer, series, &suspicions);
  verdict.findings = group_findings.of(leaked);
  tell_locks(judgement, describer, sorted.fates, leaked.members(), verdict.findings);
  tell_channel_referrers(snapshot, leaked.members(), verdict.findings);
  tell_network_waits(snapshot, verdict.findings);
  if (!verdict.findings.empty() && snapshot.picture.has_references)
    measure_heap(snapshot, leaked, types, verdict);
  set_suppressed_apart(verdict, leaked.entries(), suppressions);
  for (std::size_t entry = 0; entry < suppressions.size(); ++entry)
    if (!matcher.has_matched(entry)) verdict.suppressions.unused.push_back(suppressions[entry]);
  verdict.parked = group_findings.of(sorted.parked);
  for (Finding& finding : verdict.parked) add_purpose(snapshot, parking, finding);
  for (const snapshot::Doubt& doubt : snapshot.doubts) verdict.doubts.push_back(doubt.what);
  return verdict;
}

}  // namespace goshawk::analyses::goroutines
