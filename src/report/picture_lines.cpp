#include "report/picture_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::report {

std::string describe_file(const snapshot::TargetFacts& target) {
  std::string name = target.name == "-" ? "standard input" : target.name;
  std::string kind = target.kind == "dump"        ? "goroutine dump"
                     : target.kind == "heap-dump" ? "heap dump"
                                                  : target.kind;
  std::string text = fmt::format("{}, a {}", name, kind);
  return target.pid == 0 ? text : text + fmt::format(" of process {}", target.pid);
}

void render_target_line(Output& out, const snapshot::TargetFacts& target, const TextStyle& style) {
  std::string text = target.kind == "process" ? fmt::format("in process {}", target.pid)
                                              : "in " + escape_controls(describe_file(target));
  if (!target.executable.empty()) text += ", " + escape_controls(target.executable);
  if (!target.go_version.empty())
    text +=
        fmt::format(", {} {}", escape_controls(target.go_version), escape_controls(target.arch));
  out.write(style.palette.faint(text) + "\n");
}

void render_pause_line(Output& out, const snapshot::PictureFacts& picture, const TextStyle& style) {
  std::string text = human_bytes(picture.bytes_read) + " read";
  if (picture.pause_ns > 0) {
    std::string stops =
        picture.stops > 1 ? fmt::format(" in {} stops", human_count(picture.stops)) : "";
    text = fmt::format("The process stood still for {}{}; {}", human_duration(picture.pause_ns),
                       stops, text);
    if (!picture.way_reason.empty())
      text += (picture.way == "twin" ? "; it was read beside a twin, not ahead of the stop: "
                                     : "; it was read while it stood still, not beside a twin: ") +
              escape_controls(picture.way_reason);
  }
  out.write(style.palette.faint(wrap_text(text, 0, style.columns)) + "\n");
}

std::string goroutines_text(std::uint64_t all, std::uint64_t of_runtime) {
  std::string text = plural(all - of_runtime, "goroutine");
  return of_runtime == 0
             ? text
             : fmt::format("{} and {} of the runtime's own", text, human_count(of_runtime));
}

std::string goroutines_text(const snapshot::Snapshot& picture) {
  return goroutines_text(picture.goroutines.size(), count_of_runtime(picture));
}

std::uint64_t count_of_runtime(const snapshot::Snapshot& picture) {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(picture.goroutines, &snapshot::Goroutine::system));
}

}  // namespace goshawk::report
