// A site becomes a finding when a rule has something to say of it (stack_rules), or when it grows
// from each dump to the next. A finding is what a picture of the process would make of it, with the
// same rule and the same fingerprint where both say the same, so that one baseline and one
// suppression file do for both.
#include "analyses/profile/stack_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "analyses/profile/stack_rules.h"
#include "findings/advice.h"
#include "findings/function_name.h"

namespace goshawk::analyses::profile {

using findings::CodePlace;
using findings::Confidence;
using findings::Finding;
using findings::Suppression;
using findings::Verdict;

namespace {

constexpr std::size_t kNoEntry = static_cast<std::size_t>(-1);
constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::size_t kPicturesOfGrowth = 3;

class Suppressing {
 public:
  explicit Suppressing(std::span<const Suppression> entries)
      : entries_(entries), has_matched_(entries.size()) {}

  // The first entry that fits; those that would fit too count as used.
  std::size_t find(std::string_view rule, const StackSite& site, const StackGroup& group) {
    findings::SuppressionSubject subject{
        .rule = rule,
        .top = findings::normalize_function(site.blocked_at.function),
        .created_by = findings::normalize_function(group.created_by.function),
        .stack = {}};
    for (const CodePlace& frame : group.frames)
      subject.stack.push_back(findings::normalize_function(frame.function));
    std::size_t first = kNoEntry;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!matches(entries_[i], subject)) continue;
      has_matched_[i] = true;
      first = std::min(first, i);
    }
    return first;
  }

  const Suppression& entry(std::size_t number) const { return entries_[number]; }
  std::vector<Suppression> unused() const {
    std::vector<Suppression> unused;
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (!has_matched_[i]) unused.push_back(entries_[i]);
    return unused;
  }

 private:
  std::span<const Suppression> entries_;
  std::vector<bool> has_matched_;
};

// "main.main", "example.com/app/db.init", "main.init.0"
bool runs_at_start(std::string_view function) {
  std::string normal = findings::normalize_function(function);
  return normal == "main.main" || normal.ends_with(".init") || normal.ends_with(".init.#");
}

// As a program waits for its end (analyses/goroutines/parking.h).
std::string_view why_on_purpose(const StackSite& site) {
  if (site.first().is_main)
    return site.wait == WaitFor::kNoCases || site.wait == WaitFor::kNilChannel
               ? "it is main, which many programs let wait for ever"
               : "";
  bool alone = site.count == 1 && site.wait == WaitFor::kNoCases;
  return alone && runs_at_start(site.first().created_by.function)
             ? "it is the only one of its go statement, started by main or an init function, and "
               "waits in select {}"
             : "";
}

Finding make_finding(const StackSite& site, const Telling& telling) {
  const StackGroup& first = site.first();
  Finding finding;
  finding.rule = telling.rule;
  finding.confidence = telling.confidence;
  finding.wait_reason = first.state;
  finding.longest_wait_ns = site.longest_minutes() * kMinuteNs;
  finding.blocked_at = site.blocked_at;
  finding.created_at = first.created_by;
  finding.stack = first.frames;
  finding.evidence = telling.evidence;
  finding.title = telling.title;
  finding.advice = telling.advice;
  for (const StackGroup* group : site.groups) {
    finding.count += group->count;
    finding.goids.insert(finding.goids.end(), group->goids.begin(), group->goids.end());
  }
  std::ranges::sort(finding.goids);
  return finding;
}

// Of a part of a site's groups.
StackSite with_groups(const StackSite& site, std::vector<const StackGroup*> groups) {
  StackSite part = site;
  part.groups = std::move(groups);
  part.count = 0;
  part.wait_minutes.clear();
  for (const StackGroup* group : part.groups) {
    part.count += group->count;
    part.wait_minutes.insert(part.wait_minutes.end(), group->wait_minutes.begin(),
                             group->wait_minutes.end());
  }
  std::ranges::sort(part.wait_minutes);
  return part;
}

// What grows comes first; then the surest, then the largest.
void sort_by_weight(std::vector<Finding>& findings) {
  std::ranges::stable_sort(findings, [](const Finding& a, const Finding& b) {
    auto grows = [](const Finding& one) {
      return one.growth && SiteGrowth::is_steady(*one.growth);
    };
    return std::tuple(!grows(a), a.confidence, b.count) <
           std::tuple(!grows(b), b.confidence, a.count);
  });
}

class Judge {
 public:
  Judge(const StackGroups& groups, const StackEvidence& evidence,
        std::span<const Suppression> suppressions)
      : groups_(groups),
        evidence_(evidence),
        sites_(find_sites(groups)),
        picture_{groups, sites_},
        suppressing_(suppressions) {}

  Verdict judge() {
    verdict_.checked.goroutines = groups_.goroutines + groups_.not_read;
    count_unknown(groups_.not_read, fmt::format("cut or garbled in the {}", evidence_.noun));
    for (const StackSite& site : sites_) judge_site(site);
    for (auto& [entry, findings] : apart_)
      verdict_.suppressed.push_back({suppressing_.entry(entry), std::move(findings)});
    name_and_sort(verdict_);
    verdict_.suppressions.unused = suppressing_.unused();
    if (evidence_.growth != nullptr && evidence_.growth->size() > 1)
      verdict_.pictures = evidence_.growth->pictures();
    return std::move(verdict_);
  }

 private:
  void judge_site(const StackSite& site) {
    std::optional<findings::Growth> growth = find_growth(site);
    std::optional<Telling> telling = tell(site, growth);
    if (!telling) return count_untold(site);
    if (std::string_view purpose = why_on_purpose(site); !purpose.empty())
      return park(site, *telling, purpose);
    std::map<std::size_t, std::vector<const StackGroup*>> by_entry;
    for (const StackGroup* group : site.groups)
      by_entry[suppressing_.find(telling->rule, site, *group)].push_back(group);
    for (auto& [entry, members] : by_entry) {
      Finding finding = make_finding(with_groups(site, std::move(members)), *telling);
      if (growth && growth->samples.size() > 1) finding.growth = growth;
      if (entry == kNoEntry) count_told(finding);
      verdict_.checked.suppressed += entry == kNoEntry ? 0 : finding.count;
      (entry == kNoEntry ? verdict_.findings : apart_[entry]).push_back(std::move(finding));
    }
  }

  std::optional<findings::Growth> find_growth(const StackSite& site) const {
    if (evidence_.growth == nullptr) return std::nullopt;
    return evidence_.growth->of(site);
  }

  std::optional<Telling> tell(const StackSite& site,
                              const std::optional<findings::Growth>& growth) const {
    std::optional<Telling> telling = tell_by_stacks(site, picture_);
    if (telling && telling->confidence == Confidence::kProven) return telling;
    bool grows = growth && SiteGrowth::is_steady(*growth) && !site.first().is_main &&
                 !site.of_runtime && !rule_of_wait(site.wait).empty();
    if (grows && !telling) telling = tell_growth(site);
    if (!telling) return std::nullopt;
    if (grows && growth->samples.size() >= kPicturesOfGrowth)
      telling->confidence = Confidence::kLikely;
    telling->evidence.push_back(fmt::format(
        "who could still wake them, and what memory they hold, no {} tells: of the running process "
        "`goshawk PID` does, of a core `goshawk CORE`",
        evidence_.noun));
    return telling;
  }

  Telling tell_growth(const StackSite& site) const {
    Telling telling{.rule = rule_of_wait(site.wait)};
    telling.evidence.push_back(describe_waits(site, picture_));
    const std::string& creator = site.first().created_by.function;
    auto library = findings::find_library_advice(telling.rule, site.blocked_at.function, creator);
    telling.advice =
        library ? std::string(library->advice)
                : findings::advise_by_rule(
                      telling.rule,
                      creator.empty() ? "the creator" : findings::shorten_type_arguments(creator));
    return telling;
  }

  void park(const StackSite& site, const Telling& telling, std::string_view purpose) {
    Finding finding = make_finding(site, telling);
    finding.evidence.emplace_back(purpose);
    finding.advice.clear();
    verdict_.checked.parked += finding.count;
    verdict_.parked.push_back(std::move(finding));
  }

  void count_told(const Finding& finding) {
    if (finding.confidence == Confidence::kProven)
      verdict_.checked.leaked += finding.count;
    else if (finding.confidence == Confidence::kLikely)
      verdict_.checked.likely += finding.count;
    else
      count_unknown(finding.count, "suspected, by their stacks alone");
  }

  void count_untold(const StackSite& site) {
    if (site.background != nullptr) return add_background(site);
    bool is_open = is_blocked(site.wait) || (site.wait == WaitFor::kUnknown && !site.of_runtime);
    if (!is_open) {
      verdict_.checked.alive += site.count;
    } else if (site.wait == WaitFor::kUnknown) {
      count_unknown(site.count, "neither their state nor their stack says what they wait for");
    } else {
      count_unknown(site.count,
                    fmt::format("a {} tells what they wait for, not who could still wake them",
                                evidence_.noun));
    }
  }

  void add_background(const StackSite& site) {
    verdict_.checked.alive += site.count;
    std::vector<std::uint64_t> goids;
    for (const StackGroup* group : site.groups)
      goids.insert(goids.end(), group->goids.begin(), group->goids.end());
    std::ranges::sort(goids);
    if (goids.empty()) return;
    verdict_.background.push_back({std::string(site.background->function),
                                   std::string(site.background->reason), std::move(goids)});
  }

  void count_unknown(std::uint64_t count, std::string reason) {
    if (count == 0) return;
    verdict_.checked.unknown += count;
    verdict_.checked.unknown_reasons[std::move(reason)] += count;
  }

  const StackGroups& groups_;
  const StackEvidence& evidence_;
  std::vector<StackSite> sites_;
  StackPicture picture_;
  Suppressing suppressing_;
  Verdict verdict_;
  std::map<std::size_t, std::vector<Finding>> apart_;
};

}  // namespace

// Those that names do not tell apart are numbered, the largest first.
void name_and_sort(Verdict& verdict) {
  std::map<std::string, std::uint64_t> twins;
  auto name_all = [&](std::vector<Finding>& findings) {
    std::ranges::stable_sort(findings, std::greater(), &Finding::count);
    for (Finding& finding : findings) {
      std::string plain = compute_fingerprint(finding);
      finding.fingerprint = compute_fingerprint(finding, twins[plain]++);
    }
  };
  name_all(verdict.findings);
  sort_by_weight(verdict.findings);
  for (findings::Suppressed& suppressed : verdict.suppressed) {
    name_all(suppressed.findings);
    sort_by_weight(suppressed.findings);
  }
  name_all(verdict.parked);
}

Verdict judge_stacks(const StackGroups& groups, const StackEvidence& evidence,
                     std::span<const Suppression> suppressions) {
  return Judge(groups, evidence, suppressions).judge();
}

}  // namespace goshawk::analyses::profile
