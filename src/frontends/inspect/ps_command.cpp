// The Go processes of this machine, and those of other languages that have Go in a library: which
// files a process has mapped tells at once that most have neither. Nothing is stopped: a few words
// of each process' memory are read while it runs, so the counts are of roughly now. A process that
// cannot be opened is listed when its executable can still be read and is a Go program; the others
// are told of on standard error, so that they are not taken for rows of the table.
#include "frontends/inspect/ps_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "goruntime/census.h"
#include "goruntime/go_files.h"
#include "report/processes.h"
#include "target/namespaces.h"
#include "target/process.h"
#include "target/process_access.h"
#include "target/process_list.h"

namespace goshawk::frontends::inspect {
namespace {

constexpr std::size_t kWorkers = 8;  // mostly waiting for the kernel

// No Go program, or it ended meanwhile: nothing.
std::optional<report::GoProcess> look_at(const target::ProcessEntry& entry,
                                         goruntime::GoFiles& files) {
  report::GoProcess process;
  process.pid = entry.pid;
  process.pid_inside = entry.pid_inside;
  process.executable = entry.executable_path.empty() ? entry.command : entry.executable_path;
  process.age_ns = entry.age_ns;
  if (!entry.accessible) process.why_not = entry.why_not + "; " + entry.remedy;
  if (entry.accessible) {
    auto target = target::open_process(entry.pid);
    auto mappings = target ? (*target)->read_mappings() : fail(target.error());
    if (mappings && !files.may_be_among(**target, *mappings)) return std::nullopt;
    auto census = mappings ? goruntime::take_census(**target, *mappings) : fail(mappings.error());
    if (census) {
      process.libraries = std::move(census->libraries);
      process.inspectable = true;
      process.go_version = census->go_version;
      process.arch = census->arch;
      process.goroutines = census->goroutines;
      process.of_runtime = census->of_runtime;
      process.heap_bytes = census->heap_bytes;
      return process;
    }
    process.why_not = describe(census.error());
  }
  auto executable = target::open_executable_of(entry.pid);
  auto census = executable ? goruntime::read_go_executable(*executable) : std::nullopt;
  if (!census) return std::nullopt;
  process.go_version = census->go_version;
  process.arch = census->arch;
  return process;
}

report::ClosedProcess describe_closed(const target::ProcessEntry& entry) {
  std::int64_t uid = ::geteuid();
  target::AccessDenial by_user =
      target::explain_denial({.own_uid = uid, .target_uid = entry.uid, .same_user = false});
  return {.pid = entry.pid,
          .name = entry.command,
          .of_another_user = uid != 0 && uid != entry.uid && entry.why_not == by_user.because &&
                             entry.remedy == by_user.remedy,
          .why = entry.why_not,
          .remedy = entry.remedy};
}

report::ProcessListing list(const std::vector<target::ProcessEntry>& entries) {
  std::vector<std::optional<report::GoProcess>> found(entries.size());
  goruntime::GoFiles files;
  std::atomic<std::size_t> next = 0;
  auto work = [&] {
    for (std::size_t i; (i = next++) < entries.size();)
      if (!entries[i].kernel_thread && !entries[i].zombie) found[i] = look_at(entries[i], files);
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
      listing.closed.push_back(describe_closed(entries[i]));
    }
  }
  return listing;
}

void tell_closed(const report::ProcessListing& listing) {
  if (!listing.closed.empty()) fmt::print(stderr, "\n");
  for (const std::string& sentence : report::describe_closed(listing)) print_note(sentence);
}

}  // namespace

ExitCode run_ps(const PsRequest& request) {
  auto entries = target::list_processes();
  if (!entries) return report_error(entries.error());
  report::ProcessListing listing = list(*entries);
  ExitCode code = deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    if (request.delivery.format == Format::kJson)
      report::render_processes_json(destination.output(), listing);
    else if (request.quiet)
      report::render_process_ids(destination.output(), listing);
    else
      report::render_processes_text(destination.output(), listing, destination.text_style(false));
  });
  if (request.delivery.format != Format::kText || request.quiet) return code;
  tell_closed(listing);
  auto alone = target::explain_own_pid_namespace();
  if (alone && listing.processes.empty() && listing.closed.empty()) print_note(*alone);
  return code;
}

}  // namespace goshawk::frontends::inspect
