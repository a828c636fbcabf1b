// A site is told by text, for two pictures share no numbers. Goroutines by the thousand have few
// different frames, so the text is made once for each of these in a picture.
//
// Running, runnable, sleeping and being in a system call are one: who does the one now does the
// other in a moment, and a loop without an exit is seen in any of them.
#include "analyses/goroutines/sites.h"

#include <tuple>

#include "analyses/goroutines/code_places.h"
#include "analyses/goroutines/network_waits.h"
#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::Status;
using snapshot::WaitKind;

namespace {

WaitKind kind_of(const Goroutine& goroutine) {
  return is_at_work(goroutine) ? WaitKind::kNotWaiting : goroutine.wait_kind;
}

FrameId frame_of(const Snapshot& snapshot, const Goroutine& goroutine, WaitKind kind) {
  return kind == WaitKind::kNotWaiting ? goroutine.started_at
                                       : find_blocking_frame(snapshot, goroutine);
}

Site make_site(const Snapshot& snapshot, WaitKind kind, bool will_time_out, FrameId at,
               FrameId created_by) {
  return {kind, will_time_out, instance_of(snapshot, at), instance_of(snapshot, created_by)};
}

}  // namespace

bool is_at_work(const Goroutine& goroutine) {
  bool waits = goroutine.status == Status::kWaiting || goroutine.status == Status::kLeaked;
  return !waits || goroutine.wait_kind == WaitKind::kSleep;
}

Site site_of(const Snapshot& snapshot, const Goroutine& goroutine) {
  WaitKind kind = kind_of(goroutine);
  return make_site(snapshot, kind, will_time_out(snapshot, goroutine),
                   frame_of(snapshot, goroutine, kind), goroutine.created_by);
}

std::vector<Sighting> Sites::sight(const Snapshot& snapshot) {
  std::map<std::tuple<WaitKind, bool, FrameId, FrameId>, SiteId> known;
  std::vector<Sighting> sightings;
  sightings.reserve(snapshot.goroutines.size());
  for (const Goroutine& goroutine : snapshot.goroutines) {
    WaitKind kind = kind_of(goroutine);
    FrameId at = frame_of(snapshot, goroutine, kind);
    bool ends = will_time_out(snapshot, goroutine);
    auto [found, is_new] = known.try_emplace({kind, ends, at, goroutine.created_by});
    if (is_new) {
      Site site = make_site(snapshot, kind, ends, at, goroutine.created_by);
      auto number = static_cast<SiteId>(numbers_.size());
      found->second = numbers_.try_emplace(std::move(site), number).first->second;
    }
    sightings.push_back({goroutine.goid, found->second});
  }
  return sightings;
}

}  // namespace goshawk::analyses::goroutines
