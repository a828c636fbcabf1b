// The JSON shape of leaks, as the design fixes it. A field without a value is null, never left out,
// so that a script may name it blindly.
#include "report/leaks_json.h"

#include <algorithm>

#include "findings/rules.h"
#include "report/json_parts.h"

namespace goshawk::report {
namespace {

constexpr std::size_t kShownGoids = 100;
constexpr std::size_t kShownLocks = 100;
constexpr std::size_t kShownEnds = 100;

void write_texts(JsonWriter& json, const std::vector<std::string>& texts) {
  json.begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_growth(JsonWriter& json, const std::optional<findings::Growth>& growth) {
  if (!growth) return json.null();
  json.begin_object();
  json.key("samples");
  json.begin_array();
  for (const findings::Growth::Sample& sample : growth->samples) {
    json.begin_object();
    json.member("seconds", sample.seconds);
    json.member("count", sample.count);
    json.end_object();
  }
  json.end_array();
  json.member("stayed", growth->stayed);
  json.member("came", growth->came);
  json.member("gone", growth->gone);
  json.end_object();
}

void write_pictures(JsonWriter& json, const std::vector<findings::PictureTaken>& pictures) {
  if (pictures.empty()) return json.null();
  json.begin_array();
  for (const findings::PictureTaken& picture : pictures) {
    json.begin_object();
    json.member("seconds", picture.seconds);
    json.member("pause_ns", picture.pause_ns);
    json.member("goroutines", picture.goroutines);
    json.end_object();
  }
  json.end_array();
}

void write_holding(JsonWriter& json, const findings::LockHolding& step) {
  json.begin_object();
  json.member("goid", step.goid);
  json.member("fate", step.fate);
  json.key("locked_in");
  write_place(json, step.locked_in);
  json.member("reads", step.reads);
  json.member("wait_reason", step.wait_reason);
  json.member("wait_ns", step.wait_ns);
  json.end_object();
}

void write_lock(JsonWriter& json, const findings::WaitedLock& lock, bool all) {
  json.begin_object();
  json.member("kind", lock.kind);
  json.key("name");
  if (lock.name.empty())
    json.null();
  else
    json.value(lock.name);
  json.member("address", address_text(Address(lock.address)));
  json.key("object");
  if (lock.object)
    json.value(address_text(Address(*lock.object)));
  else
    json.null();
  json.member("waiters", lock.waiters);
  json.member("locked", lock.locked);
  json.member("starving", lock.starving);
  json.member("writer_holds", lock.writer_holds);
  json.member("readers", lock.readers);
  json.member("counter", lock.counter);
  json.key("holders");
  write_goids(json, lock.holders, all);
  json.key("referrers");
  write_goids(json, lock.referrers, all);
  json.key("chain");
  json.begin_array();
  for (const findings::LockHolding& step : lock.chain) write_holding(json, step);
  json.end_array();
  json.end_object();
}

void write_locks(JsonWriter& json, const findings::Finding& finding, bool all) {
  json.key("locks");
  json.begin_array();
  std::size_t shown = all ? finding.locks.size() : std::min(finding.locks.size(), kShownLocks);
  for (std::size_t i = 0; i < shown; ++i) write_lock(json, finding.locks[i], all);
  json.end_array();
  json.key("ring");
  json.begin_array();
  for (const findings::RingStep& step : finding.ring) {
    json.begin_object();
    json.member("goid", step.goid);
    json.member("lock", address_text(Address(step.lock)));
    json.end_object();
  }
  json.end_array();
}

void write_network(JsonWriter& json, const std::optional<findings::NetworkWaits>& network,
                   bool all) {
  if (!network) return json.null();
  json.begin_object();
  json.member("without_deadline", network->without_deadline);
  json.member("with_deadline", network->with_deadline);
  json.member("not_told", network->not_told);
  json.key("ends");
  json.begin_array();
  std::size_t shown = all ? network->ends.size() : std::min(network->ends.size(), kShownEnds);
  for (std::size_t i = 0; i < shown; ++i) {
    json.begin_object();
    json.member("end", network->ends[i].first);
    json.member("count", network->ends[i].second);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace

void write_checked(JsonWriter& json, const findings::Checked& checked, std::uint64_t of_runtime) {
  json.begin_object();
  json.member("goroutines", checked.goroutines);
  json.member("runtime_goroutines", of_runtime);
  json.member("alive", checked.alive);
  json.member("leaked", checked.leaked);
  json.member("likely", checked.likely);
  json.member("parked", checked.parked);
  json.member("suppressed", checked.suppressed);
  json.member("unknown", checked.unknown);
  json.key("unknown_reasons");
  json.begin_object();
  for (const auto& [reason, count] : checked.unknown_reasons) json.member(reason, count);
  json.end_object();
  json.end_object();
}

void write_cost(JsonWriter& json, const findings::Cost& cost) {
  json.begin_object();
  json.member("stack_bytes", cost.stack_bytes);
  json.member("descriptor_bytes", cost.descriptor_bytes);
  json.member("retained_bytes", cost.retained_bytes);
  json.key("largest_types");
  json.begin_array();
  for (const findings::TypeCost& type : cost.largest_types) {
    json.begin_object();
    json.key("type");
    type.type.empty() ? json.null() : json.value(type.type);
    json.member("objects", type.objects);
    json.member("bytes", type.bytes);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_goids(JsonWriter& json, const std::vector<std::uint64_t>& goids, bool all) {
  json.begin_array();
  std::size_t shown = all ? goids.size() : std::min(goids.size(), kShownGoids);
  for (std::size_t i = 0; i < shown; ++i) json.value(goids[i]);
  json.end_array();
}

void write_finding(JsonWriter& json, const findings::Finding& finding, bool all) {
  json.begin_object();
  json.member("rule", finding.rule);
  json.member("title", findings::title_of(finding));
  json.member("confidence", findings::to_text(finding.confidence));
  json.member("count", finding.count);
  json.key("goids");
  write_goids(json, finding.goids, all);
  json.member("fingerprint", finding.fingerprint);
  json.member("known", finding.known);
  json.member("wait_reason", finding.wait_reason);
  json.member("wait_ns", known_wait(finding.longest_wait_ns));
  json.key("blocked_at");
  write_place(json, finding.blocked_at);
  json.key("created_at");
  write_place(json, finding.created_at);
  json.key("stack");
  json.begin_array();
  for (const findings::CodePlace& place : finding.stack) write_place(json, place);
  json.end_array();
  if (finding.test.empty())
    json.null_member("test");
  else
    json.member("test", finding.test);
  json.key("cost");
  write_cost(json, finding.cost);
  json.key("growth");
  write_growth(json, finding.growth);
  json.member("rate", finding.growth ? std::optional(finding.growth->per_second()) : std::nullopt);
  json.key("evidence");
  write_texts(json, finding.evidence);
  write_locks(json, finding, all);
  json.key("network");
  write_network(json, finding.network, all);
  json.member("advice", finding.advice);
  json.end_object();
}

namespace {

void write_findings(JsonWriter& json, const std::vector<findings::Finding>& findings, bool all) {
  json.begin_array();
  for (const findings::Finding& finding : findings) write_finding(json, finding, all);
  json.end_array();
}

// What an entry says, for the fields of an object.
void write_entry(JsonWriter& json, const findings::Suppression& entry) {
  json.member("line", entry.line);
  json.member("entry", describe(entry));
  json.member("reason", entry.reason);
  if (entry.until.empty())
    json.null_member("until");
  else
    json.member("until", entry.until);
}

void write_entries(JsonWriter& json, const std::vector<findings::Suppression>& entries) {
  json.begin_array();
  for (const findings::Suppression& entry : entries) {
    json.begin_object();
    write_entry(json, entry);
    json.end_object();
  }
  json.end_array();
}

void write_suppressed(JsonWriter& json, const findings::Verdict& verdict, bool all) {
  json.begin_array();
  for (const findings::Suppressed& suppressed : verdict.suppressed) {
    json.begin_object();
    write_entry(json, suppressed.entry);
    json.member("count", suppressed.count());
    json.key("findings");
    write_findings(json, suppressed.findings, all);
    json.end_object();
  }
  json.end_array();
}

void write_background(JsonWriter& json, const std::vector<findings::Background>& list, bool all) {
  json.begin_array();
  for (const findings::Background& background : list) {
    json.begin_object();
    json.member("function", background.function);
    json.member("reason", background.reason);
    json.member("count", std::uint64_t{background.goids.size()});
    json.key("goids");
    write_goids(json, background.goids, all);
    json.end_object();
  }
  json.end_array();
}

void write_suppressions(JsonWriter& json, const findings::SuppressionReview& review) {
  if (review.path.empty()) return json.null_member("suppressions");
  json.key("suppressions");
  json.begin_object();
  json.member("file", review.path);
  json.key("unused");
  write_entries(json, review.unused);
  json.key("expired");
  write_entries(json, review.expired);
  json.end_object();
}

void write_baseline(JsonWriter& json, const std::optional<findings::BaselineReview>& review) {
  if (!review) return json.null_member("baseline");
  json.key("baseline");
  json.begin_object();
  json.member("file", review->path);
  json.key("gone");
  json.begin_array();
  for (const findings::KnownFinding& finding : review->gone) {
    json.begin_object();
    json.member("fingerprint", finding.fingerprint);
    json.member("rule", finding.rule);
    json.member("count", finding.count);
    json.member("blocked_in", finding.blocked_in);
    json.member("created_by", finding.created_by);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_leaks(JsonWriter& json, const Judged& judged, bool all,
                 std::span<const StageTime> timings = {}) {
  const findings::Verdict& verdict = judged.verdict;
  json.begin_object();
  write_head(json, judged.target, judged.picture, timings);
  if (!judged.name.empty()) json.member("name", judged.name);
  json.key("pictures");
  write_pictures(json, verdict.pictures);
  json.key("checked");
  write_checked(json, verdict.checked, judged.of_runtime);
  json.key("findings");
  write_findings(json, verdict.findings, all);
  json.member("shared_retained_bytes", verdict.shared_retained_bytes);
  json.key("parked");
  write_findings(json, verdict.parked, all);
  json.key("background");
  write_background(json, verdict.background, all);
  json.key("suppressed");
  write_suppressed(json, verdict, all);
  write_suppressions(json, verdict.suppressions);
  write_baseline(json, verdict.baseline);
  json.key("doubts");
  write_texts(json, verdict.doubts);
  json.end_object();
}

}  // namespace

void render_leaks_json(Output& out, const Judged& judged, bool all,
                       std::span<const StageTime> timings) {
  JsonWriter json(out);
  write_leaks(json, judged, all, timings);
  json.finish();
}

void render_leaks_json(Output& out, const snapshot::Snapshot& snapshot,
                       const findings::Verdict& verdict, bool all,
                       std::span<const StageTime> timings) {
  render_leaks_json(out, make_judged(snapshot, verdict), all, timings);
}

void render_leaks_of_run_json(Output& out, std::span<const Judged> processes, bool all) {
  JsonWriter json(out);
  json.begin_object();
  json.member("schema", kJsonSchema);
  json.key("targets");
  json.begin_array();
  for (const Judged& judged : processes) write_leaks(json, judged, all);
  json.end_array();
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
