// One pass over /proc. Each process is opened once and read through its own directory, so that a
// number that is given to another process meanwhile mixes nothing up.
//
// Whether we may look into a process is asked of the kernel by opening its memory, which makes
// the same check as ptrace (PTRACE_MODE_ATTACH) and attaches to nothing. With hidepid, or in a
// container, /proc shows fewer processes: what it does not show is not listed.
#include "target/process_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "target/namespaces.h"
#include "target/process_access.h"
#include "target/process_directory.h"
#include "target/process_memory.h"

namespace goshawk::target {
namespace {

std::int64_t read_boottime_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

void find_access(const ProcessDirectory& directory, ProcessEntry& entry) {
  if (entry.zombie) {
    entry.why_not = "it has ended (a zombie)";
  } else if (entry.kernel_thread) {
    entry.why_not = "it is a kernel thread";
  } else if (open_memory(directory)) {
    auto tracer = find_other_tracer(directory, directory.pid());
    entry.accessible = !tracer;
    if (const auto* denied = tracer ? std::get_if<Denied>(&*tracer) : nullptr) {
      entry.why_not = denied->action;
      entry.remedy = denied->remedy;
    }
  } else {
    AccessDenial denial = find_denial(directory);
    entry.why_not = std::move(denial.because);
    entry.remedy = std::move(denial.remedy);
  }
}

std::optional<ProcessEntry> read_entry(std::int64_t pid, std::int64_t now_ns) {
  auto directory = ProcessDirectory::open(pid);
  if (!directory) return std::nullopt;
  auto stat = parse_stat(directory->read_file("stat").value_or(""));
  auto status = directory->read_file("status");
  if (!stat || !status) return std::nullopt;

  ProcessEntry entry;
  entry.pid = pid;
  entry.parent_pid = stat->parent_pid;
  entry.pid_inside = find_pid_inside(*status);
  entry.command = stat->command;
  entry.executable_path = directory->read_link("exe").value_or("");
  entry.uid =
      static_cast<std::uint32_t>(parse_decimal(find_status_field(*status, "Uid")).value_or(0));
  std::int64_t ticks_per_second = ::sysconf(_SC_CLK_TCK);
  auto start = static_cast<std::int64_t>(std::min<std::uint64_t>(stat->start_ticks, 1ULL << 40));
  std::int64_t start_ns = start / ticks_per_second * 1'000'000'000 +
                          start % ticks_per_second * (1'000'000'000 / ticks_per_second);
  entry.age_ns = std::max<std::int64_t>(0, now_ns - start_ns);
  entry.rss_bytes = stat->resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  entry.zombie = stat->state == 'Z' || stat->state == 'X';
  entry.kernel_thread = stat->kernel_thread;
  find_access(*directory, entry);
  return entry;
}

}  // namespace

Result<std::vector<ProcessEntry>> list_processes() {
  TRY_VOID(check_proc());
  std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })> proc(::opendir("/proc"));
  if (!proc) return fail(Denied{"cannot list /proc", "run goshawk as a user who may"});
  std::vector<ProcessEntry> entries;
  std::int64_t now_ns = read_boottime_ns();
  while (const dirent* name = ::readdir(proc.get())) {
    auto pid = parse_decimal(name->d_name);
    auto entry = pid ? read_entry(*pid, now_ns) : std::nullopt;
    if (entry) entries.push_back(std::move(*entry));
  }
  std::sort(entries.begin(), entries.end(),
            [](const ProcessEntry& a, const ProcessEntry& b) { return a.pid < b.pid; });
  return entries;
}

}  // namespace goshawk::target
