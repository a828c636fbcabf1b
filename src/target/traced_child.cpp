// The child waits before its exec until it is seized (PTRACE_SEIZE, so that job control's stops
// stay what they are). Whether the exec succeeds is told by a pipe that it closes.
#include "target/traced_child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace goshawk::target {
namespace {

std::vector<char*> words_of(const std::vector<std::string>& texts) {
  std::vector<char*> words;
  words.reserve(texts.size() + 1);
  for (const std::string& text : texts) words.push_back(const_cast<char*>(text.c_str()));
  words.push_back(nullptr);
  return words;
}

// In the child: nothing here may allocate or throw.
[[noreturn]] void become_program(char* const* arguments, char* const* environment, int seized,
                                 int failed, const std::function<void()>& restore_signals) {
  char ready = 0;
  if (::read(seized, &ready, 1) != 1) ::_exit(127);  // whoever started it is gone, or may not
  restore_signals();
  ::execvpe(arguments[0], arguments, environment);
  int error = errno;
  [[maybe_unused]] ssize_t written = ::write(failed, &error, sizeof error);
  ::_exit(127);
}

}  // namespace

Result<TracedChild> start_traced(const std::vector<std::string>& command,
                                 const std::vector<std::string>& environment, long options,
                                 const std::function<void()>& restore_signals) {
  std::vector<char*> arguments = words_of(command), variables = words_of(environment);
  int ready[2], failed[2];
  if (::pipe2(ready, O_CLOEXEC) != 0)
    return fail(Missing{fmt::format("no pipe can be made: {}", std::strerror(errno)), ""});
  FileDescriptor ready_read(ready[0]), ready_write(ready[1]);
  if (::pipe2(failed, O_CLOEXEC) != 0)
    return fail(Missing{fmt::format("no pipe can be made: {}", std::strerror(errno)), ""});
  FileDescriptor failed_write(failed[1]);
  TracedChild child{.exec_error = FileDescriptor(failed[0])};
  child.pid = ::fork();
  if (child.pid < 0)
    return fail(Missing{fmt::format("no process can be started: {}", std::strerror(errno)), ""});
  if (child.pid == 0) {
    ::close(ready_write.release());
    become_program(arguments.data(), variables.data(), ready[0], failed[1], restore_signals);
  }
  if (::ptrace(PTRACE_SEIZE, static_cast<pid_t>(child.pid), nullptr, options) != 0) {
    int error = errno;
    ready_write = FileDescriptor();
    ::waitpid(static_cast<pid_t>(child.pid), nullptr, 0);
    return fail(Denied{fmt::format("a program may not be traced here: {}", std::strerror(error)),
                       "allow ptrace (a container: --cap-add SYS_PTRACE; kernel.yama.ptrace_scope "
                       "below 3), or run it unexamined: --best-effort"});
  }
  if (::write(ready_write.get(), "", 1) != 1)
    return fail(Missing{"the program was not started", ""});
  return child;
}

}  // namespace goshawk::target
