// Opens a process with every check that can tell beforehand why it cannot be examined. What is
// opened is a LiveProcess, or one of those here, whose stop is somebody else's.
#include "target/process.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "target/live_process.h"
#include "target/namespaces.h"
#include "target/process_access.h"
#include "target/process_directory.h"
#include "target/process_files.h"
#include "target/process_memory.h"

namespace goshawk::target {
namespace {

const char* const kListHint = "goshawk ps lists the processes that can be examined";

struct OpenedProcess {
  ProcessDirectory directory;
  MemoryFiles files;
};

// Somebody else stops it.
class HeldProcess : public LiveProcess {
 public:
  HeldProcess(OpenedProcess opened, bool goes_on, StopElsewhere stop_elsewhere)
      : LiveProcess(std::move(opened.directory), std::move(opened.files), {.way = Way::kCopy}),
        goes_on_(goes_on),
        stop_elsewhere_(std::move(stop_elsewhere)) {}

  bool goes_on() const override { return goes_on_; }
  Result<std::unique_ptr<Stop>> stop() override {
    if (auto shared = shares_memory()) return fail(*std::move(shared));
    return stop_elsewhere_();
  }

 private:
  bool goes_on_;
  StopElsewhere stop_elsewhere_;
};

// All threads are held already, and will be.
class HeldStop : public Stop {
 public:
  explicit HeldStop(std::vector<Thread> threads) : threads_(std::move(threads)) {}
  const std::vector<Thread>& threads() const override { return threads_; }
  Result<void> let_go() override { return {}; }
  std::int64_t pause_ns() const override { return 0; }

 private:
  std::vector<Thread> threads_;
};

Error explain_zombie(const ProcessDirectory& directory, const ProcessStat& stat) {
  std::string parent = "?";
  if (auto opened = ProcessDirectory::open(stat.parent_pid))
    if (auto of_parent = parse_stat(opened->read_file("stat").value_or("")))
      parent = of_parent->command;
  return Missing{fmt::format("{} ({}) is a zombie: it has ended, and its parent {} ({}) has "
                             "not fetched its exit code",
                             name_process(directory), stat.command, stat.parent_pid, parent),
                 "it has no memory left to examine"};
}

// What has no memory to read, and what is only a part of a process.
Result<void> check_kind(const ProcessDirectory& directory) {
  std::string status = directory.read_file("status").value_or("");
  auto stat = read_settled_stat(directory);
  if (!stat || status.empty()) return fail(explain_gone(directory));
  std::int64_t process = parse_decimal(find_status_field(status, "Tgid")).value_or(directory.pid());
  if (process != directory.pid())
    return fail(Usage{fmt::format("{} is a thread of process {}", directory.pid(), process),
                      fmt::format("use {}", process)});
  if (has_ended(*stat)) {
    // With other threads still at work its memory is there, though not through its first thread.
    if (stat->thread_count > 1) return fail(explain_first_thread_ended(directory, *stat));
    return fail(explain_zombie(directory, *stat));
  }
  if (stat->kernel_thread) return fail(explain_kernel_thread(directory, *stat));
  if (find_status_field(status, "VmSize").empty())
    return fail(Missing{fmt::format("{} ({}) is ending: its memory is gone already",
                                    name_process(directory), stat->command),
                        "nothing is left to examine"});
  return {};
}

Result<void> check_executable(const ProcessDirectory& directory) {
  FileDescriptor file = directory.open_file("exe", O_RDONLY);
  std::array<unsigned char, EI_NIDENT> ident{};
  if (!file.is_open() || ::read(file.get(), ident.data(), ident.size()) != EI_NIDENT) return {};
  if (std::memcmp(ident.data(), ELFMAG, SELFMAG) == 0 && ident[EI_CLASS] == ELFCLASS32)
    return fail(Missing{name_process(directory) + " is a 32-bit program",
                        "goshawk reads 64-bit programs (x86-64, arm64) only"});
  return {};
}

Result<OpenedProcess> open_checked(std::int64_t pid) {
  TRY_VOID(check_proc());
  if (pid == ::getpid())
    return fail(Usage{fmt::format("process {} is goshawk itself", pid),
                      explain_own_pid_namespace().value_or(kListHint)});
  auto directory = ProcessDirectory::open(pid);
  if (!directory) return fail(explain_absent(pid));
  TRY_VOID(check_kind(*directory));
  auto files = open_memory(*directory);
  if (!files) {
    if (errno == EACCES || errno == EPERM)
      return fail(explain_denied_access(*directory, "read the memory of"));
    return fail(explain_gone(*directory));
  }
  TRY_VOID(check_executable(*directory));
  return OpenedProcess{*std::move(directory), *std::move(files)};
}

}  // namespace

Result<std::unique_ptr<Target>> open_process(std::int64_t pid, const ReadingOptions& options) {
  OpenedProcess opened = TRY(open_checked(pid));
  return std::make_unique<LiveProcess>(std::move(opened.directory), std::move(opened.files),
                                       options);
}

Result<std::unique_ptr<Target>> open_ending_process(std::int64_t pid, std::vector<Thread> threads) {
  auto stop = [threads = std::move(threads)] { return std::make_unique<HeldStop>(threads); };
  return std::make_unique<HeldProcess>(TRY(open_checked(pid)), false, std::move(stop));
}

Result<std::unique_ptr<Target>> open_traced_process(std::int64_t pid, StopElsewhere stop) {
  return std::make_unique<HeldProcess>(TRY(open_checked(pid)), true, std::move(stop));
}

Result<int> open_executable_of(std::int64_t pid) {
  TRY_VOID(check_proc());
  auto directory = ProcessDirectory::open(pid);
  if (!directory) return fail(Missing{fmt::format("there is no process {}", pid), kListHint});
  return open_executable(*directory);
}

}  // namespace goshawk::target
