#include "analyses/goroutines/code_places.h"

#include <fmt/format.h>

#include <string>

namespace goshawk::analyses::goroutines {

using findings::CodePlace;
using snapshot::FrameId;
using snapshot::Snapshot;

CodePlace place_of(const Snapshot& snapshot, FrameId frame) {
  if (frame == snapshot::kNone) return {};
  const snapshot::Frame& found = snapshot.stacks.frame(frame);
  return {std::string(snapshot.strings[found.function]), std::string(snapshot.strings[found.file]),
          found.line, found.pc.value()};
}

std::string line_text(const CodePlace& place) {
  return fmt::format("{}:{}", std::string_view(place.file).substr(place.file.rfind('/') + 1),
                     place.line);
}

CodePlace instance_of(const Snapshot& snapshot, FrameId frame) {
  CodePlace place = place_of(snapshot, frame);
  if (frame != snapshot::kNone && snapshot.stacks.frame(frame).symbol != snapshot::kNone)
    place.function = snapshot.strings[snapshot.stacks.frame(frame).symbol];
  place.pc = 0;
  return place;
}

std::vector<CodePlace> stack_of(const Snapshot& snapshot, const snapshot::Goroutine& goroutine) {
  std::vector<CodePlace> stack;
  for (FrameId frame : snapshot.stacks[goroutine.stack])
    if (!snapshot.stacks.frame(frame).hidden) stack.push_back(place_of(snapshot, frame));
  return stack;
}

}  // namespace goshawk::analyses::goroutines
