// All threads of a watched process held still for a moment, while it runs: how each would have gone
// on is kept until it may.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "target/target.h"
#include "target/watched_process.h"

namespace goshawk::target {

// They come to a stop one after the other, and stay so: continue_thread() holds them. `stopped`:
// one that is already, and is not to go on with the others; 0: none.
void begin_pause(WatchedProcess& process, std::int64_t stopped = 0);
// What the registers of all of them hold; no value: not all have stopped yet.
std::optional<std::vector<Thread>> find_paused(const ProcessDirectory& directory,
                                               const WatchedProcess& process,
                                               std::int64_t stopped = 0);
// False: one of them was killed meanwhile.
bool end_pause(WatchedProcess& process);
// They do not go on: their process is ended now.
void leave_paused(WatchedProcess& process);

// From the stop that it is in; once the pause ends, where there is one.
void continue_thread(WatchedProcess* process, std::int64_t tid, int signal = 0);
// It stays in its group stop until SIGCONT.
void listen_to_thread(WatchedProcess* process, std::int64_t tid);

}  // namespace goshawk::target
