// The Go processes of this machine. Nothing is stopped: a few words of each process' memory are
// read while it runs, so the counts are of roughly now. A process that cannot be opened is listed
// when its executable can still be read and is a Go program; of the others, only their number and
// the reason are told.
#include "frontends/inspect/ps_command.h"

#include "goruntime/census.h"
#include "report/processes.h"
#include "target/process.h"
#include "target/process_list.h"

namespace goshawk::frontends::inspect {
namespace {

report::GoProcess describe_process(const target::ProcessEntry& entry,
                                   const goruntime::Census& census) {
  report::GoProcess process;
  process.pid = entry.pid;
  process.executable = entry.executable_path.empty() ? entry.command : entry.executable_path;
  process.go_version = census.go_version;
  process.goroutines = census.goroutines;
  process.heap_bytes = census.heap_bytes;
  process.age_ns = entry.age_ns;
  process.inspectable = true;
  return process;
}

// nullopt: no Go program, or it ended meanwhile.
std::optional<report::GoProcess> look_at(const target::ProcessEntry& entry) {
  auto process = target::open_process(entry.pid);
  if (!process) return std::nullopt;
  auto census = goruntime::take_census(**process);
  if (!census) return std::nullopt;
  return describe_process(entry, *census);
}

report::ProcessListing list(const std::vector<target::ProcessEntry>& entries) {
  report::ProcessListing listing;
  for (const target::ProcessEntry& entry : entries) {
    if (entry.kernel_thread || entry.zombie) continue;
    if (!entry.accessible) {
      ++listing.closed;
      listing.why_closed = entry.why_not;
    } else if (auto process = look_at(entry)) {
      listing.processes.push_back(std::move(*process));
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
