// Goroutines by their stacks: what goroutine dumps and profiles have in common, and all that can be
// known of a program without looking into it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "findings/finding.h"

namespace goshawk::analyses::profile {

// Goroutines that do the same: one stack, one state, started by one statement.
struct StackGroup {
  std::uint64_t count = 0;
  std::vector<findings::CodePlace> frames = {};  // innermost first; empty: they were not told
  findings::CodePlace created_by = {};  // the go statement; no function: nobody, or not known
  std::string state = {};               // the runtime's text: "chan receive"; "": not told
  // How long they wait, of those of whom that is told, ascending: Go tells it from a minute on.
  std::vector<std::uint32_t> wait_minutes = {};
  std::vector<std::string> labels = {};   // different ones, as they are written; the first few
  std::vector<std::uint64_t> goids = {};  // ascending; empty: they were not told
  std::uint64_t creator_told = 0;  // of them, of whom the goroutine that started them is told
  std::uint64_t creator_gone = 0;  // of these, whose creator is not there any more
  bool is_main = false;            // it is the main goroutine
  bool leaked = false;             // the runtime itself says so
  bool elided = false;             // frames are left out, in the middle of the stack
  bool stack_unavailable = false;  // it ran on another thread
};

struct StackGroups {
  std::vector<StackGroup> groups;  // the largest first
  std::uint64_t goroutines = 0;    // of all groups
  std::uint64_t not_read = 0;      // goroutines that are known to be there, and no more
  bool tells_states = false;       // a profile does not
  bool tells_waits = false;        // at least one waits for so long that Go has told it
};

}  // namespace goshawk::analyses::profile
