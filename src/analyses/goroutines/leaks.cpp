// From states of goroutines to findings: proven ones, and apart from them likely ones, are grouped
// by rule, wait reason, creation site and blocking site (likely ones by their holder too);
// everything seen is counted once in Checked. What is suppressed is a group of its own. Who waits
// for ever on purpose (parking.h) is shown apart and called no leak. What leaks hold of the heap is
// measured when there are any.
// Of several pictures this is the last one; what is alive in it and grows is grouped by its site
// (growth.h) and called likely, or of two pictures only suspected, which leaves it alive. So does
// what looks stuck in this picture (suspicions.h).
#include "analyses/goroutines/leaks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "analyses/goroutines/advice.h"
#include "analyses/goroutines/background.h"
#include "analyses/goroutines/channel_referrers.h"
#include "analyses/goroutines/code_places.h"
#include "analyses/goroutines/context_chains.h"
#include "analyses/goroutines/cost.h"
#include "analyses/goroutines/locks.h"
#include "analyses/goroutines/network_waits.h"
#include "analyses/goroutines/parking.h"
#include "analyses/goroutines/rules.h"
#include "analyses/goroutines/sites.h"
#include "analyses/goroutines/suppression_matcher.h"
#include "analyses/goroutines/suspicions.h"
#include "analyses/goroutines/wording.h"

namespace goshawk::analyses::goroutines {

using findings::CodePlace;
using findings::Finding;
using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

// What makes two leaked goroutines the same leak.
struct GroupKey {
  std::optional<SiteId> growing = {};  // none: proven or held
  Holder holder = Holder::kNone;       // kNone: proven
  Suspicion suspicion = Suspicion::kNone;
  std::string_view rule, wait_reason;
  CodePlace created, blocked;
  std::size_t entry = kNoEntry;  // the suppression that it falls under
  auto operator<=>(const GroupKey&) const = default;
};

class Grouping {
 public:
  Grouping(const Snapshot& snapshot, const std::optional<Holders>& holders,
           snapshot::PathDescriber* describer, const Series* series)
      : snapshot_(snapshot),
        holders_(holders),
        describer_(describer),
        series_(series),
        waiters_(snapshot) {}

  void add(const Goroutine& goroutine, Holder holder = Holder::kNone,
           Suspicion suspicion = Suspicion::kNone) {
    std::string_view rule = suspicion == Suspicion::kNone
                                ? choose_rule(snapshot_, waiters_, goroutine)
                                : choose_rule_of_suspicion(snapshot_, waiters_, goroutine);
    groups_[{{},
             holder,
             suspicion,
             rule,
             snapshot_.strings[goroutine.wait_reason],
             instance_of(snapshot_, goroutine.created_by),
             instance_of(snapshot_, find_blocking_frame(snapshot_, goroutine))}]
        .push_back(&goroutine);
  }

  // Of one site.
  void add_growing(SiteId site, std::string_view rule,
                   const std::vector<const Goroutine*>& members) {
    groups_[{site, Holder::kNone, Suspicion::kNone, rule, {}, {}, {}}] = members;
  }

  // Of all that are alive and of whom nothing is told yet.
  void add_suspected(const Judgement& judgement, std::vector<bool> told) {
    suspicions_.emplace(judgement, waiters_, std::move(told));
    for (std::size_t i = 0; i < snapshot_.goroutines.size(); ++i)
      if (Suspicion suspicion = suspicions_->of(i); suspicion != Suspicion::kNone)
        add(snapshot_.goroutines[i], Holder::kNone, suspicion);
  }

  const WaiterCounts& waiters() const { return waiters_; }

  // Of a context that is gone only its channel is left. Where others wait at the same place for a
  // context that can still be told, these did so too.
  void join_lost_cancels() {
    for (auto& [key, members] : groups_) {
      if (key.rule != "goroutine/lost-cancel" || key.growing) continue;
      for (std::string_view rule : {"goroutine/blocked-receive", "goroutine/blocked-select"}) {
        auto twin = groups_.find(
            {{}, key.holder, key.suspicion, rule, key.wait_reason, key.created, key.blocked});
        if (twin == groups_.end()) continue;
        members.insert(members.end(), twin->second.begin(), twin->second.end());
        twin->second.clear();
      }
    }
    std::erase_if(groups_, [](const auto& group) { return group.second.empty(); });
  }

  // The reader of a result has not gone where another leaked goroutine still has the channel, and
  // where others of the place wait to send to one that has several senders they are all such.
  void join_sends() {
    std::vector<std::set<GoroutineIndex>> referrers = find_channel_referrers(snapshot_, members());
    std::vector<GroupKey> sends;
    std::size_t at = 0;
    for (const auto& [key, members] : groups_) {
      bool has_reader = !referrers[at++].empty();
      if (key.rule == "goroutine/abandoned-result" &&
          (has_reader || groups_.contains(as_send(key))))
        sends.push_back(key);
    }
    for (const GroupKey& key : sends) {
      std::vector<const Goroutine*> members = std::move(groups_.extract(key).mapped());
      std::vector<const Goroutine*>& all = groups_[as_send(key)];
      all.insert(all.end(), members.begin(), members.end());
    }
  }

  static GroupKey as_send(GroupKey key) {
    key.rule = "goroutine/blocked-send";
    return key;
  }

  // Not before rules are final: they are what an entry may name.
  void suppress(SuppressionMatcher& matcher) {
    std::map<GroupKey, std::vector<const Goroutine*>> parts;
    for (const auto& [key, members] : groups_) {
      std::map<std::size_t, std::vector<const Goroutine*>> by_entry;
      for (const Goroutine* member : members)
        by_entry[matcher.find(key.rule, *member)].push_back(member);
      GroupKey part = key;
      for (auto& [entry, fitting] : by_entry) {
        part.entry = entry;
        parts[part] = std::move(fitting);
      }
    }
    groups_ = std::move(parts);
  }

  // In the order of members().
  std::vector<Finding> findings() const {
    std::map<GroupKey, std::string> fingerprints = compute_fingerprints();
    std::vector<Finding> result;
    for (const auto& [key, members] : groups_) {
      result.push_back(make_finding(key, members));
      result.back().fingerprint = fingerprints.at(whole(key));
    }
    return result;
  }

  // Under which entry each falls, in the order of members().
  std::vector<std::size_t> entries() const {
    std::vector<std::size_t> result;
    for (const auto& [key, members] : groups_) result.push_back(key.entry);
    return result;
  }

  std::vector<std::vector<GoroutineIndex>> members() const {
    std::vector<std::vector<GoroutineIndex>> result;
    for (const auto& [key, members] : groups_) {
      result.emplace_back().reserve(members.size());
      for (const Goroutine* member : members)
        result.back().push_back(static_cast<GoroutineIndex>(member - snapshot_.goroutines.data()));
    }
    return result;
  }

 private:
  Finding make_finding(const GroupKey& key, const std::vector<const Goroutine*>& members) const {
    std::string_view rule = key.rule;
    const Goroutine& first = oldest(members);
    bool is_suspected = key.suspicion != Suspicion::kNone;
    bool is_proven = key.holder == Holder::kNone && !key.growing && !is_suspected;
    Finding finding = name(key, first);
    finding.confidence = is_proven      ? findings::Confidence::kProven
                         : is_suspected ? findings::Confidence::kSuspected
                                        : findings::Confidence::kLikely;
    finding.count = members.size();
    finding.wait_reason = snapshot_.strings[first.wait_reason];
    for (const Goroutine* member : members) {
      finding.goids.push_back(member->goid);
      finding.longest_wait_ns = std::max(finding.longest_wait_ns, member->wait_ns);
      finding.cost.stack_bytes += member->stack_bytes;
      finding.cost.descriptor_bytes += member->descriptor_bytes;
    }
    std::ranges::sort(finding.goids);
    add_growth(finding, key.growing);
    finding.evidence = {describe_waits(rule, snapshot_, members),
                        is_proven     ? why_nobody_wakes(first)
                        : key.growing ? describe_growth(*finding.growth)
                        : is_suspected
                            ? describe_suspicion(key.suspicion, suspicions_->knows_times())
                            : describe_holder(key.holder)};
    if (rule == "goroutine/lost-cancel")
      if (std::string chain = describe_context_chain(snapshot_, first); !chain.empty())
        finding.evidence.push_back(chain);
    if (key.holder != Holder::kNone && key.holder != Holder::kLock)
      add_path(finding, holders_->path_to(&first - snapshot_.goroutines.data()));
    if (is_suspected) {
      add_path(finding, suspicions_->path_to(&first - snapshot_.goroutines.data()));
      finding.evidence.emplace_back(
          "this may be wrong, and it counts as alive; whether there are more and more of them, "
          "several pictures tell");
    }
    bool is_of_timer =
        key.holder == Holder::kIdleTimer || key.suspicion == Suspicion::kStoppedTicker;
    finding.advice = is_of_timer ? advise_of_idle_timer() : advise(rule, snapshot_, first, members);
    return finding;
  }

  static GroupKey whole(GroupKey key) {
    key.entry = kNoEntry;
    return key;
  }

  // It speaks for its group as long as the program runs: no other will ever be older.
  static const Goroutine& oldest(const std::vector<const Goroutine*>& members) {
    return **std::ranges::min_element(members, {}, &Goroutine::goid);
  }

  // Of whole groups, whatever part of them is suppressed. Names alone cannot tell two closures of
  // one function apart: such twins are told by their order, at one place the proven ones first.
  std::map<GroupKey, std::string> compute_fingerprints() const {
    std::map<GroupKey, const Goroutine*> wholes;
    for (const auto& [key, members] : groups_) {
      const Goroutine*& first = wholes.try_emplace(whole(key), members.front()).first->second;
      if (const Goroutine& other = oldest(members); other.goid < first->goid) first = &other;
    }
    std::vector<std::pair<const GroupKey*, Finding>> named;
    for (const auto& [key, first] : wholes) named.emplace_back(&key, name(key, *first));
    std::ranges::stable_sort(named, {}, [](const auto& one) {
      return std::tie(one.second.blocked_at.function, one.second.blocked_at.line);
    });
    std::map<GroupKey, std::string> result;
    std::map<std::string, std::uint64_t> seen;
    for (const auto& [key, finding] : named) {
      std::uint64_t twin = seen[findings::compute_fingerprint(finding)]++;
      result[*key] = findings::compute_fingerprint(finding, twin);
    }
    return result;
  }

  // What a group is told by.
  Finding name(const GroupKey& key, const Goroutine& first) const {
    Finding finding;
    finding.rule = key.rule;
    finding.blocked_at = place_of(snapshot_, find_blocking_frame(snapshot_, first));
    finding.created_at = place_of(snapshot_, first.created_by);
    finding.stack = stack_of(snapshot_, first);
    return finding;
  }

  std::string why_nobody_wakes(const Goroutine& goroutine) const {
    if (goroutine.wait_count == 0)
      return "no other goroutine could end this wait, whatever it does";
    if (snapshot_.waits[goroutine.first_wait].place == snapshot::Place::kOwnStack)
      return "it lies on this goroutine's own stack, so nobody else could end this wait";
    return "unreachable from every live goroutine, global, timer, finalizer and thread";
  }

  void add_growth(Finding& finding, std::optional<SiteId> growing) const {
    if (series_ == nullptr) return;
    finding.growth = growing ? series_->growth.find_growth(*growing, finding.goids)
                             : series_->growth.describe(finding.goids);
    if (growing && series_->growth.pictures() < kPicturesOfGrowth)
      finding.confidence = findings::Confidence::kSuspected;
  }

  // How the first one is held, in Go's words.
  void add_path(Finding& finding, const snapshot::HoldingPath& path) const {
    if (describer_ == nullptr) return;
    std::string text = describer_->describe(path);
    if (!text.empty())
      finding.evidence.push_back((text.starts_with("in a ") ? "held " : "held by ") + text);
  }

  const Snapshot& snapshot_;
  const std::optional<Holders>& holders_;  // none: nobody is held
  snapshot::PathDescriber* describer_;
  const Series* series_;  // null: there is one picture only
  WaiterCounts waiters_;
  std::optional<Suspicions> suspicions_;
  std::map<GroupKey, std::vector<const Goroutine*>> groups_;
};

void measure_heap(const Snapshot& snapshot, const Grouping& leaked, snapshot::TypeTeller* types,
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

// Those that may be told by growth: the system's own are not, nor main, nor of whom a fact is in
// doubt (where it waits is in its stack; where it was started is not). Where nothing could be
// proven of the whole picture, growth still tells.
class GrowingSites {
 public:
  GrowingSites(const Snapshot& snapshot, const Series& series)
      : snapshot_(snapshot), series_(series) {}

  void add(std::size_t goroutine, Standing standing) {
    const Goroutine& found = snapshot_.goroutines[goroutine];
    if (standing != Standing::kUnknown && !found.system &&
        (found.stack_complete || is_at_work(found)) && found.goid != kMainGoroutine)
      sites_[series_.last[goroutine].site].push_back(&found);
  }

  // Those that grow become groups; gives their members.
  std::vector<std::size_t> tell(Grouping& groups) const {
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

 private:
  const Snapshot& snapshot_;
  const Series& series_;
  std::map<SiteId, std::vector<const Goroutine*>> sites_;
};

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

}  // namespace

findings::Verdict find_leaks(const Judgement& judgement, snapshot::PathDescriber* describer,
                             std::span<const findings::Suppression> suppressions,
                             const Series* series, snapshot::TypeTeller* types) {
  const Snapshot& snapshot = judgement.snapshot;
  const Proof& proof = judgement.proof;
  Grouping leaked(snapshot, judgement.holders, describer, series);
  Grouping parked(snapshot, judgement.holders, describer, series);
  Parking parking(snapshot);
  std::optional<GrowingSites> growing;
  if (series != nullptr) growing.emplace(snapshot, *series);
  findings::Verdict verdict;
  findings::Checked& checked = verdict.checked;
  std::vector<std::uint32_t> alive;
  checked.goroutines = snapshot.goroutines.size();
  std::vector<bool> is_told(snapshot.goroutines.size());  // by a stronger word than a suspicion
  Fates fates(snapshot.goroutines.size());
  for (std::size_t i = 0; i < snapshot.goroutines.size(); ++i) {
    const Goroutine& goroutine = snapshot.goroutines[i];
    Holder holder = judgement.holder_of(i);
    if (proof.states[i] == State::kUnknown) {
      count_unknown(checked, proof.unknown_reasons[i]);
      if (growing && !judgement.wakes) growing->add(i, judgement.standings[i].standing);
    } else if (proof.states[i] == State::kLeaked && !parking.why_on_purpose(goroutine).empty()) {
      ++checked.parked;
      is_told[i] = true;
      fates[i] = "parked for ever";
      parked.add(goroutine);
    } else if (proof.states[i] == State::kLeaked) {
      ++checked.leaked;
      is_told[i] = true;
      fates[i] = "proven leaked";
      leaked.add(goroutine);
    } else if (holder != Holder::kNone) {
      ++checked.likely;
      is_told[i] = true;
      fates[i] = "likely leaked";
      leaked.add(goroutine, holder);
    } else {
      ++checked.alive;
      alive.push_back(static_cast<std::uint32_t>(i));
      if (growing) growing->add(i, judgement.standings[i].standing);
    }
  }
  std::vector<std::size_t> told = growing ? growing->tell(leaked) : std::vector<std::size_t>();
  for (std::size_t i : told) is_told[i] = true;
  std::erase_if(alive, [&](std::uint32_t i) { return is_told[i]; });
  verdict.background = list_background(snapshot, alive);
  leaked.add_suspected(judgement, std::move(is_told));
  if (series != nullptr && series->growth.pictures() >= kPicturesOfGrowth)
    for (std::size_t i : told)
      count_likely_instead(checked, proof.states[i], proof.unknown_reasons[i]);
  leaked.join_lost_cancels();
  leaked.join_sends();
  SuppressionMatcher matcher(snapshot, suppressions);
  leaked.suppress(matcher);
  verdict.findings = leaked.findings();
  tell_locks(judgement, describer, fates, leaked.members(), verdict.findings);
  tell_channel_referrers(snapshot, leaked.members(), verdict.findings);
  tell_network_waits(snapshot, verdict.findings);
  if (!verdict.findings.empty() && snapshot.picture.has_references)
    measure_heap(snapshot, leaked, types, verdict);
  set_suppressed_apart(verdict, leaked.entries(), suppressions);
  for (std::size_t entry = 0; entry < suppressions.size(); ++entry)
    if (!matcher.has_matched(entry)) verdict.suppressions.unused.push_back(suppressions[entry]);
  verdict.parked = parked.findings();
  for (Finding& finding : verdict.parked) add_purpose(snapshot, parking, finding);
  for (const snapshot::Doubt& doubt : snapshot.doubts) verdict.doubts.push_back(doubt.what);
  return verdict;
}

}  // namespace goshawk::analyses::goroutines
