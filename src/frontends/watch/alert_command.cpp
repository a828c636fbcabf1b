// The command gets a process group of its own, so that all that it has started can be ended. What
// it reads is in a file without a name: a pipe could be full, and would then have to be written to
// while the command is waited for.
#include "frontends/watch/alert_command.h"

#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "target/file_descriptor.h"

namespace goshawk::frontends::watch {
namespace {

Result<target::FileDescriptor> hold(std::string_view text) {
  target::FileDescriptor file(::memfd_create("alert", MFD_CLOEXEC));
  if (!file.is_open())
    return fail(Missing{fmt::format("no room for an alert: {}", std::strerror(errno)), ""});
  while (!text.empty()) {
    ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written <= 0)
      return fail(Missing{fmt::format("no room for an alert: {}", std::strerror(errno)), ""});
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// With no signal blocked or ignored: we block and ignore some.
Result<pid_t> start(const std::string& command, int input) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  sigset_t none, usual;
  ::sigemptyset(&none);
  ::sigemptyset(&usual);
  for (int signal : {SIGPIPE, SIGXFSZ}) ::sigaddset(&usual, signal);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::array<const char*, 4> words = {"sh", "-c", command.c_str(), nullptr};
  pid_t pid = 0;
  int error = ::posix_spawn(&pid, "/bin/sh", &actions, &attributes,
                            const_cast<char* const*>(words.data()), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0)
    return fail(Missing{fmt::format("/bin/sh cannot be started: {}", std::strerror(error)), ""});
  return pid;
}

// False: it still runs after that time.
bool wait_for_end(pid_t pid, std::int64_t most_ns) {
  target::FileDescriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!ended.is_open()) return true;  // an old kernel: it is waited for however long it takes
  pollfd poll{.fd = ended.get(), .events = POLLIN, .revents = 0};
  int result = 0;
  do {
    result =
        ::poll(&poll, 1, static_cast<int>(std::min<std::int64_t>(most_ns / 1'000'000, 1 << 30)));
  } while (result < 0 && errno == EINTR);
  return result != 0;
}

}  // namespace

Result<void> run_alert_command(const std::string& command, std::string_view input,
                               std::int64_t most_ns) {
  target::FileDescriptor file = TRY(hold(input));
  pid_t pid = TRY(start(command, file.get()));
  bool in_time = wait_for_end(pid, most_ns);
  if (!in_time) ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time)
    return fail(Missing{fmt::format("`{}` did not end within {} seconds and was ended", command,
                                    most_ns / 1'000'000'000),
                        ""});
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(Missing{WIFEXITED(status)
                          ? fmt::format("`{}` ended with code {}", command, WEXITSTATUS(status))
                          : fmt::format("`{}` was killed by signal {}", command, WTERMSIG(status)),
                      ""});
}

}  // namespace goshawk::frontends::watch
