// Why a goroutine lives is told along the shortest path from all that lives by itself (globals,
// pending timers, running goroutines) to the goroutine: of each goroutine on it, who holds what it
// waits on. The rules decided already; a path is one of perhaps many, and shows that there is one.
#include "analyses/goroutines/story.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyses/goroutines/background.h"
#include "analyses/goroutines/code_places.h"
#include "analyses/goroutines/lock_holders.h"
#include "analyses/goroutines/network_waits.h"
#include "analyses/goroutines/rules.h"
#include "analyses/goroutines/wording.h"
#include "graph/shortest_paths.h"
#include "snapshot/io_waits.h"

namespace goshawk::analyses::goroutines {

using findings::Fate;
using findings::Finding;
using findings::Story;
using graph::Node;
using snapshot::Goroutine;
using snapshot::HoldingPath;
using snapshot::Root;
using snapshot::Snapshot;

namespace {

class StoryTeller {
 public:
  StoryTeller(const Judgement& judgement, snapshot::PathDescriber* describer)
      : judgement_(judgement), snapshot_(judgement.snapshot), describer_(describer) {}

  Story tell(std::size_t index, const findings::Verdict& verdict) const {
    const Goroutine& goroutine = snapshot_.goroutines[index];
    Story story;
    story.goid = goroutine.goid;
    story.waits = waits(goroutine);
    story.group = group_of(verdict, goroutine.goid);
    story.pictures = std::max<std::size_t>(verdict.pictures.size(), 1);
    story.fate = fate(index, verdict);
    if (story.fate == Fate::kAlive && story.group &&
        story.group->confidence == findings::Confidence::kLikely) {
      story.fate = Fate::kLikelyLeaked;
      story.by_growth = true;
    }
    story.reasons = reasons(index, story);
    if (story.fate == Fate::kAlive && !story.group && !goroutine.system &&
        goroutine.goid != kMainGoroutine)
      story.reasons.push_back(what_pictures_tell(verdict));
    return story;
  }

 private:
  std::vector<Story::Wait> waits(const Goroutine& goroutine) const {
    std::vector<Story::Wait> result;
    for (const snapshot::Wait& wait : waits_of(snapshot_, goroutine))
      result.push_back({.what = describe_wait(snapshot_, goroutine, wait),
                        .address = address_of(wait).value(),
                        .others = others_at(address_of(wait), goroutine)});
    if (const snapshot::IoWait* io = snapshot::find_io_wait(snapshot_, goroutine.goid))
      result.push_back(
          {.what = describe_io_wait(snapshot_, *io),
           .address = io->poll_desc.value(),
           .others = others_at(*io),
           .what_others_do = io->writes ? "to read from it waits" : "to write to it waits"});
    return result;
  }

  static std::string what_pictures_tell(const findings::Verdict& verdict) {
    return verdict.pictures.size() < 2
               ? "one picture does not tell whether there are more and more of its kind"
               : fmt::format(
                     "in {} pictures over {:.3g} seconds there were not more and more of its kind",
                     verdict.pictures.size(), verdict.pictures.back().seconds);
  }

  // Who does the other thing: one reads, one writes.
  std::vector<std::uint64_t> others_at(const snapshot::IoWait& wait) const {
    std::vector<std::uint64_t> goids;
    for (const snapshot::IoWait& other : snapshot_.io_waits)
      if (other.goid != wait.goid && other.poll_desc == wait.poll_desc &&
          snapshot::find_io_wait(snapshot_, other.goid) != nullptr)
        goids.push_back(other.goid);
    return goids;
  }

  // Of a lock, which has several semaphores, where it begins.
  Address address_of(const snapshot::Wait& wait) const {
    return wait.lock == snapshot::kNone ? wait.address : snapshot_.locks[wait.lock].address;
  }

  std::vector<std::uint64_t> others_at(Address address, const Goroutine& goroutine) const {
    std::vector<std::uint64_t> goids;
    for (const Goroutine& other : snapshot_.goroutines)
      if (other.goid != goroutine.goid &&
          std::ranges::any_of(waits_of(snapshot_, other), [&](const snapshot::Wait& wait) {
            return address_of(wait) == address;
          }))
        goids.push_back(other.goid);
    return goids;
  }

  static std::optional<Finding> group_of(const findings::Verdict& verdict, std::uint64_t goid) {
    for (const auto* groups : {&verdict.findings, &verdict.parked})
      for (const Finding& finding : *groups)
        if (std::ranges::binary_search(finding.goids, goid)) return finding;
    return std::nullopt;
  }

  Fate fate(std::size_t index, const findings::Verdict& verdict) const {
    State state = judgement_.proof.states[index];
    std::uint64_t goid = snapshot_.goroutines[index].goid;
    if (state == State::kUnknown) return Fate::kUndecided;
    if (judgement_.holder_of(index) != Holder::kNone) return Fate::kLikelyLeaked;
    if (state != State::kLeaked) return Fate::kAlive;
    bool parked = std::ranges::any_of(verdict.parked, [&](const Finding& finding) {
      return std::ranges::binary_search(finding.goids, goid);
    });
    return parked ? Fate::kParked : Fate::kLeaked;
  }

  // The first of a group's sentences says what it waits on, which the waits tell already.
  std::vector<std::string> reasons(std::size_t index, const Story& story) const {
    if (story.group)
      return {story.group->evidence.begin() + (story.waits.empty() ? 0 : 1),
              story.group->evidence.end()};
    if (judgement_.proof.states[index] == State::kUnknown)
      return {std::string(judgement_.proof.unknown_reasons[index])};
    const StandingWithReason& standing = judgement_.standings[index];
    std::vector<std::string> sentences = describe_lock_holders(index);
    if (const auto* known = find_background(snapshot_, snapshot_.goroutines[index]))
      sentences.push_back(fmt::format("it is known background: {}", known->reason));
    if (standing.standing != Standing::kAlive) {
      std::vector<std::string> holders = describe_holders(index);
      sentences.insert(sentences.end(), holders.begin(), holders.end());
      return sentences;
    }
    sentences.emplace_back(standing.reason);
    for (const snapshot::Wait& wait : waits_of(snapshot_, snapshot_.goroutines[index]))
      if (wait.place == snapshot::Place::kImage) sentences.push_back(name_global(address_of(wait)));
    if (!waits_of(snapshot_, snapshot_.goroutines[index]).empty())
      sentences.emplace_back(
          "alive means that code which can still run could wake it, not that it will");
    return sentences;
  }

  // Of the lock that it waits for. Who is alive may unlock it; that he waits himself is worth
  // knowing.
  std::vector<std::string> describe_lock_holders(std::size_t index) const {
    std::vector<std::string> sentences;
    LockHolders holders(snapshot_);
    auto waiter = static_cast<GoroutineIndex>(index);
    if (holders.lock_of(waiter) == snapshot::kNone) return sentences;
    for (GoroutineIndex holder : holders.holders_before(waiter))
      sentences.push_back((holders.waiting_writer(holders.lock_of(waiter)) == holder
                               ? "before it comes, as a writer, "
                               : "its lock is probably held by ") +
                          describe_owner(holder));
    return sentences;
  }

  std::string name_global(Address address) const {
    HoldingPath path;
    path.root = {.kind = snapshot::RootKind::kGlobal, .source = address};
    return "that is " + describe(path);
  }

  // Along the shortest path, from the goroutine on.
  std::vector<std::string> describe_holders(std::size_t index) const {
    std::vector<std::string> sentences;
    std::vector<Node> path = shortest_path(judgement_.wakes->node_of(index));
    if (path.empty()) return {"something that still runs reaches what it waits on"};
    path.pop_back();
    while (!path.empty()) {
      auto goroutine = std::find_if(path.rbegin(), path.rend(), [&](Node node) {
                         return judgement_.wakes->is_goroutine(node);
                       }).base();
      HoldingPath held;
      held.objects.assign(goroutine, path.end());
      if (goroutine != path.begin()) {
        std::size_t owner = judgement_.wakes->goroutine_of(*(goroutine - 1));
        held.goid = snapshot_.goroutines[owner].goid;
        sentences.push_back("what it waits on is reachable from " + describe(held));
        sentences.push_back(describe_owner(owner));
        path.erase(goroutine - 1, path.end());
        if (judgement_.standings[owner].standing == Standing::kAlive) break;
      } else {
        held.root = root_of(held.objects.front());
        sentences.push_back("what it waits on is reachable from " + describe(held));
        path.clear();
      }
    }
    sentences.emplace_back(
        "this is the shortest way to it, there may be others; alive means that code which can "
        "still run could wake it, not that it will");
    return sentences;
  }

  // "goroutine 7, in main.serve (main.go:40): it waits for the network or a file"
  std::string describe_owner(std::size_t index) const {
    const Goroutine& goroutine = snapshot_.goroutines[index];
    const StandingWithReason& standing = judgement_.standings[index];
    std::string text = fmt::format("goroutine {}", goroutine.goid);
    findings::CodePlace place = place_of(snapshot_, find_blocking_frame(snapshot_, goroutine));
    if (!place.function.empty()) text += ", in " + place.function;
    if (standing.standing != Standing::kCandidate)
      return fmt::format("{}: {}", text, standing.reason);
    std::vector<std::string> waits;
    for (const snapshot::Wait& wait : waits_of(snapshot_, goroutine))
      waits.push_back(describe_wait(snapshot_, goroutine, wait));
    waits.erase(std::ranges::unique(waits).begin(), waits.end());
    if (waits.size() > 1) waits = {fmt::format("in a select of {} cases", waits.size())};
    return fmt::format("{}: it waits {}", text, waits.front());
  }

  std::vector<Node> shortest_path(Node to) const {
    std::vector<Node> roots;
    for (const Root& root : snapshot_.roots) roots.push_back(root.object);
    std::vector<Node> living = judgement_.wakes->living();
    roots.insert(roots.end(), living.begin(), living.end());
    return graph::ShortestPaths(judgement_.wakes->graph(), judgement_.wakes->extra(), roots)
        .path_to(to);
  }

  Root root_of(Node object) const {
    auto root = std::ranges::find(snapshot_.roots, object, &Root::object);
    return root == snapshot_.roots.end() ? Root{} : *root;
  }

  std::string describe(const HoldingPath& path) const {
    std::string text = describer_ == nullptr ? "" : describer_->describe(path);
    if (!text.empty()) return text;
    text = path.goid != 0 ? fmt::format("the stack of goroutine {}", path.goid)
                          : fmt::format("a root at {:#x}", path.root.source.value());
    if (path.objects.size() > 1)
      text += fmt::format(", {} objects further", path.objects.size() - 1);
    return text;
  }

  const Judgement& judgement_;
  const Snapshot& snapshot_;
  snapshot::PathDescriber* describer_;
};

}  // namespace

std::optional<Story> tell_story(const Judgement& judgement, const findings::Verdict& verdict,
                                std::uint64_t goid, snapshot::PathDescriber* describer) {
  const std::vector<Goroutine>& goroutines = judgement.snapshot.goroutines;
  auto found = std::ranges::find(goroutines, goid, &Goroutine::goid);
  if (found == goroutines.end()) return std::nullopt;
  return StoryTeller(judgement, describer)
      .tell(static_cast<std::size_t>(found - goroutines.begin()), verdict);
}

}  // namespace goshawk::analyses::goroutines
