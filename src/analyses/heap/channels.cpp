// A buffer is taken in whole when its channel is made. One that is at least half full has a queue
// that its receivers do not work off; one with less than a quarter in use has room that nobody
// needs, at this instant. What lies between is nobody's business.
//
// Channels are told one by one where they have much, else by type. What is queued holds what is
// reached from the buffers alone, each byte once: shared by two channels it counts for the larger.
//
// Those who wait on a channel have it on their stacks, which says no more than that they wait:
// where an object refers to it as well, the way there is told.
#include "analyses/heap/channels.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "analyses/heap/goroutine_place.h"
#include "analyses/heap/live_objects.h"
#include "findings/heap_holders.h"

namespace goshawk::analyses::heap {

using findings::ChannelUse;
using findings::ChannelWaiters;
using findings::Confidence;
using findings::HeapFinding;
using snapshot::ChannelFill;
using snapshot::Goroutine;
using snapshot::ObjectId;
using snapshot::Snapshot;
using snapshot::WaitOperation;

namespace {

constexpr std::uint64_t kLeastBytes = 64 << 10;  // of one finding
constexpr std::uint64_t kAloneBytes = 1 << 20;   // of one channel
constexpr std::size_t kMostAlone = 32;

constexpr std::string_view kRoom = "heap/channel-room", kBacklog = "heap/channel-backlog";

// One of them, or several of a type.
struct Group {
  std::string_view rule;
  std::uint64_t count = 0, buffer_bytes = 0, queued_bytes = 0, cost = 0;
  ObjectId largest = snapshot::kNone;
  std::uint64_t most = 0;  // the cost of the largest
  ChannelUse use = {};
};

void add_waiters(ChannelWaiters& into, const ChannelWaiters& more) {
  if (into.count == 0) into.function = more.function;
  into.count += more.count;
}

void add(Group& into, const Group& one) {
  into.rule = one.rule;
  into.count += one.count;
  into.buffer_bytes += one.buffer_bytes;
  into.queued_bytes += one.queued_bytes;
  into.cost += one.cost;
  if (into.largest == snapshot::kNone || one.most > into.most) {
    into.largest = one.largest;
    into.most = one.most;
  }
  into.use.queued += one.use.queued;
  into.use.capacity += one.use.capacity;
  into.use.held_bytes += one.use.held_bytes;
  into.use.closed += one.use.closed;
  add_waiters(into.use.senders, one.use.senders);
  add_waiters(into.use.receivers, one.use.receivers);
}

// Who waits on channels, by channel.
class Waiters {
 public:
  explicit Waiters(const Snapshot& snapshot) : snapshot_(snapshot) {
    for (const Goroutine& goroutine : snapshot.goroutines) note(goroutine);
  }

  void add_to(ChannelUse& use, ObjectId channel) const {
    auto found = of_channels_.find(channel);
    if (found == of_channels_.end()) return;
    use.senders = found->second.first;
    use.receivers = found->second.second;
  }

 private:
  void note(const Goroutine& goroutine) {
    std::map<ObjectId, bool> sends;  // a select may do both
    for (std::uint32_t i = 0; i < goroutine.wait_count; ++i) {
      const snapshot::Wait& wait = snapshot_.waits[goroutine.first_wait + i];
      bool is_send =
          wait.operation == WaitOperation::kSend || wait.operation == WaitOperation::kSelectSend;
      bool is_receive = wait.operation == WaitOperation::kReceive ||
                        wait.operation == WaitOperation::kSelectReceive;
      if (wait.object != snapshot::kNone && wait.linked && (is_send || is_receive))
        sends[wait.object] |= is_send;
    }
    for (auto [channel, is_send] : sends) {
      auto& [senders, receivers] = of_channels_[channel];
      add_waiters(is_send ? senders : receivers,
                  {1, std::string(find_place(snapshot_, goroutine).function)});
    }
  }

  const Snapshot& snapshot_;
  std::unordered_map<ObjectId, std::pair<ChannelWaiters, ChannelWaiters>> of_channels_;
};

class ChannelSearch {
 public:
  ChannelSearch(const Snapshot& snapshot, const graph::Reachability& live, HolderPaths& paths)
      : snapshot_(snapshot), live_(live), paths_(paths), waiters_(snapshot) {
    for (const ChannelFill& channel : snapshot.fill.channels)
      if (live.is_marked(channel.channel)) channels_.push_back(&channel);
    std::ranges::stable_sort(channels_, std::ranges::greater{}, [](const ChannelFill* channel) {
      return channel->capacity * channel->element_bytes;
    });
  }

  std::vector<HeapFinding> find() {
    std::vector<Group> all = judge_each(), told;
    std::ranges::stable_sort(all, std::ranges::greater{}, &Group::cost);
    std::map<std::pair<std::string_view, std::string>, Group> rest;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i < kMostAlone && all[i].cost >= kAloneBytes)
        told.push_back(all[i]);
      else
        add(rest[{all[i].rule, type_of(all[i].largest)}], all[i]);
    }
    for (const auto& [key, group] : rest)
      if (group.cost >= kLeastBytes) told.push_back(group);
    find_referrers(told);
    for (const Group& group : told) tell(group);
    std::ranges::stable_sort(found_, std::ranges::greater{}, [](const HeapFinding& one) {
      return one.finding.cost.retained_bytes.value_or(0);
    });
    return std::move(found_);
  }

 private:
  const std::string& type_of(ObjectId object) const {
    return snapshot_.types.names[snapshot_.types.of_objects[object]];
  }

  std::vector<Group> judge_each() const {
    std::vector<ObjectId> buffers;
    for (const ChannelFill* channel : channels_)
      if (is_backlog(*channel)) buffers.push_back(channel->buffer);
    std::optional<graph::Reachability> without;
    std::optional<MoreReached> more;
    if (!buffers.empty()) {
      without.emplace(mark_live_objects_not_behind(snapshot_, buffers));
      more.emplace(snapshot_, *without);
    }
    std::vector<Group> all;
    for (const ChannelFill* channel : channels_) {
      bool is_room = channel->length < channel->capacity / 4;
      if (!is_room && !is_backlog(*channel)) continue;
      Group one{.rule = is_room ? kRoom : kBacklog,
                .count = 1,
                .buffer_bytes = channel->capacity * channel->element_bytes,
                .queued_bytes = channel->length * channel->element_bytes,
                .largest = channel->channel};
      one.use = {.queued = channel->length, .capacity = channel->capacity};
      if (!is_room) one.use.held_bytes = more->reach_behind(channel->buffer);
      one.use.closed = channel->closed ? 1 : 0;
      waiters_.add_to(one.use, channel->channel);
      one.cost =
          is_room ? one.buffer_bytes - one.queued_bytes : one.queued_bytes + one.use.held_bytes;
      one.most = one.cost;
      all.push_back(std::move(one));
    }
    return all;
  }

  static bool is_backlog(const ChannelFill& channel) {
    return channel.length >= channel.capacity - channel.capacity / 2;
  }

  // The first object that does, of those channels that are known by a stack only.
  void find_referrers(const std::vector<Group>& groups) {
    for (const Group& group : groups)
      if (paths_.is_on_stack(group.largest)) referrers_.emplace(group.largest, snapshot::kNone);
    if (referrers_.empty()) return;
    const snapshot::References& references = snapshot_.references;
    for (const snapshot::Span& span : snapshot_.objects.spans()) {
      if (span.noscan) break;
      for (ObjectId object = span.first; object < span.first + span.slots; ++object) {
        if (!live_.is_marked(object)) continue;
        for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at) {
          auto found = referrers_.find(references.edges[at]);
          if (found != referrers_.end() && found->second == snapshot::kNone &&
              found->first != object)
            found->second = object;
        }
      }
    }
  }

  void tell(const Group& group) {
    bool is_room = group.rule == kRoom;
    HeapFinding& told = found_.emplace_back();
    auto referrer = referrers_.find(group.largest);
    told.place = referrer == referrers_.end() || referrer->second == snapshot::kNone
                     ? paths_.path_to(group.largest)
                     : paths_.path_by(referrer->second, group.largest);
    told.path = told.place;
    told.type = type_of(group.largest);
    told.finding.rule = group.rule;
    told.finding.confidence = Confidence::kSuspected;
    told.finding.count = group.count;
    told.finding.cost.retained_bytes = group.cost;
    told.finding.fingerprint = findings::compute_holder_fingerprint(group.rule, told.place);
    told.finding.advice =
        is_room ? "make takes the whole buffer at once, and the channel keeps it: take as many as "
                  "bursts need"
                : "whoever receives does not keep up: more receivers, or a smaller buffer, so that "
                  "senders wait sooner; if it keeps spares, as few as are needed";
    told.total_bytes = group.buffer_bytes;
    told.used_bytes = group.queued_bytes;
    told.address = snapshot_.objects.address(group.largest).value();
    told.channels = group.use;
  }

  const Snapshot& snapshot_;
  const graph::Reachability& live_;
  HolderPaths& paths_;
  Waiters waiters_;
  std::vector<const ChannelFill*> channels_;  // that live, those with the largest buffers first
  std::map<ObjectId, ObjectId> referrers_;    // by channel
  std::vector<HeapFinding> found_;
};

}  // namespace

std::vector<HeapFinding> find_channels(const Snapshot& snapshot, const graph::Reachability& live,
                                       HolderPaths& paths) {
  if (snapshot.fill.channels.empty()) return {};
  return ChannelSearch(snapshot, live, paths).find();
}

}  // namespace goshawk::analyses::heap
