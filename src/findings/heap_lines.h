// What the heap holds in ways of Go's own, without blame: it is told so that a reader knows of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "findings/heap_holders.h"

namespace goshawk::findings {

// What lies in one sync.Pool for reuse, or in several in one place: freed by the next two
// collections unless it is taken out.
struct PoolLine {
  std::string place = {};    // "main.buffers", "main.server.buffers"; "": not known
  std::string made_by = {};  // the function New; "": none, or not known
  std::string type = {};     // of most of the values: "*bytes.Buffer"; "": there are none
  std::uint64_t pools = 0;
  std::uint64_t address = 0;  // of the only pool; 0: there are several
  std::uint64_t values = 0;
  std::uint64_t victim_values = 0;  // of them, which the next collection frees
  std::uint64_t bytes = 0;          // of what only the pools hold, their own arrays too
  std::uint64_t victim_bytes = 0;
};

// The handles that package unique has made of one type.
struct UniqueLine {
  std::string type = {};        // "string"
  std::uint64_t handles = 0;    // different values
  std::uint64_t unheld = 0;     // of them, of which nobody has a handle: collections take them out
  std::uint64_t map_bytes = 0;  // of the map in which the package finds them
  std::uint64_t value_bytes = 0;  // of the values that are held, with what they alone hold
};

// Objects of one type to which weak pointers lead, those of unique's handles left out.
struct WeakLine {
  std::string type = {};      // "": not known
  std::uint64_t objects = 0;  // each may have any number of weak pointers
  std::uint64_t bytes = 0;    // of the objects themselves
  std::uint64_t unheld = 0;   // of them, that nothing else leads to: the next collection frees them
};

// Timers that will call one function, or send on channels.
struct TimerLine {
  std::string function = {};  // "main.expire"; of channels "time.sendTime"; "": not known
  bool sends_time = false;    // of time.After, time.NewTimer, time.NewTicker
  bool ticks = false;         // again and again
  std::uint64_t timers = 0;
  std::uint64_t bytes = 0;                   // that only they hold
  std::int64_t longest_ns = 0;               // until the last one fires; 0: not known
  std::vector<AllocatedIn> created_in = {};  // by those that were sampled; most samples first
  bool has_finding = false;                  // there is a finding of these
};

struct HeapLines {
  std::vector<PoolLine> pools = {};  // the largest first, as of all below
  std::vector<UniqueLine> unique = {};
  std::vector<WeakLine> weak = {};
  std::vector<TimerLine> timers = {};
};

}  // namespace goshawk::findings
