// Breakpoints are taken from those that have some: they would die of them where they end, and so
// die with us as long as they do. Hence more patience with them.
#include "target/letting_go.h"

#include <sys/wait.h>

#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "target/hardware_breakpoints.h"
#include "target/ptrace_request.h"

namespace goshawk::target {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::milliseconds(1000);        // with threads that do not come
constexpr auto kMorePatience = std::chrono::milliseconds(10'000);  // with those that'd die with us

// A thread that comes to one of our breakpoints just now would die of that.
int signal_to_pass(std::int64_t tid, int status, bool armed) {
  if (status >> 16 != 0) return 0;
  auto info = armed && WSTOPSIG(status) == SIGTRAP ? read_signal_info(tid) : std::nullopt;
  return info && info->si_code == TRAP_HWBKPT ? 0 : WSTOPSIG(status);
}

// What it has just made, a thread or a process, is traced too, and has the options that have it die
// with us.
std::optional<std::int64_t> read_made(std::int64_t tid, int event) {
  bool makes =
      event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK;
  return makes ? read_event_message(tid) : std::nullopt;
}

// False: it has ended, or does not stop. Breakpoints of it would stay.
bool detach_when_stopped(std::int64_t tid, Clock::time_point until, bool armed,
                         std::vector<std::int64_t>& made) {
  int status = 0;
  pid_t told = 0;
  while ((told = ::waitpid(static_cast<pid_t>(tid), &status, WNOHANG | __WALL)) == 0 &&
         Clock::now() < until)
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  if (told != tid || !WIFSTOPPED(status)) return false;
  if (auto also = read_made(tid, status >> 16)) made.push_back(*also);
  if (armed) clear_breakpoints(tid);
  return request_of_thread(PTRACE_DETACH, tid, signal_to_pass(tid, status, armed)) == 0;
}

// Threads that are made meanwhile by those that are still to be let go are traced as well; once a
// look at all finds none that is, no more can come.
bool let_go(std::int64_t pid, WatchedProcess& process, std::vector<std::int64_t>& made) {
  bool armed = !process.armed.empty(), alive = false;
  auto until = Clock::now() + (armed ? kMorePatience : kPatience);
  auto directory = ProcessDirectory::open(pid);
  std::set<std::int64_t> seen;
  auto let_go_of = [&](const auto& threads) {
    bool found = false;
    for (std::int64_t tid : threads)
      if (seen.insert(tid).second && request_of_thread(PTRACE_INTERRUPT, tid) == 0) {
        detach_when_stopped(tid, until, armed, made);
        found = true;
      }
    alive = alive || found;
    return found;
  };
  let_go_of(process.threads);
  while (directory && let_go_of(directory->list_threads())) {
  }
  return alive;
}

}  // namespace

std::uint64_t let_children_go(WatchedProcesses& processes,
                              const std::set<std::int64_t>& announced) {
  std::uint64_t count = 0;
  std::vector<std::int64_t> made(announced.begin(), announced.end());
  for (auto& [pid, process] : processes.all()) {
    processes.let_held_go(process);
    count += let_go(pid, process, made) ? 1 : 0;
  }
  auto until = Clock::now() + kPatience;
  for (std::size_t i = 0; i < made.size(); ++i)  // grows; threads among them have been let go
    if (request_of_thread(PTRACE_INTERRUPT, made[i]) == 0)
      count += detach_when_stopped(made[i], until, false, made) ? 1 : 0;
  return count;
}

}  // namespace goshawk::target
