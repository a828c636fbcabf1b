// The picture is taken as for a proof, so that what is said to work did work; its bindings are the
// checks that were made on the way. Where it fails, a list of goroutines is tried as `goshawk
// goroutines` would. Of a process that may not be read, /proc and the executable are all there is.
#include "inspection/diagnose.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>

#include "goruntime/build_description.h"
#include "goruntime/capture.h"
#include "inspection/features.h"
#include "inspection/pointer_audit.h"
#include "report/measures.h"
#include "report/picture_lines.h"
#include "snapshot/snapshot_file.h"
#include "target/access_conditions.h"
#include "target/core_file.h"
#include "target/pause_prediction.h"
#include "target/process.h"

namespace goshawk::inspection {

using report::Diagnosis;
using snapshot::Binding;
using snapshot::Snapshot;
using snapshot::Standing;

namespace {

constexpr std::uint64_t kMuchUntyped = 10;  // a tenth

report::DiagnosedCondition to_report(target::Condition condition) {
  report::DiagnosedCondition made{std::move(condition.name), std::move(condition.found)};
  made.state = condition.state == target::Condition::State::kFine
                   ? report::DiagnosedCondition::State::kFine
               : condition.state == target::Condition::State::kBlocks
                   ? report::DiagnosedCondition::State::kBlocks
                   : report::DiagnosedCondition::State::kUnknown;
  for (target::Remedy& remedy : condition.remedies)
    made.remedies.push_back({remedy.place == target::RemedyPlace::kKubernetes  ? "kubernetes"
                             : remedy.place == target::RemedyPlace::kContainer ? "container"
                                                                               : "shell",
                             std::move(remedy.line)});
  return made;
}

report::DiagnosedBuild to_report(goruntime::BuildDescription build) {
  report::DiagnosedBuild made;
  made.path = std::move(build.path);
  made.why_not = std::move(build.why_not);
  made.build_id = std::move(build.build_id);
  made.go_version = std::move(build.go_version);
  made.arch = std::move(build.arch);
  made.main_path = std::move(build.main_path);
  for (goruntime::BuildSetting& setting : build.settings)
    made.settings.emplace_back(std::move(setting.name), std::move(setting.value));
  made.has_build_information = build.has_build_information;
  made.position_independent = build.position_independent;
  made.dynamically_linked = build.dynamically_linked;
  made.has_symbol_table = build.has_symbol_table;
  made.has_debug_information = build.has_debug_information;
  made.modules = std::move(build.modules);
  return made;
}

std::uint64_t count_allocated(const snapshot::Objects& objects) {
  std::uint64_t count = 0;
  for (std::uint64_t word : objects.allocated)
    count += static_cast<std::uint64_t>(std::popcount(word));
  return count;
}

void note_picture(const Snapshot& picture, Diagnosis& into) {
  std::string name = std::move(into.target.name);
  into.target = picture.target;
  into.target.name = std::move(name);
  into.picture = picture.picture;
  into.doubts = picture.doubts;
  into.goroutines = picture.goroutines.size();
  into.of_runtime = report::count_of_runtime(picture);
  into.objects = count_allocated(picture.objects);
}

// A fact that stopped the reading and left no record of its own.
void note_failure(const Error& error, std::vector<Binding>& facts) {
  const auto* missing = std::get_if<Missing>(&error);
  if (missing == nullptr || facts.empty() || facts.back().standing == Standing::kFailed ||
      facts.back().standing == Standing::kMissing)
    return;
  facts.push_back(snapshot::missing(missing->name, missing->feature));
  facts.back().standing = Standing::kFailed;
}

// What the second attempt found beyond the first.
void merge_facts(std::vector<Binding> more, std::vector<Binding>& facts) {
  for (Binding& fact : more)
    if (std::ranges::find(facts, fact.fact, &Binding::fact) == facts.end())
      facts.push_back(std::move(fact));
}

// Of a program without debug information, "" of others. Which share has a type is not counted: that
// would want the types of the whole heap.
std::string why_types_in_part(const goruntime::Program& program, const std::string& name) {
  const binary::ElfFile* file = program.debug.for_layout();
  if (file != nullptr && (file->find_section(".debug_info") != nullptr ||
                          file->find_section(".zdebug_info") != nullptr))
    return "";
  bool has_headers = program.layout->field("runtime.mspan", "largeType").has_value();
  return fmt::format(
      "by {}interfaces, not by variables (no debug information); of how much: goshawk heap {} "
      "--types",
      has_headers ? "objects above 512 bytes and " : "channels and ", name);
}

// A saved picture has them already.
std::string why_types_in_part(const Snapshot& saved) {
  if (!saved.picture.has_all_types)
    return "it was saved with those of what only leaks hold; snapshot --with-heap keeps all";
  std::uint64_t bytes = 0, typed = 0;
  for (const snapshot::Span& span : saved.objects.spans())
    for (auto object = span.first; object < span.first + span.slots; ++object) {
      if (!saved.objects.is_allocated(object)) continue;
      bytes += span.element_size_bytes;
      if (saved.types.of_objects[object] != snapshot::ObjectTypes::kUnknown)
        typed += span.element_size_bytes;
    }
  return typed >= bytes - bytes / kMuchUntyped
             ? ""
             : fmt::format("{} of the heap's bytes are of a known type",
                           report::share_text(typed, bytes));
}

Result<Snapshot> take(target::Target& target, const Source& source,
                      const goruntime::CaptureRequest& request, std::vector<Binding>& facts,
                      std::string* types_in_part = nullptr) {
  begin_stage(source.stages, "find the runtime's facts");
  goruntime::Program program = TRY(goruntime::bind_program(
      target, {.debug_directories = source.executable.debug_directories, .runtime = source.runtime},
      facts));
  if (types_in_part != nullptr) *types_in_part = why_types_in_part(program, source.name);
  const std::vector<Binding> of_program = facts;
  auto captured = goruntime::capture(target, program, request, facts);
  while (!captured && target.give_up_way()) {
    facts = of_program;
    captured = goruntime::capture(target, program, request, facts);
  }
  return TRY(std::move(captured)).picture;
}

std::optional<Snapshot> list_only(target::Target& target, const Source& source, Diagnosis& into) {
  std::vector<Binding> facts;
  auto list = take(target, source, {.references = false, .stages = source.stages}, facts);
  merge_facts(std::move(facts), into.facts);
  if (!list) return std::nullopt;
  into.lists_goroutines = true;
  note_picture(*list, into);
  return std::move(*list);
}

void examine(target::Target& target, const Source& source, Diagnosis& into) {
  into.build = to_report(goruntime::describe_build(target));
  into.target.kind = target.kind();
  into.target.pid = target.pid();
  into.target.executable = target.executable_path();
  into.target.go_version = into.build->go_version;
  into.target.arch = into.build->arch;
  into.target.build_id = into.build->build_id;

  std::optional<Snapshot> list;
  Pictures pictures;
  auto whole = take(target, source,
                    {.references = true, .memory = true, .thorough = true, .stages = source.stages},
                    into.facts, &pictures.types_in_part);
  if (whole) {
    note_picture(*whole, into);
    into.facts.push_back(audit_pointers(*whole));
    pictures.whole = pictures.list = &*whole;
  } else {
    auto gone = target.why_unreadable();
    if (!gone) note_failure(whole.error(), into.facts);
    into.error = gone ? std::move(*gone) : std::move(whole.error());
    bool may_list = !gone && !into.facts.empty() && !std::holds_alternative<Denied>(*into.error);
    if (may_list) list = list_only(target, source, into);
    if (list) pictures.list = &*list;
    pictures.error = into.error;
  }
  into.features = judge_features(pictures, into.facts);
}

// All that is left: what /proc says to anybody, and the executable if it opens.
void examine_closed(std::int64_t pid, Error error, Diagnosis& into) {
  report::DiagnosedBuild build;
  if (auto descriptor = target::open_executable_of(pid)) {
    if (auto described = goruntime::describe_executable(*descriptor, into.target.executable))
      build = to_report(std::move(*described));
  } else {
    build.why_not = describe(descriptor.error());
  }
  into.target.go_version = build.go_version;
  into.target.arch = build.arch;
  into.target.build_id = build.build_id;
  into.build = std::move(build);
  into.error = std::move(error);
  into.features = judge_features({nullptr, nullptr, into.error}, {});
}

Diagnosis begin(const Source& source, std::string kind) {
  Diagnosis diagnosis;
  diagnosis.target.name = source.name;
  diagnosis.target.kind = std::move(kind);
  diagnosis.kernel = target::describe_kernel();
  return diagnosis;
}

// Of what a proof needs.
report::DiagnosedCondition predict_pause(std::int64_t pid) {
  report::DiagnosedCondition condition{.name = "predicted pause", .found = "not known"};
  auto directory = target::ProcessDirectory::open(pid);
  if (!directory) return condition;
  auto pause =
      target::predict_pause(target::read_stop_load(*directory), target::measure_stop_speed(), true);
  condition.found = fmt::format(
      "{} beside a twin, {} as a copy, {} read ahead", report::human_duration(pause.twin_ns),
      report::human_duration(pause.copy_ns), report::human_duration(pause.track_ns));
  return condition;
}

// A difference would have been an error.
report::DiagnosedCondition tell_comparison() {
  return {.name = "read ahead",
          .found =
              "compared with a twin of the same instant: no byte that was read and no "
              "object's references differ"};
}

Result<Diagnosis> diagnose_process(const Source& asked) {
  Source source = asked;
  source.compared = source.way == target::Way::kTrack;
  Diagnosis diagnosis = begin(source, "process");
  diagnosis.target.pid = source.pid;
  auto target = open_process(source, {.pages = true});
  if (!target && std::holds_alternative<Usage>(target.error())) return fail(target.error());
  auto surroundings = target::read_surroundings(source.pid);
  if (!surroundings)
    return fail(target ? Error(Missing{"the process has ended", ""}) : target.error());
  diagnosis.subject = fmt::format("process {} ({})", source.pid, surroundings->command);
  for (target::Condition& condition : target::judge_conditions(*surroundings))
    diagnosis.conditions.push_back(to_report(std::move(condition)));
  if (target) diagnosis.conditions.push_back(predict_pause(source.pid));
  if (target) examine(**target, source, diagnosis);
  if (source.compared && diagnosis.picture && diagnosis.picture->way == "track")
    diagnosis.conditions.push_back(tell_comparison());
  if (!target) examine_closed(source.pid, std::move(target.error()), diagnosis);
  return diagnosis;
}

Result<Diagnosis> diagnose_core(const Source& source) {
  Diagnosis diagnosis = begin(source, "core");
  diagnosis.subject = "the core " + source.name;
  diagnosis.conditions.push_back(to_report(target::describe_own_user()));
  auto target = target::open_core(source.name, source.executable);
  if (!target && std::holds_alternative<Usage>(target.error())) return fail(target.error());
  if (target) {
    examine(**target, source, diagnosis);
  } else {
    diagnosis.error = std::move(target.error());
    diagnosis.features = judge_features({nullptr, nullptr, diagnosis.error}, {});
  }
  return diagnosis;
}

Result<Diagnosis> diagnose_snapshot(const Source& source) {
  Diagnosis diagnosis = begin(source, "snapshot");
  diagnosis.subject = "the snapshot " + source.name;
  diagnosis.conditions.push_back(to_report(target::describe_own_user()));
  auto picture = snapshot::load(source.name);
  Pictures pictures;
  if (picture) {
    note_picture(*picture, diagnosis);
    diagnosis.target.kind = "snapshot";
    diagnosis.facts = picture->bindings;
    pictures.list = &*picture;
    if (picture->picture.has_references) {
      pictures.whole = &*picture;
      pictures.types_in_part = why_types_in_part(*picture);
      diagnosis.facts.push_back(audit_pointers(*picture));
    }
  } else {
    diagnosis.error = pictures.error = std::move(picture.error());
  }
  diagnosis.features = judge_features(pictures, diagnosis.facts);
  return diagnosis;
}

}  // namespace

Result<Diagnosis> diagnose(const Source& source) {
  if (source.pid != 0) return diagnose_process(source);
  FileKind kind = TRY(recognise_file(source.name));
  if (kind == FileKind::kCore) return diagnose_core(source);
  if (kind == FileKind::kHeapDump)
    return fail(Usage{source.name + " is a heap dump: the program itself found everything in it",
                      fmt::format("goshawk {} tells what it says", source.name)});
  if (!source.executable.executable.empty())
    return fail(Usage{"--exe is for cores", "a snapshot holds all that it needs"});
  return diagnose_snapshot(source);
}

}  // namespace goshawk::inspection
