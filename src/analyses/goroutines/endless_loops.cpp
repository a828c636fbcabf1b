// That such a goroutine never ends is what its code says (goruntime/goroutines/endless_code.h): no
// way leads from where it stands to a return, be the world as it may. It needs no proof that nobody
// reaches it: whoever does cannot end it either. That it is a leak, and not meant so, follows from
// who began it, and this is why it is likely and not proven:
//   - a test, which has ended, and should have ended what it began. Not TestMain or an init
//     function: theirs is for the whole program. No benchmark: a Goexit by b.Fatal is not ruled out
//     there, as it is once a test has ended;
//   - not one that its library is known to keep for the whole program (findings/known_background);
//   - not below a sync.Once, by which a program begins what it wants one of, whoever comes first.
// A library that begins its one background loop in another way (`if !started`) is told, as one that
// no test can end; a suppression takes it out.
#include "analyses/goroutines/endless_loops.h"

#include <algorithm>

#include "analyses/goroutines/background.h"
#include "analyses/goroutines/left_behind.h"
#include "analyses/goroutines/tests.h"

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

bool is_left_behind(const Snapshot& snapshot, const Goroutine& goroutine) {
  return has_lost_its_starter(snapshot, goroutine) && is_of_test(snapshot, goroutine) &&
         !find_test_origin(snapshot, goroutine).test.starts_with("Benchmark") &&
         !was_started_once(snapshot, goroutine) && find_background(snapshot, goroutine) == nullptr;
}

}  // namespace

snapshot::FrameId find_endless_frame(const Snapshot& snapshot, const Goroutine& goroutine) {
  auto found = std::ranges::lower_bound(snapshot.endless_stacks, goroutine.stack, {},
                                        &snapshot::EndlessStack::stack);
  bool is_there = found != snapshot.endless_stacks.end() && found->stack == goroutine.stack;
  return is_there ? found->frame : snapshot::kNone;
}

std::vector<bool> find_endless_loops(const Snapshot& snapshot, const Proof& proof) {
  if (snapshot.endless_stacks.empty()) return {};
  std::vector<bool> found(snapshot.goroutines.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Goroutine& goroutine = snapshot.goroutines[i];
    found[i] = proof.states[i] == State::kAlive &&
               find_endless_frame(snapshot, goroutine) != snapshot::kNone &&
               is_left_behind(snapshot, goroutine);
  }
  return found;
}

}  // namespace goshawk::analyses::goroutines
