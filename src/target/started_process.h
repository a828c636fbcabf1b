// A program that we start and watch until it ends: nothing of it is changed, its signals go on at
// once, and no system call of it is traced. At its end the kernel stops each of its threads before
// they let go of its memory (PTRACE_EVENT_EXIT): it is looked at there, and goes on to end. It can
// be looked at before, too: then all its threads are stopped, and go on.
#pragma once

#include <sys/wait.h>

#include <csignal>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/exits.h"
#include "target/running_programs.h"
#include "target/target.h"

namespace goshawk::target {

struct StartRequest {
  std::vector<std::string> command;      // looked for as execvp does
  std::vector<std::string> environment;  // "NAME=value", all of it
  bool children = false;                 // those that it starts are watched too
  // Called when a process has started its first thread.
  std::function<Exits(std::int64_t pid)> find_exits = {};
  // Without `children`: called when one that is let alone has executed a program, or ended.
  std::function<void(std::int64_t pid)> at_child = {};
  // Run in a thread of its own once the program is started, for who looks at it while it runs; to
  // return when the programs have ended. It is told of kForUs, and of all that is passed on.
  std::function<void(RunningPrograms& programs)> beside = {};
};

// A process at its end, all of whose threads are held until the call with it returns.
struct EndingProcess {
  std::int64_t pid = 0;
  std::vector<Thread> threads = {};  // none of one that is killed: its memory is wanted back
  int wait_status = 0;               // what wait(2) will tell of it
  bool rested = false;   // all in it had come to rest before it ended, or had been given its time
  bool watched = false;  // where it ends itself
  bool came = false;     // there: it was not rested in time, then, if it is not rested
  // Empty; else why its threads could not all be held: then nothing is proven of it.
  std::string incomplete = {};
};

// By SIGKILL.
inline bool is_killed(int wait_status) {
  return WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGKILL;
}

struct Ended {
  int wait_status = 0;  // of the program that was started
  int not_started = 0;  // errno of its exec, which failed: the status means nothing
  // Executables that were to give another user's privileges (set-user-ID) and did not, as of
  // whatever is traced by who has not all privileges.
  std::set<std::string> without_privileges = {};
  std::uint64_t left = 0;  // children that were watched and run on: they were let go
};

// Until the program has ended. What others send to us is passed on to it, once: what the terminal
// or a sender to the whole process group sends reaches it by itself. `at_end` is called in this
// thread, for each process that is watched. It dies with us, if we are killed.
// Denied: it may not be traced, and was not started.
Result<Ended> run_to_end(const StartRequest& request,
                         const std::function<void(const EndingProcess&)>& at_end);

}  // namespace goshawk::target
