// Where a picture comes from: a process, a core, a file that holds one already. A process is let go
// before anything is analysed: the picture holds all that is needed, but for the words in which a
// reader is told how something is held.
#include "inspection/taken.h"

#include <utility>

#include "snapshot/heap_dump.h"
#include "snapshot/snapshot_file.h"
#include "snapshot/told_paths.h"
#include "target/core_file.h"

namespace goshawk::inspection {
namespace {

Result<Taken> read_file(const Source& source, const Extent& extent) {
  begin_stage(source.stages, "open the file");
  FileKind kind = TRY(recognise_file(source.name));
  if (kind == FileKind::kCore)
    return take(TRY(target::open_core(source.name, source.executable)), source, extent);
  if (!source.executable.executable.empty() || !source.executable.debug_directories.empty() ||
      !source.runtime.empty())
    return fail(Usage{"--exe, --debug-dir and --runtime are not for snapshots and heap dumps",
                      "they hold all that is needed, of one runtime"});
  Taken taken;
  bool is_dump = kind == FileKind::kHeapDump;
  taken.picture =
      TRY(is_dump ? snapshot::load_heap_dump(source.name) : snapshot::load(source.name));
  if (!is_dump) taken.picture.target.kind = "snapshot";
  taken.picture.target.name = source.name;
  return taken;
}

}  // namespace

std::unique_ptr<snapshot::PathDescriber> Taken::describer(goruntime::PathWords words) const {
  if (target == nullptr) return std::make_unique<snapshot::ToldPaths>(picture);
  return goruntime::make_path_describer(*target, *program, *heap, picture, words);
}

void Taken::conclude_types() {
  if (!evidence) return;
  goruntime::Concluded concluded = goruntime::conclude_types(*target, *program, picture, *evidence);
  picture.types = std::move(concluded.types);
  picture.fill = std::move(concluded.fill);
  evidence.reset();
}

std::unique_ptr<snapshot::TypeTeller> Taken::type_teller() const {
  if (target == nullptr) return std::make_unique<snapshot::ToldTypes>(picture.types);
  return goruntime::make_type_teller(*target, *program, *heap, picture);
}

Result<Taken> take(const Source& source, const Extent& extent) {
  if (source.pid == 0) return read_file(source, extent);
  return take(TRY(open_process(source, {extent.references, extent.memory})), source, extent);
}

Result<Taken> take(std::unique_ptr<target::Target> target, const Source& source,
                   const Extent& extent) {
  Captured captured = TRY(capture(*target, source, extent));
  Taken taken{std::move(target), std::move(captured.program), std::move(captured.picture),
              std::move(captured.heap), std::move(captured.evidence)};
  taken.picture.target.name = source.name;
  return taken;
}

snapshot::Snapshot only_facts(snapshot::Snapshot picture) {
  snapshot::Snapshot facts;
  facts.target = std::move(picture.target);
  facts.picture = std::move(picture.picture);
  facts.picture.has_references = false;
  facts.doubts = std::move(picture.doubts);
  facts.bindings = std::move(picture.bindings);
  return facts;
}

}  // namespace goshawk::inspection
