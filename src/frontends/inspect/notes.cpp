// How the facts of a picture were bound, for those who ask why a verdict is what it is.
#include "frontends/inspect/notes.h"

#include <fmt/format.h>

#include "frontends/inspect/delivery.h"
#include "report/measures.h"

namespace goshawk::frontends::inspect {
namespace {

void print_binding(const snapshot::Binding& binding) {
  print_note(fmt::format("{}: {}; {}{}", binding.fact,
                         binding.how.empty() ? "not found" : "by " + binding.how, binding.check,
                         binding.checked == 0
                             ? ""
                             : fmt::format(" ({} of {})", report::human_count(binding.passed),
                                           report::human_count(binding.checked))));
}

}  // namespace

void print_notes(const snapshot::Snapshot& picture) {
  const snapshot::PictureFacts& facts = picture.picture;
  const std::string& build_id = picture.target.build_id;
  print_note(fmt::format("{} {}, build id {}", picture.target.go_version, picture.target.arch,
                         build_id.empty() ? "unknown" : build_id));
  if (!picture.target.debug_file.empty())
    print_note("read with the debug file " + picture.target.debug_file);
  std::string pauses = fmt::format(
      "{}, {} pause (longest {}), ", report::plural(facts.stops, "stop"),
      report::human_duration(facts.pause_ns), report::human_duration(facts.longest_pause_ns));
  std::string instant = facts.stops == 0 && !facts.quiet ? ""
                        : facts.quiet                    ? ", a quiet instant"
                                                         : ", not at a quiet instant";
  print_note(fmt::format("way {}, {}{} read{}", facts.way, facts.pause_ns > 0 ? pauses : "",
                         report::human_bytes(facts.bytes_read), instant));
  if (facts.has_references)
    print_note(fmt::format("{}, {}", report::plural(picture.objects.count(), "heap object"),
                           report::plural(picture.roots.size(), "root")));
  if (facts.labels_left_out) print_note("saved without the labels of goroutines");
  for (const snapshot::Binding& binding : picture.bindings) print_binding(binding);
}

void tell_long_pause(const inspection::Source& source, const snapshot::Snapshot& picture) {
  if (source.max_pause_ns == 0 || picture.picture.longest_pause_ns <= source.max_pause_ns) return;
  print_note(fmt::format(
      "the process stood still for {}, longer than --max-pause {}: making a twin took longer than "
      "was predicted, and cannot be broken off",
      report::human_duration(picture.picture.longest_pause_ns),
      report::human_duration(source.max_pause_ns)));
}

}  // namespace goshawk::frontends::inspect
