// While a twin lives, each page that the target writes is copied, to the account of the target's
// memory cgroup: at most as much as the process has of its own. Where that may be too much for the
// cgroup, or for the machine, no twin is made. It is not enough to give the twin up when memory
// runs short, though that is done too (keeper.cpp): the kernel takes 50 ms for each GB to free a
// dead process, in which its victim would be the target; nor that the twin is the first to be
// killed, for as long as it is dying it is no candidate.
#include "target/twin.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "target/injected_call.h"
#include "target/memory_headroom.h"

namespace goshawk::target {
namespace {

// No thread of it is ever let run. If that should fail, its first push ends it.
constexpr std::uint64_t kNoStack = 16;

bool is_filtered(const ProcessDirectory& directory, std::int64_t tid) {
  auto status = directory.read_file(fmt::format("task/{}/status", tid).c_str()).value_or("");
  return parse_decimal(find_status_field(status, "Seccomp")).value_or(0) != 0;
}

Error explain_number(std::int64_t error) {
  constexpr std::int64_t kRestart = 512;  // ERESTARTSYS: a signal came
  if (-error >= kRestart) return Missing{"a signal came at that moment", "a short stop"};
  switch (-error) {
    case EAGAIN:
      return Denied{
          "no process more is allowed there (the pids limit of its cgroup, or "
          "RLIMIT_NPROC)",
          ""};
    case ENOMEM:
      return Denied{"the kernel has not the memory for a twin", ""};
    case EPERM:
    case ENOSYS:
      return Denied{"the system forbids the process to make another one", ""};
    default:
      return Denied{fmt::format("clone: {}", std::strerror(static_cast<int>(-error))), ""};
  }
}

// Of the twin: 'Z' where it has ended and waits to be collected, 0 where there is none any more.
char read_state(std::int64_t twin) {
  auto directory = ProcessDirectory::open(twin);
  auto stat = directory ? parse_stat(directory->read_file("stat").value_or("")) : std::nullopt;
  return stat ? stat->state : '\0';
}

// Has it chosen before the target, should the kernel run out of memory meanwhile.
bool make_readable(std::int64_t twin) {
  auto directory = ProcessDirectory::open(twin);
  if (!directory) return false;
  FileDescriptor score = directory->open_file("oom_score_adj", O_WRONLY);
  constexpr std::string_view kFirst = "1000";
  if (score.is_open() && ::write(score.get(), kFirst.data(), kFirst.size()) < 0) return false;
  return directory->open_file("mem", O_RDONLY).is_open();
}

// Without stopping it: "202 0x... (arguments) 0x... (sp) 0x... (pc)", or "running".
bool may_rest(const ProcessDirectory& directory, std::int64_t tid,
              std::span<const AddressRange> resting) {
  std::string call = directory.read_file(fmt::format("task/{}/syscall", tid).c_str()).value_or("");
  std::size_t last = call.rfind("0x");
  if (last == std::string::npos) return false;
  Address before(std::strtoull(call.c_str() + last, nullptr, 16) - 1);
  return std::ranges::any_of(resting,
                             [&](const AddressRange& range) { return range.contains(before); });
}

SystemCall collecting(const Twin& twin) {
  return {SYS_wait4, {static_cast<std::uint64_t>(twin.pid_inside), 0, WNOHANG | __WALL, 0, 0, 0}};
}

// Of no use: the thread that made it, still stopped, collects it. False: a dead child stays.
bool remove_twin(TracedThread& thread, Address instruction, const Twin& twin) {
  ::kill(static_cast<pid_t>(twin.pid), SIGKILL);
  int status = 0;
  do {  // a stop of it may be told first
    if (::waitpid(static_cast<pid_t>(twin.pid), &status, __WALL) < 0 && errno != EINTR) break;
  } while (!WIFSIGNALED(status) && !WIFEXITED(status));
  return thread.signal == 0 && inject_call(thread, instruction, collecting(twin)).has_value();
}

}  // namespace

Result<Twin> make_twin(const ProcessDirectory& directory, Tracer& tracer,
                       std::span<const AddressRange> resting) {
  if (!can_inject_calls()) return fail(Denied{"on this architecture none is made", ""});
  std::optional<Error> refusal;
  for (TracedThread& thread : tracer.stopped()) {
    auto instruction = find_resting_call(thread, resting);
    if (!instruction) continue;
    thread.filtered = is_filtered(directory, thread.tid);
    auto outcome = inject_call(thread, *instruction,
                               {SYS_clone, {CLONE_FILES | CLONE_FS, kNoStack, 0, 0, 0, 0}});
    if (outcome && outcome->result > 0 && outcome->new_process > 0) {
      if (make_readable(outcome->new_process))
        return Twin{.pid = outcome->new_process, .pid_inside = outcome->result};
      bool gone = remove_twin(thread, *instruction, {outcome->new_process, outcome->result});
      return fail(Denied{gone ? "the memory of a twin of it may not be read"
                              : "the memory of a twin of it may not be read; the twin, dead, stays "
                                "until the process ends",
                         ""});
    }
    refusal = outcome ? explain_number(outcome->result) : std::move(outcome).error();
    if (std::holds_alternative<Denied>(*refusal)) break;  // for the others too
  }
  if (refusal) return fail(*std::move(refusal));
  return fail(Missing{"no thread of it rested at that instant", "a short stop"});
}

bool collect_twin(const ProcessDirectory& directory, const Twin& twin,
                  std::span<const AddressRange> resting) {
  char state = read_state(twin.pid);
  if (state != 'Z') return state == '\0';
  for (std::int64_t tid : directory.list_threads()) {
    if (!may_rest(directory, tid, resting)) continue;
    SeizedThreads seized;
    Tracer tracer(directory, {}, seized);
    auto stopped = tracer.stop_one(tid);
    bool done = false;
    if (stopped && *stopped) {
      TracedThread& thread = tracer.stopped().front();
      if (auto instruction = find_resting_call(thread, resting)) {
        thread.filtered = is_filtered(directory, tid);
        auto outcome = inject_call(thread, *instruction, collecting(twin));
        done = outcome && outcome->result == twin.pid_inside;
      }
    }
    tracer.let_go();
    collect_exits(directory.pid(), seized);
    if (done) return true;
  }
  return false;
}

std::uint64_t find_own_bytes(const ProcessDirectory& directory) {
  auto status = directory.read_file("status").value_or("");
  std::int64_t kilobytes = parse_decimal(find_status_field(status, "RssAnon")).value_or(0);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(kilobytes, 0)) * 1024;
}

TwinNeeds find_twin_needs(const ProcessDirectory& directory) {
  constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;
  std::uint64_t own = find_own_bytes(directory);
  return {.before_bytes = own + own / 4 + 64 * kMegabyte,
          .meanwhile_bytes = own / 8 + 32 * kMegabyte};
}

std::optional<std::string> find_reason_against_twin(const ProcessDirectory& directory) {
  return MemoryWatch(directory).find_lack(find_twin_needs(directory).before_bytes);
}

}  // namespace goshawk::target
