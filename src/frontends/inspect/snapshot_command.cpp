// Takes the whole picture, as for a proof, and saves it. The place is opened before the process is
// stopped: what cannot be written is said while nobody had to wait for it. The file may be read by
// its owner alone, for it tells a lot about the program.
#include "frontends/inspect/snapshot_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <bit>
#include <optional>

#include "base/whole_file.h"
#include "frontends/inspect/notes.h"
#include "frontends/inspect/progress.h"
#include "frontends/inspect/timings.h"
#include "inspection/inspection.h"
#include "report/measures.h"
#include "report/picture_lines.h"
#include "snapshot/snapshot_file.h"

namespace goshawk::frontends::inspect {
namespace {

struct Place {
  std::string name;
  int descriptor = STDOUT_FILENO;
  std::optional<WholeFile> file;  // nothing: standard output
};

Result<Place> open_place(const SnapshotRequest& request) {
  Place place;
  place.name = request.delivery.path;
  if (place.name.empty())
    return fail(Usage{"goshawk snapshot needs a file to write to",
                      fmt::format("name it: goshawk snapshot {} -o FILE", request.target.text)});
  if (place.name == "-") {
    place.name = "standard output";
  } else {
    place.file.emplace(TRY(WholeFile::create(place.name, {.mode = 0600, .durable = true})));
    place.descriptor = place.file->descriptor();
  }
  if (::isatty(place.descriptor) == 1)
    return fail(Usage{"a snapshot is binary and would garble the terminal",
                      "write it to a file: -o goroutines.snapshot"});
  return place;
}

std::uint64_t count_allocated(const snapshot::Objects& objects) {
  std::uint64_t count = 0;
  for (std::uint64_t word : objects.allocated) count += std::popcount(word);
  return count;
}

void tell(const SnapshotRequest& request, const Place& place, std::uint64_t size_bytes,
          const snapshot::Snapshot& picture) {
  bool without_labels = !request.with_strings && !picture.labels.empty();
  print_note(fmt::format(
      "wrote {}: {}, {}, {}{}{}", place.name, report::human_bytes(size_bytes),
      report::goroutines_text(picture), report::plural(count_allocated(picture.objects), "object"),
      picture.picture.pause_ns > 0
          ? fmt::format("; process {} stood still for {}", picture.target.pid,
                        report::human_duration(picture.picture.pause_ns))
          : "",
      without_labels ? "; goroutines' labels are left out, --with-strings keeps them" : ""));
}

Result<ExitCode> take_and_save(const SnapshotRequest& request, Stages& stages) {
  inspection::Source source = TRY(parse_target(request.target));
  source.stages = &stages;
  Place place = TRY(open_place(request));
  snapshot::Snapshot picture = TRY([&] {
    Progress progress(stages, "reading " + describe_source(source));
    return inspection::take_picture(source, request.with_heap);
  }());
  if (request.delivery.verbose) print_notes(picture);
  tell_long_pause(source, picture);
  std::uint64_t size_bytes = TRY([&] {
    stages.begin("save");
    Progress progress(stages, "writing " + place.name);
    return snapshot::save(picture, place.descriptor, place.name, {.labels = request.with_strings});
  }());
  if (place.file) TRY_VOID(place.file->commit());
  tell(request, place, size_bytes, picture);
  return ExitCode::kFine;
}

}  // namespace

ExitCode run_snapshot(const SnapshotRequest& request) {
  return run_timed(request.delivery, request.target,
                   [&](Stages& stages) { return take_and_save(request, stages); });
}

}  // namespace goshawk::frontends::inspect
