// How the facts of a picture were bound, for those who ask why a verdict is what it is.
#include "frontends/inspect/notes.h"

#include <fmt/format.h>

#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::frontends::inspect {
namespace {

// The notes of goruntime, one line each, where the picture carries any.
template <typename Picture>
void print_runtime_notes(const Picture& picture) {
  if constexpr (requires { picture.notes; })
    for (const std::string& note : picture.notes)
      fmt::print(stderr, "goshawk: {}\n", report::escape_controls(note));
}

}  // namespace

void print_notes(const snapshot::Snapshot& picture) {
  const snapshot::PictureFacts& facts = picture.picture;
  fmt::print(stderr, "goshawk: {} {}, build id {}\n",
             report::escape_controls(picture.target.go_version),
             report::escape_controls(picture.target.arch),
             picture.target.build_id.empty() ? "unknown"
                                             : report::escape_controls(picture.target.build_id));
  fmt::print(stderr, "goshawk: way {}, {}, {} pause (longest {}), {} read, {}\n",
             report::escape_controls(facts.way), report::plural(facts.stops, "stop"),
             report::human_duration(facts.pause_ns), report::human_duration(facts.longest_pause_ns),
             report::human_bytes(facts.bytes_read),
             facts.quiet ? "a quiet instant" : "not at a quiet instant");
  if (facts.has_references)
    fmt::print(stderr, "goshawk: {}, {}\n", report::plural(picture.objects.count(), "heap object"),
               report::plural(picture.roots.size(), "root"));
  print_runtime_notes(picture);
}

}  // namespace goshawk::frontends::inspect
