// Where a picture comes from: a process, a core, a file that holds one already. A process is let go
// before anything is analysed: the picture holds all that is needed, but for the words in which a
// reader is told how something is held.
#include "inspection/inspection.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "analyses/goroutines/leaks.h"
#include "analyses/goroutines/story.h"
#include "goruntime/capture.h"
#include "goruntime/path_describer.h"
#include "snapshot/snapshot_file.h"
#include "snapshot/told_paths.h"
#include "target/core_file.h"
#include "target/process.h"

namespace goshawk::inspection {
namespace {

std::int64_t unix_now_ns() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// What a picture was taken of stays open for those who tell how things in it are held.
struct Taken {
  std::unique_ptr<target::Target> target;  // null: a saved picture
  std::unique_ptr<goruntime::Program> program;
  snapshot::Snapshot picture;

  std::unique_ptr<snapshot::PathDescriber> describer() const {
    if (target == nullptr) return std::make_unique<snapshot::ToldPaths>(picture);
    return goruntime::make_path_describer(*target, *program, picture);
  }
};

// What cannot be read is most likely what is missing.
Error explain_shortcoming(const std::string& lack, const Error& error, const std::string& name) {
  return Missing{fmt::format("{}, what is needed now among them ({})", lack, describe(error)),
                 fmt::format("its goroutines may still be listed: goshawk goroutines {}", name)};
}

Result<snapshot::Snapshot> capture(target::Target& target, const goruntime::Program& program,
                                   bool references, std::vector<snapshot::Binding>& bindings) {
  goruntime::CaptureRequest request;
  request.references = references;
  auto picture = TRY(goruntime::capture(target, program, request, bindings));
  if (target.goes_on()) picture.picture.taken_unix_ns = unix_now_ns();
  return picture;
}

Result<Taken> capture(std::unique_ptr<target::Target> target, const Source& source,
                      bool references) {
  Taken taken;
  auto failed = [&](Error error) {
    if (auto reason = target->why_unreadable()) return fail(*std::move(reason));
    std::vector<std::string> lacks = target->shortcomings();
    if (lacks.empty() || !std::holds_alternative<Fault>(error)) return fail(std::move(error));
    return fail(explain_shortcoming(lacks.front(), error, source.name));
  };
  std::vector<snapshot::Binding> bindings;
  auto program = goruntime::bind_program(
      *target,
      {.debug_directories = source.executable.debug_directories, .runtime = source.runtime},
      bindings);
  if (!program) return failed(std::move(program.error()));
  auto picture = capture(*target, *program, references, bindings);
  if (!picture) return failed(std::move(picture.error()));
  taken.target = std::move(target);
  taken.program = std::make_unique<goruntime::Program>(std::move(*program));
  taken.picture = std::move(*picture);
  return taken;
}

Result<Taken> read_file(const Source& source, bool references) {
  if (TRY(recognise_file(source.name)) == FileKind::kCore)
    return capture(TRY(target::open_core(source.name, source.executable)), source, references);
  if (!source.executable.executable.empty() || !source.executable.debug_directories.empty() ||
      !source.runtime.empty())
    return fail(Usage{"--exe, --debug-dir and --runtime are not for snapshots",
                      "a snapshot holds all that it needs, of one runtime"});
  Taken taken;
  taken.picture = TRY(snapshot::load(source.name));
  taken.picture.target.kind = "snapshot";
  return taken;
}

Result<Taken> take_unnamed(const Source& source, bool references) {
  if (source.pid == 0) return read_file(source, references);
  return capture(TRY(target::open_process(source.pid)), source, references);
}

Result<Taken> take(const Source& source, bool references) {
  Taken taken = TRY(take_unnamed(source, references));
  taken.picture.target.name = source.name;
  return taken;
}

Error explain_no_goroutine(const snapshot::Snapshot& picture, std::uint64_t goid) {
  return Missing{fmt::format("there is no goroutine {} among the {} of {}", goid,
                             picture.goroutines.size(), picture.target.name),
                 fmt::format("it may have ended; the others: goshawk goroutines {} --all",
                             picture.target.name)};
}

// "2026-11-28": the same day wherever the command runs.
std::string today_in_utc() {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::now()));
}

findings::Verdict judge(const analyses::goroutines::Judgement& judgement,
                        snapshot::PathDescriber* describer, const Accepted& accepted) {
  std::string today = today_in_utc();
  std::vector<findings::Suppression> holding, expired;
  if (accepted.suppressions)
    for (const findings::Suppression& entry : accepted.suppressions->entries)
      (is_expired(entry, today) ? expired : holding).push_back(entry);
  findings::Verdict verdict = analyses::goroutines::find_leaks(judgement, describer, holding);
  if (accepted.suppressions) verdict.suppressions.path = accepted.suppressions->path;
  verdict.suppressions.expired = std::move(expired);
  if (accepted.baseline) compare_with_baseline(verdict, *accepted.baseline);
  return verdict;
}

}  // namespace

Result<Inspection> inspect(const Source& source, const Accepted& accepted,
                           std::optional<std::uint64_t> goid) {
  Taken taken = TRY(take(source, true));
  Inspection inspection;
  auto describer = taken.describer();
  analyses::goroutines::Judgement judgement(taken.picture);
  inspection.verdict = judge(judgement, describer.get(), accepted);
  if (goid) {
    inspection.story =
        analyses::goroutines::tell_story(judgement, inspection.verdict, *goid, describer.get());
    if (!inspection.story) return fail(explain_no_goroutine(taken.picture, *goid));
  }
  inspection.picture = std::move(taken.picture);
  return inspection;
}

Result<snapshot::Snapshot> list_goroutines(const Source& source) {
  return TRY(take(source, false)).picture;
}

// What the analyses will ask for is told now: a file has no target.
Result<snapshot::Snapshot> take_picture(const Source& source) {
  Taken taken = TRY(take(source, true));
  auto describer = taken.describer();
  snapshot::PathRecorder recorder(*describer);
  analyses::goroutines::find_leaks(analyses::goroutines::Judgement(taken.picture), &recorder);
  if (taken.target != nullptr) std::move(recorder).write_to(taken.picture);
  return std::move(taken.picture);
}

}  // namespace goshawk::inspection
