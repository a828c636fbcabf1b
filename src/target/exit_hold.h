// Holds a watched process where it ends itself, until all else in it has come to rest: what it
// started last has not even begun to run by then. Nothing of it runs any more afterwards.
#pragma once

#include <cstdint>
#include <functional>

#include "target/exits.h"
#include "target/watched_process.h"

namespace goshawk::target {

class ExitHold {
 public:
  // As StartRequest has it; may be empty: then nothing is held. Both must outlive it.
  ExitHold(const std::function<Exits(std::int64_t pid)>& find_exits, WatchedProcesses& processes)
      : find_exits_(find_exits), processes_(processes) {}

  // `tid` has stopped, and its process has more than one thread: its program runs by now, and where
  // it ends itself can be told.
  void prepare(std::int64_t pid, std::int64_t tid, bool dies_with_us);
  // A thread that has stopped gets the breakpoints of its process, if it has any.
  static void arm(std::int64_t tid, WatchedProcess& process, bool dies_with_us);
  // Whether that signal is a breakpoint of ours: then the thread is taken care of.
  bool take_signal(std::int64_t tid, int signal);
  // Again and again while a thread is held: lets it go when it is time.
  static void look(std::int64_t pid, WatchedProcess& process);
  // Nobody looks any more: a thread that is held goes on.
  static void release(WatchedProcess& process);

 private:
  static void look_at_paused(std::int64_t pid, WatchedProcess& process);
  static void let_go(WatchedProcess& process, Rest rest);
  static bool pass(WatchedProcess& process, std::int64_t tid, bool at_last);

  const std::function<Exits(std::int64_t pid)>& find_exits_;
  WatchedProcesses& processes_;
};

}  // namespace goshawk::target
