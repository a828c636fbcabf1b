// The Go processes of this machine. Nothing is stopped: a few words of each process' memory are
// read while it runs, so the counts are of roughly now. A process that cannot be opened is listed
// when its executable can still be read and is a Go program; of the others, only their number and
// the reason are told.
#include "frontends/inspect/ps_command.h"

#include <atomic>
#include <thread>

#include "goruntime/census.h"
#include "report/processes.h"
#include "target/process.h"
#include "target/process_list.h"

namespace goshawk::frontends::inspect {
namespace {

constexpr std::size_t kWorkers = 8;  // mostly waiting for the kernel

// No Go program, or it ended meanwhile: nothing.
std::optional<report::GoProcess> look_at(const target::ProcessEntry& entry) {
  report::GoProcess process;
  process.pid = entry.pid;
  process.executable = entry.executable_path.empty() ? entry.command : entry.executable_path;
  process.age_ns = entry.age_ns;
  process.why_not = entry.why_not;
  if (entry.accessible) {
    auto target = target::open_process(entry.pid);
    auto census = target ? goruntime::take_census(**target) : fail(target.error());
    if (census) {
      process.inspectable = true;
      process.go_version = census->go_version;
      process.goroutines = census->goroutines;
      process.heap_bytes = census->heap_bytes;
      return process;
    }
    process.why_not = describe(census.error());
  }
  if (auto executable = target::open_executable_of(entry.pid))
    process.go_version = goruntime::read_go_release(*executable);
  if (process.go_version.empty()) return std::nullopt;
  return process;
}

report::ProcessListing list(const std::vector<target::ProcessEntry>& entries) {
  std::vector<std::optional<report::GoProcess>> found(entries.size());
  std::atomic<std::size_t> next = 0;
  auto work = [&] {
    for (std::size_t i; (i = next++) < entries.size();)
      if (!entries[i].kernel_thread && !entries[i].zombie) found[i] = look_at(entries[i]);
  };
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < std::min(kWorkers, entries.size()); ++i) workers.emplace_back(work);
  }
  report::ProcessListing listing;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (found[i]) {
      listing.processes.push_back(std::move(*found[i]));
    } else if (!entries[i].accessible && !entries[i].kernel_thread && !entries[i].zombie) {
      ++listing.closed;
      listing.why_closed = entries[i].why_not;
    }
  }
  return listing;
}

}  // namespace

ExitCode run_ps(const PsRequest& request) {
  auto entries = target::list_processes();
  if (!entries) return report_error(entries.error());
  report::ProcessListing listing = list(*entries);
  return deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    if (request.delivery.format == Format::kJson)
      report::render_processes_json(destination.output(), listing);
    else
      report::render_processes_text(destination.output(), listing, destination.text_style(false));
  });
}

}  // namespace goshawk::frontends::inspect
