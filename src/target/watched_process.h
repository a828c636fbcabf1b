// What is known of one process that is watched until it ends, and of all of them. All is done by
// the thread that traces them.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "target/exits.h"
#include "target/process_directory.h"
#include "target/target.h"

namespace goshawk::target {

struct WatchedProcess {
  using Clock = std::chrono::steady_clock;

  // How a thread that is paused goes on.
  struct Paused {
    int signal = 0;
    bool listens = false;  // it is in a group stop
  };

  // One of its threads ends it, and is held before it does (exit_hold.h).
  struct Exiting {
    std::int64_t thread = 0;
    bool held = false;
    bool at_last = false;  // what it executes next ends all threads
    Clock::time_point since;
    std::chrono::nanoseconds run_before{};  // of all its threads
    int restful_looks = 0;
    bool is_paused = false;  // all others are, to be looked at
    Clock::time_point paused_since, next_pause;
    int unsettled_at_rest = 0;  // looks
  };

  std::set<std::int64_t> threads;       // that may still come to their end
  std::map<std::int64_t, Thread> held;  // those that have come there together
  std::set<std::int64_t> unread;        // of these
  std::optional<Clock::time_point> ends_since;
  int wait_status = 0;
  std::optional<Exits> exits;             // once they were looked for
  std::set<std::int64_t> armed;           // threads with breakpoints there
  std::optional<Exiting> exiting;         // once one has come there
  bool rested = false;                    // EndingProcess has it
  bool holding = false;                   // threads that stop stay so
  std::map<std::int64_t, Paused> paused;  // those that have
  bool lost = false;                      // a thread ended unseen
  bool executes = false;                  // a program of its own, and is no copy of who started it

  bool is_held_at_exit() const { return exiting && exiting->held; }
};

class WatchedProcesses {
 public:
  // Of a thread that is not known yet too, which is a new one; 0: it is gone.
  std::int64_t process_of(std::int64_t tid);
  bool knows(std::int64_t tid) const { return process_of_.contains(tid); }
  WatchedProcess* find(std::int64_t pid);
  const WatchedProcess* find(std::int64_t pid) const;
  // Those that have their end before them, or are in it.
  std::map<std::int64_t, WatchedProcess>& all() { return processes_; }
  const std::map<std::int64_t, WatchedProcess>& all() const { return processes_; }

  void add(std::int64_t pid);
  // It has executed a program: all other threads are gone, and this one has the process' number.
  WatchedProcess& restart(std::int64_t pid);
  void forget_thread(std::int64_t tid);
  void forget(std::int64_t pid);

  // Whether all its threads are held at their end. The first one may have ended before, and waits
  // for the others (a zombie).
  bool have_all_come(std::int64_t pid, const WatchedProcess& process) const;
  // Those that are held at their end go on to it.
  void let_held_go(WatchedProcess& process);

 private:
  std::map<std::int64_t, WatchedProcess> processes_;
  std::map<std::int64_t, std::int64_t> process_of_;  // by thread
};

// Whether a thread of it waits in execve for the others to end.
bool waits_in_exec(std::int64_t pid, const WatchedProcess& process);

// Whether its executable was to make it run as somebody else, and it does not.
bool lacks_privileges(const ProcessDirectory& directory);

// 'R', 'S', 'Z' ...; 0: it is gone.
char read_thread_state(const ProcessDirectory& directory, std::int64_t tid);

}  // namespace goshawk::target
