// Groups that are told apart by what is seen of them, though they are one leak, are joined: where
// only some of the contexts that are waited for can still be told, where one of many senders seems
// alone, and where a ring of locks goes over two go statements of one function.
#include "analyses/goroutines/groups.h"

#include <set>
#include <unordered_map>
#include <utility>

#include "analyses/goroutines/channel_referrers.h"
#include "analyses/goroutines/code_places.h"
#include "analyses/goroutines/lock_holders.h"
#include "analyses/goroutines/tests.h"

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;

namespace {

GroupKey as_send(GroupKey key) {
  key.rule = "goroutine/blocked-send";
  return key;
}

bool is_of_lock(const GroupKey& key) {
  return !key.growing && (key.rule == "goroutine/mutex" || key.rule == "goroutine/rwmutex");
}

// All but which go statement of the function it was.
bool are_one_function(const GroupKey& a, GroupKey b) {
  if (a.created.function.empty() || a.created.function != b.created.function) return false;
  b.created = a.created;
  return a == b;
}

}  // namespace

Groups::Groups(const snapshot::Snapshot& snapshot)
    : snapshot_(snapshot), waiters_(snapshot), of_tests_(is_test_binary(snapshot)) {}

std::string_view Groups::rule_of(const Goroutine& goroutine, Holder holder,
                                 Suspicion suspicion) const {
  if (holder == Holder::kTicker || holder == Holder::kEndless) return "goroutine/runaway";
  if (holder == Holder::kListener) return "goroutine/io-wait";
  return suspicion == Suspicion::kNone ? choose_rule(snapshot_, waiters_, goroutine)
                                       : choose_rule_of_suspicion(snapshot_, waiters_, goroutine);
}

void Groups::add(const Goroutine& goroutine, Holder holder, Suspicion suspicion) {
  std::string_view rule = rule_of(goroutine, holder, suspicion);
  groups_[{{},
           holder,
           suspicion,
           rule,
           snapshot_.strings[goroutine.wait_reason],
           instance_of(snapshot_, goroutine.created_by),
           instance_of(snapshot_, find_blocking_frame(snapshot_, goroutine)),
           of_tests_ ? find_test_origin(snapshot_, goroutine).test : std::string()}]
      .push_back(&goroutine);
}

void Groups::add_growing(SiteId site, std::string_view rule, const Group& members) {
  groups_[{.growing = site, .rule = rule, .wait_reason = {}, .created = {}, .blocked = {}}] =
      members;
}

void Groups::join() {
  join_lost_cancels();
  join_sends();
  join_rings();
}

// Of a context that is gone only its channel is left. Where others wait at the same place for a
// context that can still be told, these did so too.
void Groups::join_lost_cancels() {
  for (auto& [key, members] : groups_) {
    if (key.rule != "goroutine/lost-cancel" || key.growing) continue;
    for (std::string_view rule : {"goroutine/blocked-receive", "goroutine/blocked-select"}) {
      auto twin = groups_.find({{},
                                key.holder,
                                key.suspicion,
                                rule,
                                key.wait_reason,
                                key.created,
                                key.blocked,
                                key.test});
      if (twin == groups_.end()) continue;
      members.insert(members.end(), twin->second.begin(), twin->second.end());
      twin->second.clear();
    }
  }
  std::erase_if(groups_, [](const auto& group) { return group.second.empty(); });
}

// The reader of a result has not gone where another leaked goroutine still has the channel, and
// where others of the place wait to send to one that has several senders they are all such.
void Groups::join_sends() {
  std::vector<std::set<GoroutineIndex>> referrers = find_channel_referrers(snapshot_, members());
  std::vector<GroupKey> sends;
  std::size_t at = 0;
  for (const auto& [key, members] : groups_) {
    bool has_reader = !referrers[at++].empty();
    if (key.rule == "goroutine/abandoned-result" && (has_reader || groups_.contains(as_send(key))))
      sends.push_back(key);
  }
  for (const GroupKey& key : sends) {
    Group members = std::move(groups_.extract(key).mapped());
    Group& all = groups_[as_send(key)];
    all.insert(all.end(), members.begin(), members.end());
  }
}

// `go transfer(a, b)` and `go transfer(b, a)`.
void Groups::join_rings() {
  if (snapshot_.locks.empty()) return;
  std::unordered_map<GoroutineIndex, const GroupKey*> group_of;
  for (const auto& [key, members] : groups_)
    if (is_of_lock(key))
      for (const Goroutine* member : members) group_of.emplace(index_of(member), &key);
  if (group_of.empty()) return;
  LockHolders holders(snapshot_);
  std::map<GroupKey, GroupKey> joined;  // into one that comes before
  for (const auto& [goroutine, key] : group_of)
    for (GoroutineIndex other : holders.ring_of(goroutine)) {
      auto found = group_of.find(other);
      if (found == group_of.end() || !(*found->second < *key) ||
          !are_one_function(*found->second, *key))
        continue;
      GroupKey& into = joined.try_emplace(*key, *found->second).first->second;
      if (*found->second < into) into = *found->second;
    }
  // The last ones first: so who is joined takes along whom it was joined by.
  for (auto one = joined.rbegin(); one != joined.rend(); ++one) {
    Group members = std::move(groups_.extract(one->first).mapped());
    Group& all = groups_[one->second];
    all.insert(all.end(), members.begin(), members.end());
  }
}

void Groups::suppress(SuppressionMatcher& matcher) {
  std::map<GroupKey, Group> parts;
  for (const auto& [key, members] : groups_) {
    std::map<std::size_t, Group> by_entry;
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

GoroutineIndex Groups::index_of(const Goroutine* goroutine) const {
  return static_cast<GoroutineIndex>(goroutine - snapshot_.goroutines.data());
}

std::vector<std::size_t> Groups::entries() const {
  std::vector<std::size_t> result;
  for (const auto& [key, members] : groups_) result.push_back(key.entry);
  return result;
}

std::vector<std::vector<GoroutineIndex>> Groups::members() const {
  std::vector<std::vector<GoroutineIndex>> result;
  for (const auto& [key, members] : groups_) {
    result.emplace_back().reserve(members.size());
    for (const Goroutine* member : members) result.back().push_back(index_of(member));
  }
  return result;
}

}  // namespace goshawk::analyses::goroutines
