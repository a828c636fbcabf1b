// Every sum and every stack, in full.
#include "report/profile_json.h"

#include <algorithm>

#include "report/json_parts.h"
#include "report/profile_parts.h"

namespace goshawk::report {

using findings::ProfilePlace;
using findings::ProfileStack;
using findings::ProfileSum;
using pprof::Profile;
using pprof::ProfileKind;

namespace {

std::string_view kind_text(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::kHeap:
      return "heap";
    case ProfileKind::kAllocations:
      return "allocs";
    case ProfileKind::kBlock:
      return "block";
    case ProfileKind::kMutex:
      return "mutex";
    case ProfileKind::kContention:
      return "contention";
    case ProfileKind::kGoroutines:
      return "goroutine";
    case ProfileKind::kGoroutineLeak:
      return "goroutineleak";
    case ProfileKind::kThreads:
      return "threadcreate";
    case ProfileKind::kCpu:
      return "cpu";
    case ProfileKind::kOther:
      break;
  }
  return "other";
}

snapshot::TargetFacts target_of(const ProfileReport& report) {
  snapshot::TargetFacts target;
  target.kind = "profile";
  target.name = report.name;
  target.executable = program_of(report.profile);
  if (!report.profile.mappings.empty())
    target.build_id = report.profile.strings[report.profile.mappings[0].build_id];
  return target;
}

void write_place(JsonWriter& json, const ProfilePlace& place) {
  json.member("function", place.function);
  json.member("file", place.file);
  json.member("line", place.line);
  json.member("pc", address_text(place.address));
}

void write_sums(JsonWriter& json, std::string_view name, const std::vector<ProfileSum>& sums) {
  json.key(name);
  json.begin_array();
  for (const ProfileSum& sum : sums) {
    json.begin_object();
    write_place(json, sum.place);
    json.member("own", sum.own);
    json.member("total", sum.total);
    json.member("own_count", sum.own_count);
    json.member("total_count", sum.total_count);
    json.end_object();
  }
  json.end_array();
}

void write_labels(JsonWriter& json, const Profile& profile, pprof::SampleId sample) {
  json.key("labels");
  json.begin_object();
  std::vector<std::string_view> written;
  for (const pprof::Label& label : profile.labels_of(sample)) {
    std::string_view key = profile.strings[label.key];
    if (std::ranges::find(written, key) != written.end()) continue;
    written.push_back(key);
    if (label.text != 0)
      json.member(key, profile.strings[label.text]);
    else
      json.member(key, label.number);
  }
  json.end_object();
}

void write_stack(JsonWriter& json, const Profile& profile, const ProfileStack& stack) {
  json.begin_object();
  json.member("count", stack.count);
  write_labels(json, profile, stack.sample);
  json.key("stack");
  json.begin_array();
  for (pprof::LocationId location : profile.stack_of(stack.sample)) {
    std::size_t calls = std::max<std::size_t>(profile.lines_of(location).size(), 1);
    for (std::size_t i = 0; i < calls; ++i) {
      json.begin_object();
      write_place(json, place_of(profile, location, i));
      json.end_object();
    }
  }
  json.end_array();
  json.end_object();
}

void write_profile(JsonWriter& json, const ProfileReport& report) {
  const Profile& profile = report.profile;
  json.key("profile");
  json.begin_object();
  json.member("kind", kind_text(report.kind));
  json.member("file", report.name);
  json.member("time_unix_ns", profile.time_ns == 0 ? std::nullopt : std::optional(profile.time_ns));
  json.member("duration_ns", profile.duration_ns);
  json.member("period", profile.period);
  json.key("sample_types");
  json.begin_array();
  for (std::size_t i = 0; i < profile.sample_types.size(); ++i) {
    json.begin_object();
    json.member("type", profile.type_name(i));
    json.member("unit", profile.unit_name(i));
    json.end_object();
  }
  json.end_array();
  json.member("amount_is", profile.type_name(report.shown.amount));
  json.member("count_is", report.shown.count ? std::optional(profile.type_name(*report.shown.count))
                                             : std::nullopt);
  json.member("samples", profile.sample_count());
  json.member("amount", report.sites.amount);
  json.member("count", report.sites.count);
  json.end_object();
}

}  // namespace

void render_profile_json(Output& out, const ProfileReport& report) {
  JsonWriter json(out);
  json.begin_object();
  json.member("schema", kJsonSchema);
  json.key("target");
  write_target(json, target_of(report));
  write_profile(json, report);
  write_sums(json, "lines", report.sites.lines);
  write_sums(json, "functions", report.sites.functions);
  json.key("stacks");
  json.begin_array();
  for (const ProfileStack& stack : report.stacks.stacks) write_stack(json, report.profile, stack);
  json.end_array();
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
