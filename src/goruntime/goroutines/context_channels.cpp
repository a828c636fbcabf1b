// A context keeps its done channel in context.cancelCtx (context/context.go), at the head of a
// timerCtx too: {Context iface @0, mu @16, done atomic.Value @24 = {type of chan struct{},
// channel}} since before 1.19. So the objects that refer to a channel in question are looked up in
// the references, and asked whether those two words stand there.
#include "goruntime/goroutines/context_channels.h"

#include <unordered_set>

namespace goshawk::goruntime {

using snapshot::ObjectId;
using snapshot::Wait;

namespace {

constexpr std::uint32_t kDoneType = 24, kDoneChannel = 32;

bool may_be_done_channel(const Wait& wait) {
  bool receives = wait.operation == snapshot::WaitOperation::kReceive ||
                  wait.operation == snapshot::WaitOperation::kSelectReceive;
  return receives && wait.capacity == 0 && wait.object != snapshot::kNone && !wait.is_timer_channel;
}

// A bit for each object that is asked about.
std::vector<bool> find_asked(const snapshot::Snapshot& picture, std::uint32_t count) {
  std::vector<bool> asked;
  for (const Wait& wait : picture.waits) {
    if (!may_be_done_channel(wait)) continue;
    if (asked.empty()) asked.resize(count);
    asked[wait.object] = true;
  }
  return asked;
}

}  // namespace

void find_context_channels(PageCache& cache, TypeNames& types, const snapshot::Objects& objects,
                           snapshot::Snapshot& picture) {
  std::vector<bool> asked = find_asked(picture, objects.count());
  if (asked.empty()) return;
  std::unordered_set<ObjectId> done;
  auto holds_as_done = [&](Address context, ObjectId channel) {
    return cache.pointer(context + kDoneChannel) == objects.address(channel) &&
           types.is_channel(cache.pointer(context + kDoneType));
  };
  const snapshot::References& references = picture.references;
  for (const snapshot::Span& span : objects.spans()) {
    if (span.noscan || span.element_size_bytes < kDoneChannel + 8) continue;
    for (ObjectId object = span.first; object < span.first + span.slots; ++object)
      for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at)
        if (ObjectId channel = references.edges[at];
            channel < asked.size() && asked[channel] && !done.contains(channel) &&
            holds_as_done(span.base + (object - span.first) * span.element_size_bytes, channel))
          done.insert(channel);
  }
  for (Wait& wait : picture.waits)
    if (may_be_done_channel(wait) && done.contains(wait.object)) wait.is_context_done = true;
}

}  // namespace goshawk::goruntime
