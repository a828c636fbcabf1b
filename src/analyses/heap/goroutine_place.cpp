// The innermost function is most often one in which anybody might be: time.Sleep, a read of the
// network. Whose goroutine it is says the nearest one of a module; of a library's goroutine, which
// has none on its stack, the function that it was started with.
#include "analyses/heap/goroutine_place.h"

#include <fmt/format.h>

#include "findings/function_name.h"

namespace goshawk::analyses::heap {

using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

bool is_waiting(std::string_view function) {
  return function.empty() || findings::is_waiting_machinery(function) ||
         findings::package_of(function).starts_with("internal/");
}

// Nobody in a module: the first function; where that is not known, the innermost that is more than
// waiting.
std::string_view function_of_library(const Snapshot& snapshot, const Goroutine& goroutine) {
  if (goroutine.started_at != snapshot::kNone)
    return snapshot.strings[snapshot.stacks.frame(goroutine.started_at).function];
  std::string_view function;
  for (FrameId frame : snapshot.stacks[goroutine.stack])
    if (is_waiting(function)) function = snapshot.strings[snapshot.stacks.frame(frame).function];
  return function;
}

}  // namespace

GoroutinePlace find_place(const Snapshot& snapshot, const Goroutine& goroutine) {
  if (goroutine.stack == snapshot::kNone) return {};
  std::string_view called;
  for (FrameId id : snapshot.stacks[goroutine.stack]) {
    const snapshot::Frame& frame = snapshot.stacks.frame(id);
    if (frame.elided) continue;
    std::string_view name = snapshot.strings[frame.function];
    if (findings::is_of_a_module(name))
      return {.function = name, .inside = is_waiting(called) ? "" : called};
    called = name;
  }
  return {.function = function_of_library(snapshot, goroutine), .inside = ""};
}

std::string to_text(const GoroutinePlace& place) {
  if (place.inside.empty()) return std::string(place.function);
  return fmt::format("{} ({}in {})", place.function, place.inside == "time.Sleep" ? "asleep " : "",
                     place.inside);
}

}  // namespace goshawk::analyses::heap
