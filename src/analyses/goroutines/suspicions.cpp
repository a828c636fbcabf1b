// Of those that are alive for the proof. What is asked first costs a look at each goroutine; the
// heap is only walked where so many of a site are left that there may be something to say.
//
// A thing of its own: at most one other goroutine waits on it. Signals that many wait for beside it
// (a context's end, a channel of struct{}) say nothing. Who has it at hand is asked of all that
// lives but those in question, and of these once one of their things is at hand.
//
// What this takes for stuck though it is not: actors by the hundred, idle for long, each with a
// mailbox in a map.
#include "analyses/goroutines/suspicions.h"

#include <algorithm>
#include <span>

#include "analyses/goroutines/at_hand.h"

namespace goshawk::analyses::goroutines {

using graph::Edge;
using graph::Node;
using snapshot::Goroutine;
using snapshot::HoldingPath;
using snapshot::Wait;
using snapshot::WaitKind;

namespace {

constexpr std::uint32_t kMostWaitersOfItsOwn = 2;

bool is_blocked_in_memory(WaitKind kind) {
  switch (kind) {
    case WaitKind::kSelect:
    case WaitKind::kChanReceive:
    case WaitKind::kChanSend:
    case WaitKind::kCondWait:
    case WaitKind::kMutexLock:
    case WaitKind::kRWMutexRLock:
    case WaitKind::kRWMutexLock:
    case WaitKind::kWaitGroupWait:
      return true;
    default:
      return false;
  }
}

bool is_lock(WaitKind kind) {
  return kind == WaitKind::kMutexLock || kind == WaitKind::kRWMutexRLock ||
         kind == WaitKind::kRWMutexLock;
}

}  // namespace

Suspicions::Suspicions(const Judgement& judgement, const WaiterCounts& waiters,
                       std::vector<bool> told)
    : judgement_(judgement),
      snapshot_(judgement.snapshot),
      waiters_(waiters),
      told_(std::move(told)),
      suspicions_(judgement.snapshot.goroutines.size()) {
  if (!judgement.wakes) return;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < suspicions_.size(); ++i) {
    knows_times_ = knows_times_ || snapshot_.goroutines[i].wait_ns > 0;
    if (!is_asked(i)) continue;
    suspicions_[i] = judge_alone(snapshot_.goroutines[i]);
    if (suspicions_[i] == Suspicion::kNone) asked.push_back(i);
  }
  auto leave_out_told = [&] {
    std::erase_if(asked, [&](std::size_t i) { return suspicions_[i] != Suspicion::kNone; });
  };
  find_behind_stopped_tickers(asked);
  find_senders(asked);
  leave_out_told();
  find_at_one_site(asked, Suspicion::kParentReturned, least_without_parent(),
                   &Suspicions::has_lost_its_parent);
  leave_out_told();
  find_at_one_site(asked, Suspicion::kManyOfASite, least_of_many(),
                   &Suspicions::may_be_one_of_many);
  if (std::ranges::all_of(suspicions_, [](Suspicion one) { return one == Suspicion::kNone; }))
    return;
  paths_ = judgement.holders->paths();
  if (paths_ != nullptr) return;
  own_paths_ = std::make_unique<HoldingPaths>(snapshot_, *judgement.wakes);
  paths_ = own_paths_.get();
}

// Alive, and blocked on what memory has: not one of whom a stronger word is said.
bool Suspicions::is_asked(std::size_t goroutine) const {
  const Goroutine& found = snapshot_.goroutines[goroutine];
  if (told_[goroutine] || judgement_.proof.states[goroutine] == State::kUnknown || found.system ||
      found.goid == kMainGoroutine || found.status != snapshot::Status::kWaiting ||
      found.in_cgo_callback || found.select_done || !is_blocked_in_memory(found.wait_kind))
    return false;
  std::span<const Wait> waits = waits_of(snapshot_, found);
  return !waits.empty() && std::ranges::all_of(waits, &Wait::linked);
}

Suspicion Suspicions::judge_alone(const Goroutine& goroutine) const {
  if (is_lock(goroutine.wait_kind) && goroutine.wait_ns >= kLongLockWaitNs + kCountedTooLongNs)
    return Suspicion::kLockForLong;
  std::span<const Wait> waits = waits_of(snapshot_, goroutine);
  return waits.size() == 1 && is_channel_of_stopped_ticker(waits[0].object)
             ? Suspicion::kStoppedTicker
             : Suspicion::kNone;
}

bool Suspicions::is_channel_of_stopped_ticker(snapshot::ObjectId channel) const {
  return channel != snapshot::kNone &&
         std::ranges::any_of(snapshot_.idle_timers, [&](const snapshot::IdleTimer& timer) {
           return timer.ticks && timer.channel == channel;
         });
}

// In a select: those whom nobody could wake if nothing set a timer again.
void Suspicions::find_behind_stopped_tickers(const std::vector<std::size_t>& asked) {
  std::vector<std::size_t> waiting;
  for (std::size_t i : asked)
    if (suspicions_[i] == Suspicion::kNone &&
        std::ranges::any_of(waits_of(snapshot_, snapshot_.goroutines[i]), [&](const Wait& wait) {
          return is_channel_of_stopped_ticker(wait.object);
        }))
      waiting.push_back(i);
  if (waiting.empty()) return;
  Proof proof = prove(snapshot_, *judgement_.wakes, IdleTimers::kNeverSetAgain);
  for (std::size_t i : waiting)
    if (proof.states[i] == State::kHeld) suspicions_[i] = Suspicion::kStoppedTicker;
}

bool Suspicions::waits_long_enough(const Goroutine& goroutine) const {
  return !knows_times_ || goroutine.wait_ns >= kLongWaitNs + kCountedTooLongNs;
}

Suspicions::SiteKey Suspicions::site_of(const Goroutine& goroutine) const {
  return {goroutine.wait_kind, find_blocking_frame(snapshot_, goroutine), goroutine.created_by};
}

// Of unknown age they may be a backlog.
void Suspicions::find_senders(const std::vector<std::size_t>& asked) {
  if (!knows_times_) return;
  std::map<Address, std::vector<std::size_t>> senders;
  for (std::size_t i : asked) {
    const Goroutine& goroutine = snapshot_.goroutines[i];
    if (goroutine.wait_kind == WaitKind::kChanSend && waits_long_enough(goroutine))
      senders[waits_of(snapshot_, goroutine)[0].address].push_back(i);
  }
  for (const auto& [channel, members] : senders)
    if (members.size() >= kManyAtOneSite)
      for (std::size_t i : members) suspicions_[i] = Suspicion::kSendersForLong;
}

bool Suspicions::may_be_one_of_many(const Goroutine& goroutine) const {
  return waits_long_enough(goroutine) && is_of_its_own(goroutine) &&
         !is_in_hands_of_its_creator(goroutine);
}

bool Suspicions::is_private(const Wait& wait) const {
  return wait.place == snapshot::Place::kHeap && waiters_.of(wait.address) <= kMostWaitersOfItsOwn;
}

bool Suspicions::is_of_its_own(const Goroutine& goroutine) const {
  bool any = false;
  for (const Wait& wait : waits_of(snapshot_, goroutine)) {
    if (is_private(wait))
      any = true;
    else if (!wait.is_context_done && !may_be_context_done(snapshot_, wait))
      return false;
  }
  return any;
}

// A server that starts one for each request has none of them in hand; what these select on may have
// the end of their request among it. Where it is not recorded who started it, he may live.
bool Suspicions::is_in_hands_of_its_creator(const Goroutine& goroutine) const {
  if (goroutine.creator_goid == kMainGoroutine ||
      function_of(snapshot_, goroutine.created_by) == "main.main")
    return true;
  return goroutine.wait_kind == WaitKind::kSelect &&
         (goroutine.creator_goid == 0 ||
          std::ranges::binary_search(snapshot_.goroutines, goroutine.creator_goid, {},
                                     &Goroutine::goid));
}

// It wants to hand over something, alone on its channel. Main never returns.
bool Suspicions::has_lost_its_parent(const Goroutine& goroutine) const {
  std::span<const Wait> waits = waits_of(snapshot_, goroutine);
  return goroutine.wait_kind == WaitKind::kChanSend && waits.size() == 1 &&
         waits[0].place == snapshot::Place::kHeap && waiters_.of(waits[0].address) == 1 &&
         waits_long_enough(goroutine) && goroutine.creator_goid != 0 &&
         !std::ranges::binary_search(snapshot_.goroutines, goroutine.creator_goid, {},
                                     &Goroutine::goid);
}

void Suspicions::find_at_one_site(const std::vector<std::size_t>& asked, Suspicion suspicion,
                                  std::size_t least, Question fits) {
  Groups groups;
  for (std::size_t i : asked)
    if ((this->*fits)(snapshot_.goroutines[i]))
      groups[site_of(snapshot_.goroutines[i])].push_back(i);
  std::vector<std::size_t> members;
  for (const auto& [site, of_site] : groups)
    if (of_site.size() >= least) members.insert(members.end(), of_site.begin(), of_site.end());
  if (members.empty()) return;
  leave_out_what_is_at_hand(members);
  groups.clear();
  for (std::size_t i : members) groups[site_of(snapshot_.goroutines[i])].push_back(i);
  for (const auto& [site, left] : groups)
    if (left.size() >= least)
      for (std::size_t i : left) suspicions_[i] = suspicion;
}

void Suspicions::leave_out_what_is_at_hand(std::vector<std::size_t>& members) const {
  const WakeGraph& wakes = *judgement_.wakes;
  std::vector<bool> in_question(snapshot_.goroutines.size());
  std::vector<Edge> edges;
  for (std::size_t i : members) {
    in_question[i] = true;
    for (const Wait& wait : waits_of(snapshot_, snapshot_.goroutines[i]))
      if (is_private(wait)) edges.push_back({wait.object, wakes.node_of(i)});
  }
  std::ranges::sort(edges);
  std::vector<Node> from;
  for (std::size_t i = 0; i < in_question.size(); ++i)
    if (!in_question[i] && judgement_.proof.states[i] != State::kLeaked)
      from.push_back(wakes.node_of(i));
  for (const snapshot::Root& root : snapshot_.roots)
    if (root.kind == snapshot::RootKind::kThread || root.kind == snapshot::RootKind::kTimer)
      from.push_back(root.object);
  AtHand at_hand(wakes.graph(), std::move(edges));
  at_hand.add_from(from);
  std::erase_if(members, [&](std::size_t i) { return at_hand.contains(wakes.node_of(i)); });
}

HoldingPath Suspicions::path_to(std::size_t goroutine) const { return paths_->path_to(goroutine); }

HoldingPath Suspicions::path_to_keeper_of(const std::vector<std::size_t>& goroutines) const {
  std::vector<Node> common = paths_->nodes_to(goroutines.front());
  for (std::size_t i : goroutines) {
    std::vector<Node> path = paths_->nodes_to(i);
    common.erase(std::ranges::mismatch(common, path).in1, common.end());
  }
  HoldingPath path = paths_->path_to(goroutines.front());
  std::size_t kept = common.size() - (path.goid != 0 && !common.empty() ? 1 : 0);
  path.objects.resize(std::min(path.objects.size(), kept));
  return path;
}

std::string describe_suspicion(Suspicion suspicion, bool knows_times) {
  switch (suspicion) {
    case Suspicion::kManyOfASite:
      return std::string("they are many, each waits on something of its own") +
             (knows_times ? " for 10 minutes or more" : "") +
             ", and no other goroutine has that at hand: it is only kept somewhere";
    case Suspicion::kParentReturned:
      return std::string("each wants to hand over something on a channel of its own") +
             (knows_times ? " for 10 minutes or more" : "") +
             "; who started it has returned, and no other goroutine has that channel at hand: it "
             "is "
             "only kept somewhere";
    case Suspicion::kSendersForLong:
      return "they are many, and have waited for 10 minutes or more: whoever receives from this "
             "channel has stopped, or is far too slow";
    case Suspicion::kLockForLong:
      return "a lock is seldom held for a minute or more: whoever holds it may be stuck";
    case Suspicion::kStoppedTicker:
      return "its ticker was stopped, which does not close the channel: unless something calls "
             "Reset, nothing comes any more";
    case Suspicion::kNone:
      break;
  }
  return "";
}

}  // namespace goshawk::analyses::goroutines
