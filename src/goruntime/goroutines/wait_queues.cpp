// Every walk is bounded, and trusts no link: a sudog belongs to a goroutine only if its g says so,
// to a channel only if its c says so. A queue of a hundred thousand waiters is walked once.
#include "goruntime/goroutines/wait_queues.h"

#include <algorithm>

#include "base/cycle_guard.h"

namespace goshawk::goruntime {

using snapshot::Wait;
using snapshot::WaitOperation;

namespace {

constexpr std::size_t kMaxSelectCases = 65'536;  // selectgo's own limit
constexpr std::size_t kMaxQueue = 50'000'000;

}  // namespace

Result<WaitFacts> WaitFacts::bind(const LayoutSource& layout, const GoVersion& version,
                                  std::string_view arch) {
  WaitFacts facts;
  facts.sudog = TRY(facts::SudogFact::bind(layout));
  facts.hchan = TRY(facts::HchanFact::bind(layout));
  facts.semtable = TRY(facts::SemtableFact::bind(layout, version, arch));
  facts.notify_list = TRY(facts::NotifyListFact::bind(layout));
  return facts;
}

WaitQueues::WaitQueues(PageCache& cache, const WaitFacts& facts, const Globals& globals,
                       std::size_t goroutines)
    : cache_(cache), facts_(facts), globals_(globals), max_semaphores_(goroutines * 2 + 1024) {}

std::array<Address, 2> WaitQueues::held_by(Address sudog) {
  return {cache_.pointer(sudog + facts_.sudog.elem), cache_.pointer(sudog + facts_.sudog.c)};
}

void WaitQueues::walk_semtable_once() {
  if (semaphores_) return;
  semaphores_.emplace();
  if (globals_.semtable) walk_semtable(globals_.semtable->address);
}

// A root's tree has a node for each semaphore, and each node a list of those who wait on it.
void WaitQueues::walk_semtable(Address table) {
  std::size_t left = max_semaphores_;
  std::vector<Address> nodes;
  for (std::uint32_t root = 0; root < facts::SemtableFact::kRoots; ++root) {
    Address treap = cache_.pointer(table + std::uint64_t{root} * facts_.semtable.stride_bytes +
                                   facts_.semtable.treap);
    if (!treap.is_null()) nodes.push_back(treap);
    while (!nodes.empty() && left > 0) {
      Address node = nodes.back();
      nodes.pop_back();
      add_semaphore_waiters(node, left);
      for (std::uint32_t side : {facts_.sudog.prev, facts_.sudog.next})
        if (Address child = cache_.pointer(node + side); !child.is_null()) nodes.push_back(child);
    }
    nodes.clear();
  }
}

void WaitQueues::add_semaphore_waiters(Address first, std::size_t& left) {
  Address word = cache_.pointer(first + facts_.sudog.elem);
  CycleGuard guard;
  for (Address at = first; !at.is_null() && left > 0;
       at = cache_.pointer(at + facts_.sudog.waitlink)) {
    --left;
    if (guard.returns(at) || cache_.pointer(at + facts_.sudog.elem) != word) return;
    semaphores_->emplace(cache_.pointer(at + facts_.sudog.g), Semaphore{at, word});
  }
}

void WaitQueues::walk_channel(Address channel, Address first, Queue queue) {
  std::size_t left = kMaxQueue;
  for (Address at = first; !at.is_null() && left > 0;
       at = cache_.pointer(at + facts_.sudog.next), --left) {
    if (cache_.pointer(at + facts_.sudog.c) != channel) return;
    if (!queue_of_.emplace(at, queue).second) return;
  }
}

WaitQueues::Queue WaitQueues::find_queue(Address channel, Address sudog) {
  Address first_receiver = cache_.pointer(channel + facts_.hchan.recvq_first);
  Address first_sender = cache_.pointer(channel + facts_.hchan.sendq_first);
  if (first_receiver == sudog) return Queue::kReceive;
  if (first_sender == sudog) return Queue::kSend;
  if (walked_channels_.insert(channel).second) {
    walk_channel(channel, first_receiver, Queue::kReceive);
    walk_channel(channel, first_sender, Queue::kSend);
  }
  auto found = queue_of_.find(sudog);
  return found == queue_of_.end() ? Queue::kNone : found->second;
}

FoundWait WaitQueues::describe_channel(Address channel, Address sudog) {
  const facts::HchanFact& hchan = facts_.hchan;
  FoundWait found;
  found.sudog = sudog;
  found.element_type = cache_.pointer(channel + hchan.elemtype);
  found.element_bytes = cache_.value<std::uint16_t>(channel + hchan.elemsize).value_or(0);
  Wait& wait = found.wait;
  wait.address = channel;
  wait.length = cache_.value<std::uint64_t>(channel + hchan.qcount).value_or(0);
  wait.capacity = cache_.value<std::uint64_t>(channel + hchan.dataqsiz).value_or(0);
  wait.closed = cache_.value<std::uint32_t>(channel + hchan.closed).value_or(0) != 0;
  wait.is_timer_channel = hchan.timer && !cache_.pointer(channel + *hchan.timer).is_null();
  return found;
}

FoundWaits WaitQueues::find_channel_waits(const G& g) {
  FoundWaits found;
  std::size_t left = kMaxSelectCases;
  Address at = g.waiting;
  CycleGuard guard;
  for (; !at.is_null() && left > 0; at = cache_.pointer(at + facts_.sudog.waitlink), --left) {
    if (guard.returns(at)) return found;
    Address channel = cache_.pointer(at + facts_.sudog.c);
    if (channel.is_null() || cache_.pointer(at + facts_.sudog.g) != g.address) return found;
    FoundWait wait = describe_channel(channel, at);
    Queue queue = find_queue(channel, at);
    wait.wait.linked = queue != Queue::kNone;
    wait.wait.operation = queue == Queue::kSend ? WaitOperation::kSend : WaitOperation::kReceive;
    found.waits.push_back(wait);
  }
  found.complete = at.is_null();
  return found;
}

std::vector<Address> WaitQueues::semaphores() {
  walk_semtable_once();
  std::vector<Address> words;
  for (const auto& [g, semaphore] : *semaphores_) words.push_back(semaphore.word);
  return words;
}

FoundWaits WaitQueues::find_semaphore_wait(const G& g) {
  FoundWaits found;
  if (!globals_.semtable) return found;
  walk_semtable_once();
  FoundWait wait;
  wait.wait.operation = WaitOperation::kSemaphore;
  if (auto known = semaphores_->find(g.address); known != semaphores_->end()) {
    wait.sudog = known->second.sudog;
    wait.wait.address = known->second.word;
    wait.wait.linked = true;
  }  // else: taken out of the table, about to be made runnable
  found.waits.push_back(wait);
  found.complete = true;
  return found;
}

// False when what lies there is not a notifyList: its chain has to end at its own tail, with
// tickets between its own counters. Any word of a frame may be asked, so a chance likeness must not
// pass.
bool WaitQueues::collect_notify_list(Address list, Waiters& waiters) {
  const facts::NotifyListFact& fact = facts_.notify_list;
  auto wait = cache_.value<std::uint32_t>(list + fact.wait);
  auto notify = cache_.value<std::uint32_t>(list + fact.notify);
  Address tail = cache_.pointer(list + fact.tail);
  if (!wait || !notify || tail.is_null() || !tail.is_aligned(8)) return false;
  std::uint32_t pending = *wait - *notify;
  Address last;
  for (Address at = cache_.pointer(list + fact.head); !at.is_null();
       at = cache_.pointer(at + facts_.sudog.next)) {
    if (!at.is_aligned(8) || waiters.size() >= pending) return false;
    auto ticket = cache_.value<std::uint32_t>(at + facts_.sudog.ticket);
    Address g = cache_.pointer(at + facts_.sudog.g);
    if (!ticket || *wait - *ticket > pending || g.is_null() || !waiters.emplace(g, at).second)
      return false;
    last = at;
  }
  return last == tail;
}

const WaitQueues::Waiters& WaitQueues::walk_notify_list(Address list) {
  auto [entry, is_new] = notify_lists_.try_emplace(list);
  if (is_new && !collect_notify_list(list, entry->second)) entry->second.clear();
  return entry->second;
}

FoundWaits WaitQueues::find_cond_wait(const G& g, std::span<const std::uint64_t> words) {
  std::unordered_set<Address> lists;
  if (!g.waiting.is_null()) {
    lists.insert(cache_.pointer(g.waiting + facts_.sudog.elem));  // 1.26+ says it
  } else {
    for (std::uint64_t word : words) {
      if (word == 0 || word % 8 != 0) continue;
      for (Address list : {Address(word), Address(word) + facts_.notify_list.in_cond})
        if (!g.stack.contains(list)) lists.insert(list);  // a frame's own words look like anything
    }
  }
  FoundWaits found;
  for (Address list : lists) {
    const Waiters& waiters = walk_notify_list(list);
    auto mine = waiters.find(g.address);
    if (mine == waiters.end()) continue;
    FoundWait wait;
    wait.sudog = mine->second;
    wait.wait = {.address = list, .operation = WaitOperation::kCond, .linked = true};
    found.waits.push_back(wait);
  }
  found.complete = found.waits.size() == 1;
  return found;
}

}  // namespace goshawk::goruntime
