// Does nothing, as the first process of a container: an image that holds goshawk alone has no shell
// and no `sleep` to keep the container there for those who enter it (kubectl exec).
//
// The kernel sends the first process of a pid namespace no signal that it does not wait for, and
// leaves it the orphans: those vanish, as their exit codes are of no interest to anybody.
#include "cli/idle.h"

#include <csignal>
#include <initializer_list>

namespace goshawk::cli {

int run_idle() {
  std::signal(SIGCHLD, SIG_IGN);
  sigset_t ends;
  ::sigemptyset(&ends);
  for (int one : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::sigaddset(&ends, one);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  int signal = 0;
  ::sigwait(&ends, &signal);
  return 0;
}

}  // namespace goshawk::cli
