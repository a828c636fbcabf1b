// A growth is proven by a finding only where that has most of the goroutines in question: three
// proven leaks beside five hundred others at the same site say nothing of these.
//
// That objects of one size grow while the heap does not may be another use of the same memory: it
// is never more than suspected.
#include "frontends/watch/investigation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include "analyses/heap/timers.h"
#include "report/heap_findings_text.h"
#include "report/heap_lines_text.h"
#include "report/holders_text.h"
#include "report/leaks_text.h"
#include "target/memory_headroom.h"
#include "target/process_directory.h"

namespace goshawk::frontends::watch {

using findings::Confidence;
using findings::Finding;

namespace {

std::int64_t unix_now_ns() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

std::optional<double> predict_limit(const WatchedProcess& process, const Alert& alert) {
  if (!is_memory(alert.quantity) || alert.per_second <= 0 || process.is_endpoint())
    return std::nullopt;
  auto directory = target::ProcessDirectory::open(process.process().pid);
  if (!directory) return std::nullopt;
  target::Headroom room =
      target::read_cgroup_headroom(directory->read_file("cgroup").value_or(""), "/sys/fs/cgroup");
  if (!room.known || !room.bytes) return std::nullopt;
  return static_cast<double>(*room.bytes) / alert.per_second;
}

Alert describe(const WatchedProcess& process, const GrowingNumber& number, double now_seconds) {
  const analyses::trend::Growth& growth = *number.growth();
  bool certain = growth.grade == analyses::trend::Grade::kGrowing;
  bool says_much = number.quantity() != Quantity::kHeapOfSize;
  Alert alert{.fingerprint = number.fingerprint(process.process().name),
              .confidence = certain && says_much ? Confidence::kLikely : Confidence::kSuspected,
              .unix_ns = unix_now_ns(),
              .process = process.process(),
              .quantity = number.quantity(),
              .site = number.site(),
              .level = number.latest(),
              .per_second = growth.per_second,
              .since_unix_ns = 0,
              .more_than_a_day_does = certain,
              .seconds_until_limit = {},
              .findings = {}};
  alert.since_unix_ns =
      alert.unix_ns - static_cast<std::int64_t>((now_seconds - growth.since_seconds) * 1e9);
  alert.seconds_until_limit = predict_limit(process, alert);
  if (number.quantity() == Quantity::kHeap)
    if (const GrowingNumber* part = process.find_main_part_of_heap())
      alert.mainly = describe_subject(part->quantity(), part->site());
  return alert;
}

bool belongs_to(const Finding& finding, const Alert& alert) {
  if (!is_site(alert.quantity)) return true;
  return finding.created_at.function == alert.site.function ||
         (finding.created_at.file == alert.site.file && finding.created_at.line == alert.site.line);
}

void add_findings(Alert& alert, const std::vector<Finding>& findings) {
  const Finding* largest = nullptr;
  for (const Finding& finding : findings) {
    if (!belongs_to(finding, alert) || finding.known == true) continue;
    alert.findings.push_back(finding);
    if (finding.confidence == Confidence::kProven) alert.leaked += finding.count;
    if (finding.confidence == Confidence::kLikely) alert.likely += finding.count;
    if (finding.confidence <= Confidence::kLikely &&
        (largest == nullptr || finding.count > largest->count))
      largest = &finding;
  }
  if (is_memory(alert.quantity) || largest == nullptr) return;
  double most = alert.level / 2;
  if (static_cast<double>(alert.leaked) >= most)
    alert.confidence = Confidence::kProven;
  else if (static_cast<double>(alert.leaked + alert.likely) >= most)
    alert.confidence = Confidence::kLikely;
  else
    return;
  alert.fingerprint = largest->fingerprint;
}

std::set<std::uint64_t> proven_goids(const findings::Verdict& verdict) {
  std::set<std::uint64_t> goids;
  for (const Finding& finding : verdict.findings)
    if (finding.confidence == Confidence::kProven)
      goids.insert(finding.goids.begin(), finding.goids.end());
  return goids;
}

// Of timers those that pile up: where they are most of all.
void add_timers(Alert& alert, const std::vector<findings::HeapFinding>& found) {
  for (const findings::HeapFinding& one : found) {
    alert.findings.push_back(one.finding);
    if (static_cast<double>(one.finding.count) < alert.level / 2) continue;
    alert.confidence = std::min(alert.confidence, one.finding.confidence);
    alert.leaked += one.unreferenced.value_or(0);
  }
}

// What only somebody on its machine can find out.
std::string advise(const Alert& alert) {
  return fmt::format("a picture of the process tells {}: on its machine, goshawk {} PID",
                     is_memory(alert.quantity) ? "who holds it" : "who could still wake them",
                     is_memory(alert.quantity) ? "heap" : "leaks");
}

Investigation tell_of_endpoint(const WatchedProcess& process,
                               std::span<const GrowingNumber* const> numbers,
                               Investigation result) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    result.alerts[i].why_no_picture = advise(result.alerts[i]);
    const GrowingNumber* part =
        numbers[i]->quantity() == Quantity::kHeap ? process.find_main_part_of_heap() : numbers[i];
    if (part != nullptr)
      result.report += process.source().tell_more({part->quantity(), part->site()});
  }
  return result;
}

std::string render(const inspection::Inspection& inspection,
                   const analyses::heap::FoundTimers& timers) {
  report::StringOutput out;
  report::TextStyle style;
  report::render_leaks_text(out, inspection.picture, inspection.verdict, style);
  if (!timers.lines.empty() && inspection.holders) {
    report::TextStyle whole = style;
    whole.all = true;
    out.write("\n");
    report::render_heap_findings(out, timers.findings, inspection.holders->live_bytes, style);
    report::render_heap_lines(out, {.timers = timers.lines}, inspection.holders->live_bytes, whole);
  }
  if (inspection.holders)
    report::render_suspects_in_short(out, inspection.picture.target.name, *inspection.holders,
                                     proven_goids(inspection.verdict), style);
  return out.text();
}

}  // namespace

Investigation investigate(const WatchedProcess& process,
                          std::span<const GrowingNumber* const> numbers,
                          const Investigating& settings, double now_seconds) {
  Investigation result;
  for (const GrowingNumber* number : numbers)
    result.alerts.push_back(describe(process, *number, now_seconds));
  if (process.is_endpoint()) return tell_of_endpoint(process, numbers, std::move(result));
  if (!settings.takes_pictures) return result;
  auto any = [&](auto is_it) {
    return std::ranges::any_of(numbers, is_it, [](const auto* one) { return one->quantity(); });
  };
  std::int64_t pid = process.process().pid;
  inspection::Source source{.name = std::to_string(pid),
                            .pid = pid,
                            .executable = {},
                            .max_pause_ns = settings.max_pause_ns};
  bool has_timers = any([](Quantity one) { return one == Quantity::kTimers; });
  auto inspection = inspection::inspect(
      source, settings.accepted, {.holders = has_timers || any(is_memory), .timers = has_timers});
  analyses::heap::FoundTimers timers;
  if (inspection && has_timers) timers = analyses::heap::find_timers(inspection->picture);
  for (Alert& alert : result.alerts) {
    alert.has_picture = inspection.has_value();
    if (!inspection) {
      alert.why_no_picture = goshawk::describe(inspection.error());
      continue;
    }
    alert.pause_ns = inspection->picture.picture.pause_ns;
    if (alert.quantity == Quantity::kTimers)
      add_timers(alert, timers.findings);
    else
      add_findings(alert, inspection->verdict.findings);
  }
  if (inspection) result.report = render(*inspection, timers);
  return result;
}

}  // namespace goshawk::frontends::watch
