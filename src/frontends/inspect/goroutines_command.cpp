// The goroutines of a process: grouped for people, one by one in the runtime's own text, as JSON or
// as a pprof profile. The heap is not read for any of it.
#include "frontends/inspect/goroutines_command.h"

#include <charconv>
#include <chrono>

#include "frontends/inspect/duration_argument.h"
#include "frontends/inspect/notes.h"
#include "frontends/inspect/progress.h"
#include "frontends/inspect/target_argument.h"
#include "inspection/inspection.h"
#include "pprof/profile.h"
#include "report/goroutine_dump.h"
#include "report/goroutine_profile.h"
#include "report/goroutines_json.h"
#include "report/goroutines_text.h"

namespace goshawk::frontends::inspect {
namespace {

// "1,2,3" counts as three; so does naming the option three times.
std::vector<std::string> split_lists(const std::vector<std::string>& lists) {
  std::vector<std::string> parts;
  for (const std::string& list : lists)
    for (std::size_t start = 0; start <= list.size();) {
      std::size_t comma = std::min(list.find(',', start), list.size());
      if (comma > start) parts.push_back(list.substr(start, comma - start));
      start = comma + 1;
    }
  return parts;
}

Result<std::uint64_t> parse_goid(const std::string& text) {
  std::uint64_t goid = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, goid);
  if (error == std::errc() && stop == end && goid > 0) return goid;
  return fail(Usage{"\"" + text + "\" is no goroutine id", "give numbers, such as --goid 18,42"});
}

Result<snapshot::Status> parse_state(const std::string& text) {
  if (auto status = report::find_status(text)) return *status;
  return fail(Usage{"\"" + text + "\" is no goroutine state",
                    "it is running, runnable, waiting, syscall, preempted, copystack or leaked"});
}

Result<report::GoroutineFilter> make_filter(const GoroutinesRequest& request) {
  report::GoroutineFilter filter;
  filter.system = request.system;
  filter.wait_reason = request.wait_reason;
  for (const std::string& state : split_lists(request.states))
    filter.states.push_back(TRY(parse_state(state)));
  for (const std::string& goid : split_lists(request.goids))
    filter.goids.push_back(TRY(parse_goid(goid)));
  if (!request.function.empty())
    filter.function = TRY(report::NamePattern::compile(request.function));
  if (!request.min_age.empty()) filter.min_age_ns = TRY(parse_duration(request.min_age));
  if (!request.max_age.empty()) filter.max_age_ns = TRY(parse_duration(request.max_age));
  return filter;
}

Result<std::string> encode_profile(const snapshot::Snapshot& picture,
                                   const report::Selection& selection) {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return pprof::encode_gzipped(report::make_goroutine_profile(
      picture, selection, "goroutine",
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()));
}

void show_text(const GoroutinesRequest& request, Destination& destination,
               const snapshot::Snapshot& picture, const report::Selection& selection) {
  if (request.all || !request.goids.empty())
    report::render_goroutine_dump(destination.output(), picture, selection, request.labels);
  else
    report::render_goroutines_text(destination.output(), picture, selection,
                                   destination.text_style(false));
}

Result<ExitCode> show(const GoroutinesRequest& request, const snapshot::Snapshot& picture,
                      const report::Selection& selection) {
  std::string profile;
  if (request.delivery.format == Format::kPprof) profile = TRY(encode_profile(picture, selection));
  return deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    switch (request.delivery.format) {
      case Format::kText:
        return show_text(request, destination, picture, selection);
      case Format::kJson:
        return report::render_goroutines_json(destination.output(), picture, selection);
      case Format::kPprof:
        return destination.output().write(profile);
    }
  });
}

Result<ExitCode> list_and_show(const GoroutinesRequest& request) {
  std::int64_t pid = TRY(parse_target(request.target));
  report::GoroutineFilter filter = TRY(make_filter(request));
  snapshot::Snapshot picture = TRY([&] {
    Progress progress("reading process " + request.target);
    return inspection::list_goroutines(pid);
  }());
  if (request.delivery.verbose) print_notes(picture);
  return show(request, picture, report::select_goroutines(picture, filter));
}

}  // namespace

ExitCode run_goroutines(const GoroutinesRequest& request) {
  auto code = list_and_show(request);
  return code ? *code : report_error(code.error());
}

}  // namespace goshawk::frontends::inspect
