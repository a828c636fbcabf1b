// A nice value of 5 is a third of the weight of another thread that wants the same processor, and
// all of a processor that nobody wants (kernel/sched/core.c, sched_prio_to_weight): on a machine
// with a processor to spare the answer comes as fast. Much more would have somebody wait very long
// on a machine that has none, which is when one looks; and a twin live longer. Both are of a thread
// in Linux, not of the process: setpriority(2), ioprio_set(2).
#include "base/low_priority.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace goshawk {

void lower_priority_of_this_thread() {
  constexpr int kNice = 5;
  auto self = static_cast<id_t>(::syscall(SYS_gettid));
  if (::getpriority(PRIO_PROCESS, self) < kNice) ::setpriority(PRIO_PROCESS, self, kNice);
  constexpr int kWhoProcess = 1, kBestEffort = 2, kClassShift = 13, kLowest = 7;  // linux/ioprio.h
  ::syscall(SYS_ioprio_set, kWhoProcess, 0, (kBestEffort << kClassShift) | kLowest);
}

}  // namespace goshawk
