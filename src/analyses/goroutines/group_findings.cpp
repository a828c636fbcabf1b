// The oldest goroutine speaks for its group: it does so as long as the program runs, for no other
// will ever be older.
#include "analyses/goroutines/group_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "analyses/goroutines/advice.h"
#include "analyses/goroutines/code_places.h"
#include "analyses/goroutines/context_chains.h"
#include "analyses/goroutines/rules.h"
#include "analyses/goroutines/tests.h"
#include "analyses/goroutines/wording.h"
#include "findings/test_fingerprint.h"

namespace goshawk::analyses::goroutines {

using findings::Confidence;
using findings::Finding;
using snapshot::Goroutine;

namespace {

GroupKey whole(GroupKey key) {
  key.entry = kNoEntry;
  return key;
}

const Goroutine& oldest(const Group& members) {
  return **std::ranges::min_element(members, {}, &Goroutine::goid);
}

bool is_suspected(const GroupKey& key) { return key.suspicion != Suspicion::kNone; }

bool is_proven(const GroupKey& key) {
  return key.holder == Holder::kNone && !key.growing && !is_suspected(key);
}

Confidence confidence_of(const GroupKey& key) {
  if (is_proven(key)) return Confidence::kProven;
  return is_suspected(key) ? Confidence::kSuspected : Confidence::kLikely;
}

// The others are told by who has a lock, and by who cannot be stopped.
bool is_held_by_path(Holder holder) {
  switch (holder) {
    case Holder::kContextChildren:
    case Holder::kHttpRequests:
    case Holder::kFinalizer:
    case Holder::kIdleTimer:
    case Holder::kOwner:
      return true;
    default:
      return false;
  }
}

std::string_view title_by_holder(Holder holder) {
  switch (holder) {
    case Holder::kTicker:
      return "Loop that nobody can stop any more";
    case Holder::kEndless:
      return "Loop without an exit";
    case Holder::kListener:
      return "Server that nobody can stop any more";
    case Holder::kKeptSession:
      return "Session that nobody can close any more";
    default:
      return "";
  }
}

bool cannot_be_stopped(Holder holder) { return !title_by_holder(holder).empty(); }

bool is_of_timer(const GroupKey& key) {
  return key.holder == Holder::kIdleTimer || key.suspicion == Suspicion::kStoppedTicker;
}

bool is_receive(std::string_view rule) {
  return rule == "goroutine/blocked-receive" || rule == "goroutine/blocked-select";
}

// Many of them are kept by something, not each by something of its own.
bool is_of_registry(Suspicion suspicion) {
  return suspicion == Suspicion::kManyOfASite || suspicion == Suspicion::kParentReturned;
}

std::string list_some(const std::set<std::string>& texts, std::string_view between) {
  constexpr std::size_t kMost = 3;
  std::string list;
  std::size_t told = 0;
  for (const std::string& text : texts) {
    if (told == kMost) return list + fmt::format(" (and {} more)", texts.size() - told);
    if (told++ > 0) list += between;
    list += text;
  }
  return list;
}

}  // namespace

std::vector<Finding> GroupFindings::of(const Groups& groups) const {
  std::map<GroupKey, std::string> fingerprints = compute_fingerprints(groups.all());
  std::vector<Finding> result;
  for (const auto& [key, members] : groups.all()) {
    result.push_back(make(key, members));
    if (groups.of_tests()) add_test(result.back(), members);
    result.back().fingerprint = fingerprints.at(whole(key));
  }
  return result;
}

Finding GroupFindings::make(const GroupKey& key, const Group& members) const {
  const Goroutine& first = oldest(members);
  Finding finding = name(key, first);
  finding.confidence = confidence_of(key);
  finding.count = members.size();
  finding.test = key.test;
  finding.wait_reason = snapshot_.strings[first.wait_reason];
  for (const Goroutine* member : members) {
    finding.goids.push_back(member->goid);
    finding.longest_wait_ns = std::max(finding.longest_wait_ns, member->wait_ns);
    finding.cost.stack_bytes += member->stack_bytes;
    finding.cost.descriptor_bytes += member->descriptor_bytes;
  }
  std::ranges::sort(finding.goids);
  add_growth(finding, key);
  finding.evidence = {describe_waits(key.rule, snapshot_, members), tell_why(key, finding, first)};
  std::vector<ContextMaker> makers = add_context(finding, key, first);
  if (is_held_by_path(key.holder)) add_path(finding, judgement_.holders->path_to(index_of(first)));
  if (key.growing) add_path_of_growing(finding, first);
  if (is_suspected(key)) add_suspicion(finding, key, members);
  if (!key.growing && !is_suspected(key))
    finding.title = title_by_library(key.rule, snapshot_, first);
  if (cannot_be_stopped(key.holder)) finding.title = title_by_holder(key.holder);
  if (key.holder == Holder::kEndless) add_endless_function(finding, members);
  finding.advice = is_of_timer(key)                 ? advise_of_idle_timer()
                   : key.holder == Holder::kEndless ? advise_of_endless_loop()
                   : cannot_be_stopped(key.holder)
                       ? advise_of_what_cannot_be_stopped(snapshot_, first)
                       : advise(key.rule, snapshot_, first, members, makers);
  return finding;
}

// Where in the test it was started, as far as the stack does not show that, and by whom else; or
// why no test is named.
void GroupFindings::add_test(Finding& finding, const Group& members) const {
  std::set<std::string> places, reasons;
  for (const Goroutine* member : members) {
    TestOrigin origin = find_test_origin(snapshot_, *member);
    findings::CodePlace at = place_of(snapshot_, origin.at);
    if (!at.function.empty()) places.insert(fmt::format("{} ({})", at.function, line_text(at)));
    if (!origin.why_unknown.empty()) reasons.insert(origin.why_unknown);
  }
  if (!reasons.empty())
    finding.evidence.push_back(
        fmt::format("which test started it is not known: {}", list_some(reasons, ", or ")));
  if (!places.empty())
    finding.evidence.push_back(
        fmt::format("the test stood in {} then", list_some(places, " and in ")));
  if (std::uint64_t creator = find_test_origin(snapshot_, oldest(members)).living_creator)
    finding.evidence.push_back(
        fmt::format("it was started by way of goroutine {}, which this test had started and which "
                    "lives on: if that serves other tests too, one of them may be meant",
                    creator));
}

void GroupFindings::add_endless_function(Finding& finding, const Group& members) const {
  std::set<std::string> places;
  for (const Goroutine* member : members) {
    findings::CodePlace at = place_of(snapshot_, find_endless_frame(snapshot_, *member));
    places.insert(fmt::format("{} ({})", at.function, line_text(at)));
  }
  finding.evidence.push_back(
      fmt::format("by its code {} never returns from there", list_some(places, ", and ")));
}

// What a group is told by.
Finding GroupFindings::name(const GroupKey& key, const Goroutine& first) const {
  Finding finding;
  finding.rule = key.rule;
  finding.blocked_at = place_of(snapshot_, find_blocking_frame(snapshot_, first));
  finding.created_at = place_of(snapshot_, first.created_by);
  finding.stack = stack_of(snapshot_, first);
  return finding;
}

std::string GroupFindings::tell_why(const GroupKey& key, const Finding& finding,
                                    const Goroutine& first) const {
  if (is_proven(key)) return why_nobody_wakes(first);
  if (key.growing) return describe_growth(*finding.growth);
  if (is_suspected(key)) return describe_suspicion(key.suspicion, suspicions_->knows_times());
  return describe_holder(key.holder);
}

// Where one waits for a context: from which others it was made, and probably by whom.
std::vector<ContextMaker> GroupFindings::add_context(Finding& finding, const GroupKey& key,
                                                     const Goroutine& first) const {
  bool is_certain = key.rule == "goroutine/lost-cancel";
  if (!is_certain && (is_suspected(key) || !is_receive(key.rule) ||
                      context_waited_for(snapshot_, first) != nullptr))
    return {};
  if (std::string chain = describe_context_chain(snapshot_, first); !chain.empty())
    finding.evidence.push_back(chain);
  std::vector<ContextMaker> makers = find_context_makers(snapshot_, first, key.growing.has_value());
  if (!is_certain && (makers.size() != 1 || !makers[0].is_near)) return {};
  if (std::string text = describe_context_makers(snapshot_, makers, is_certain); !text.empty())
    finding.evidence.push_back(text);
  return makers;
}

std::string GroupFindings::why_nobody_wakes(const Goroutine& goroutine) const {
  if (goroutine.wait_count == 0) return "no other goroutine could end this wait, whatever it does";
  if (snapshot_.waits[goroutine.first_wait].place == snapshot::Place::kOwnStack)
    return "it lies on this goroutine's own stack, so nobody else could end this wait";
  return "unreachable from every live goroutine, global, timer, finalizer and thread";
}

void GroupFindings::add_growth(Finding& finding, const GroupKey& key) const {
  if (series_ == nullptr) return;
  finding.growth = key.growing ? series_->growth.find_growth(*key.growing, finding.goids)
                               : series_->growth.describe(finding.goids);
  if (key.growing && series_->growth.pictures() < kPicturesOfGrowth)
    finding.confidence = Confidence::kSuspected;
}

void GroupFindings::add_suspicion(Finding& finding, const GroupKey& key,
                                  const Group& members) const {
  std::size_t first = index_of(oldest(members));
  if (is_of_registry(key.suspicion) && describer_ != nullptr) {
    std::vector<std::size_t> goroutines{first};
    for (const Goroutine* member : members) goroutines.push_back(index_of(*member));
    snapshot::HoldingPath keeper = suspicions_->path_to_keeper_of(goroutines);
    std::string text =
        keeper.objects.empty() || keeper.goid != 0 ? std::string() : describer_->describe(keeper);
    if (!text.empty())
      finding.evidence.push_back(fmt::format(
          "all {} are kept in one place, a registry of some kind: {}", members.size(), text));
  }
  add_path(finding, suspicions_->path_to(first));
  finding.evidence.emplace_back(
      "this may be wrong, and it counts as alive; whether there are more and more of them, several "
      "pictures tell");
}

// Of one that waits for something in memory: who runs, sleeps or waits for the network is held by
// nobody.
void GroupFindings::add_path_of_growing(Finding& finding, const Goroutine& first) const {
  bool waits = judgement_.standings[index_of(first)].standing == Standing::kCandidate;
  if (!waits || !judgement_.wakes || describer_ == nullptr) return;
  const HoldingPaths* paths = judgement_.holders->paths();
  if (paths == nullptr && own_paths_ == nullptr)
    own_paths_ = std::make_unique<HoldingPaths>(snapshot_, *judgement_.wakes);
  add_path(finding, (paths != nullptr ? paths : own_paths_.get())->path_to(index_of(first)));
}

// How the first one is held, in Go's words.
void GroupFindings::add_path(Finding& finding, const snapshot::HoldingPath& path) const {
  if (describer_ == nullptr) return;
  std::string text = describer_->describe(path);
  if (!text.empty())
    finding.evidence.push_back((text.starts_with("in a ") ? "held " : "held by ") + text);
}

std::size_t GroupFindings::index_of(const Goroutine& goroutine) const {
  return static_cast<std::size_t>(&goroutine - snapshot_.goroutines.data());
}

// Of whole groups, whatever part of them is suppressed. Names alone cannot tell two closures of
// one function apart: such twins are told by their order, at one place the proven ones first.
std::map<GroupKey, std::string> GroupFindings::compute_fingerprints(
    const std::map<GroupKey, Group>& groups) const {
  std::map<GroupKey, const Goroutine*> wholes;
  for (const auto& [key, members] : groups) {
    const Goroutine*& first = wholes.try_emplace(whole(key), members.front()).first->second;
    if (const Goroutine& other = oldest(members); other.goid < first->goid) first = &other;
  }
  struct Named {
    const GroupKey* key;
    Finding finding;
    std::string test;
  };
  std::vector<Named> named;
  for (const auto& [key, first] : wholes)
    named.push_back(
        {&key, name(key, *first),
         key.test.empty() ? "" : find_test_origin(snapshot_, *first).package + "." + key.test});
  std::ranges::stable_sort(named, {}, [](const Named& one) {
    return std::tie(one.finding.blocked_at.function, one.finding.blocked_at.line);
  });
  std::map<GroupKey, std::string> result;
  std::map<std::string, std::uint64_t> seen;
  for (const auto& [key, finding, test] : named) {
    std::uint64_t twin = seen[findings::compute_test_fingerprint(finding, test)]++;
    result[*key] = findings::compute_test_fingerprint(finding, test, twin);
  }
  return result;
}

}  // namespace goshawk::analyses::goroutines
