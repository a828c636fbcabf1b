// Where a goroutine is, as a reader knows it: by a function of the program's own.
#pragma once

#include <string>
#include <string_view>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

struct GoroutinePlace {
  // The program's own that is nearest to the top of the stack. Where none is the program's: its
  // first one. "": not known.
  std::string_view function;
  // What that one has called of Go's library, if it is in there; "" of the runtime and of locks,
  // which say no more than that it waits.
  std::string_view inside;
};

GoroutinePlace find_place(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);

// "main.refresher (asleep in time.Sleep)"; "" where nothing is known.
std::string to_text(const GoroutinePlace& place);

}  // namespace goshawk::analyses::heap
