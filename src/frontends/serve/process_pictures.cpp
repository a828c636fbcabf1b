// The same pictures and presentations as those of `goshawk goroutines`, `leaks` and `heap
// --allocations`. What is opened by its number may be another process than the one that was meant,
// once that has ended: its folder in /proc, which is held open, is asked after each picture.
#include "frontends/serve/process_pictures.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "inspection/inspection.h"
#include "pprof/encoder.h"
#include "report/allocation_counts_text.h"
#include "report/allocation_profile.h"
#include "report/goroutine_counts_text.h"
#include "report/goroutine_dump.h"
#include "report/goroutine_profile.h"
#include "report/goroutine_selection.h"
#include "report/leaks_json.h"
#include "report/leaks_text.h"
#include "report/output.h"

namespace goshawk::frontends::serve {
namespace {

std::int64_t now_ns() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

report::Selection proven_goroutines(const inspection::Inspection& inspection) {
  report::GoroutineFilter filter;
  for (const findings::Finding& finding : inspection.verdict.findings)
    if (finding.confidence == findings::Confidence::kProven)
      for (std::uint64_t goid : finding.goids) filter.goids.push_back({goid, goid});
  if (filter.goids.empty()) return {};
  return report::select_goroutines(inspection.picture, filter);
}

Result<std::string> render(const snapshot::Snapshot& picture, const report::Selection& selection,
                           std::string_view type, PprofForm form) {
  report::StringOutput out;
  switch (form) {
    case PprofForm::kProfile:
      return pprof::encode_gzipped(
          report::make_goroutine_profile(picture, selection, type, now_ns()));
    case PprofForm::kCounts:
      report::render_goroutine_counts(out, picture, selection, type);
      break;
    case PprofForm::kDump:
      report::render_goroutine_dump(out, picture, selection, false);
      break;
  }
  return out.text();
}

std::int64_t pause_ns_of(const snapshot::Snapshot& picture) { return picture.picture.pause_ns; }
std::int64_t pause_ns_of(const inspection::Inspection& inspection) {
  return pause_ns_of(inspection.picture);
}

}  // namespace

Result<ProcessPictures> ProcessPictures::open(inspection::Source source) {
  auto directory = target::ProcessDirectory::open(source.pid);
  if (!directory)
    return fail(Missing{"there is no process " + source.name, "`goshawk ps` lists Go processes"});
  return ProcessPictures(std::move(source), *std::move(directory));
}

Result<void> ProcessPictures::check_alive() const {
  auto text = directory_.read_file("stat");
  auto stat = text ? target::parse_stat(*text) : std::nullopt;
  bool is_dead = !stat || (stat->thread_count <= 1 && (stat->state == 'Z' || stat->state == 'X'));
  if (!is_dead) return {};
  return fail(Missing{"process " + source_.name + " has ended",
                      "start goshawk serve again for the next one"});
}

template <typename Take>
auto ProcessPictures::take(Take&& take_picture) -> decltype(take_picture()) {
  TRY_VOID(check_alive());
  auto taken = take_picture();
  TRY_VOID(check_alive());
  if (taken) last_pause_ns_ = pause_ns_of(*taken);
  return taken;
}

Result<std::string> ProcessPictures::read_goroutines(PprofForm form) {
  snapshot::Snapshot picture =
      TRY(take([&] { return inspection::list_goroutines(source_, {.waits = false}); }));
  return render(picture, report::select_goroutines(picture, {}), "goroutine", form);
}

Result<std::string> ProcessPictures::read_leaked_goroutines(PprofForm form) {
  auto inspection = TRY(take([&] { return inspection::inspect(source_); }));
  return render(inspection.picture, proven_goroutines(inspection), "goroutineleak", form);
}

Result<std::string> ProcessPictures::read_allocations(bool means_all, PprofForm form) {
  snapshot::Snapshot picture = TRY(take([&] { return inspection::list_allocations(source_); }));
  if (form != PprofForm::kProfile) {
    report::StringOutput out;
    report::render_allocation_counts(out, picture);
    return out.text();
  }
  pprof::Profile profile = report::make_allocation_profile(picture, now_ns());
  if (means_all) profile.default_sample_type = profile.strings.add("alloc_space");
  return pprof::encode_gzipped(profile);
}

Result<std::string> ProcessPictures::read_leaks(LeaksForm form) {
  auto inspection = TRY(take([&] { return inspection::inspect(source_); }));
  report::StringOutput out;
  if (form == LeaksForm::kJson)
    report::render_leaks_json(out, inspection.picture, inspection.verdict, false);
  else
    report::render_leaks_text(out, inspection.picture, inspection.verdict, {});
  return out.text();
}

}  // namespace goshawk::frontends::serve
