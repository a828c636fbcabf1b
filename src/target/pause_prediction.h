// How long a stop of a process is likely to last: known before it is stopped, for those who have
// set a limit to it.
#pragma once

#include <cstdint>

#include "target/process_directory.h"

namespace goshawk::target {

// What a stop has to do with. Memory that is shared or a file's costs neither way anything: a twin
// gets its page tables when it asks for them, and nobody asks.
struct StopLoad {
  std::uint64_t threads = 0;
  std::uint64_t own_bytes = 0;   // resident memory of its own
  std::uint64_t huge_bytes = 0;  // of it in huge pages
};
// Nothing of a process that is gone. Without a stop; what is in huge pages the kernel counts by
// walking all page tables, which it interrupts for whoever waits.
StopLoad read_stop_load(const ProcessDirectory& directory);

// Of this machine, now.
struct StopSpeed {
  double twin_ns_per_page = 0;  // of 4 KB, whose entry is copied
  double copied_ns_per_byte = 0;
};
// Makes a few twins of this process, with 32 MB for them. Takes some tens of milliseconds.
StopSpeed measure_stop_speed();
// The same, measured again when it is older than a minute: for those who look often. Any thread.
StopSpeed recent_stop_speed();

struct PredictedPause {
  std::int64_t track_ns = 0;  // while not much is written
  std::int64_t twin_ns = 0;
  std::int64_t copy_ns = 0;
};
// reads_heap: else goroutines only, whose number is not known here: a copy of them may take longer.
PredictedPause predict_pause(const StopLoad& load, const StopSpeed& speed, bool reads_heap);

}  // namespace goshawk::target
