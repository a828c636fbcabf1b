// One picture of an open target, which stays open: it may be the first of several. The program is
// bound anew for each, so that what it has loaded meanwhile (a plugin) is seen. When it fails, the
// reason told is the one that is furthest down: that the process has ended, or what a core lacks.
#include "inspection/captured.h"

#include <fmt/format.h>

#include <chrono>

#include "goruntime/allocations.h"
#include "goruntime/capture.h"
#include "goruntime/running_capture.h"

namespace goshawk::inspection {
namespace {

std::int64_t unix_now_ns() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// What cannot be read is most likely what is missing.
Error explain_shortcoming(const std::string& lack, const Error& error, const std::string& name) {
  return Missing{fmt::format("{}, what is needed now among them ({})", lack, describe(error)),
                 fmt::format("its goroutines may still be listed: goshawk goroutines {}", name)};
}

goruntime::CaptureRequest request_of(const Source& source, const Extent& extent) {
  goruntime::CaptureRequest request;
  request.references = extent.references;
  request.waits = extent.waits;
  request.descriptors = extent.descriptors;
  request.allocations = extent.allocations;
  request.memory = extent.memory;
  request.types = extent.types;
  request.max_memory_bytes = source.max_memory_bytes;
  request.stages = source.stages;
  return request;
}

Result<Captured> try_to_capture(target::Target& target, const Source& source,
                                const Extent& extent) {
  std::uint64_t read_before = target.memory().bytes_read();  // for earlier pictures
  std::vector<snapshot::Binding> bindings;
  begin_stage(source.stages, "find the runtime's facts");
  goruntime::Program program = TRY(goruntime::bind_program(
      target, {.debug_directories = source.executable.debug_directories, .runtime = source.runtime},
      bindings));
  Captured captured{std::make_unique<goruntime::Program>(std::move(program)), {}, nullptr, {}};
  if (extent.nothing_else) {
    begin_stage(source.stages, "read allocation records");
    captured.picture = TRY(goruntime::capture_allocations(target, *captured.program, bindings));
  } else if (extent.no_stop) {
    begin_stage(source.stages, "read goroutines without a stop");
    captured.picture =
        TRY(goruntime::capture_running(target, *captured.program, extent.waits, bindings));
  } else {
    goruntime::Captured taken =
        TRY(goruntime::capture(target, *captured.program, request_of(source, extent), bindings));
    captured.picture = std::move(taken.picture);
    captured.heap = std::move(taken.heap);
    captured.evidence = std::move(taken.evidence);
  }
  if (source.stages != nullptr) source.stages->note_bytes_read(target.memory().bytes_read());
  captured.picture.picture.bytes_read -= read_before;
  if (target.kind() != "core") captured.picture.picture.taken_unix_ns = unix_now_ns();
  captured.picture.target.name = source.name;
  return captured;
}

}  // namespace

Result<Captured> capture(target::Target& target, const Source& source, const Extent& extent) {
  auto captured = try_to_capture(target, source, extent);
  while (!captured && target.give_up_way()) captured = try_to_capture(target, source, extent);
  if (captured) return captured;
  if (auto reason = target.why_unreadable()) return fail(*std::move(reason));
  std::vector<std::string> lacks = target.shortcomings();
  if (lacks.empty() || !std::holds_alternative<Fault>(captured.error())) return captured;
  return fail(explain_shortcoming(lacks.front(), captured.error(), source.name));
}

}  // namespace goshawk::inspection
