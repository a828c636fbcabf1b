// goshawk: see commands.cpp for what it can do. A reader that closes our pipe ends us quietly, and
// a file that may not become so large is told of, so SIGPIPE and SIGXFSZ are ignored and show up as
// errors of write; a program that we start finds them as we did. What no function foresaw (memory
// used up) is caught here, once.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "cli/invocation.h"
#include "frontends/testrun/run_command.h"

int main(int argc, char** argv) {
  goshawk::frontends::testrun::remember_inherited_signals();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return goshawk::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
  } catch (const std::bad_alloc&) {
    std::fputs("goshawk: out of memory; free some, or look at the process from a larger machine\n",
               stderr);
  } catch (const std::exception& unforeseen) {
    std::fprintf(stderr, "goshawk: internal error: %s; please report it\n", unforeseen.what());
  }
  return 3;
}
