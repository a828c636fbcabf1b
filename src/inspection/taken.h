// A picture, and what it was taken of, which stays open for those who tell how things in it are
// held and of which types they are.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "goruntime/heap/heap.h"
#include "goruntime/path_describer.h"
#include "goruntime/program.h"
#include "goruntime/typing/object_types.h"
#include "inspection/captured.h"
#include "inspection/source.h"
#include "snapshot/holding_path.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::inspection {

struct Taken {
  std::unique_ptr<target::Target> target;  // null: a saved picture
  std::unique_ptr<goruntime::Program> program;
  snapshot::Snapshot picture;
  std::unique_ptr<goruntime::Heap> heap;
  std::optional<goruntime::TypeEvidence> evidence;

  std::unique_ptr<snapshot::PathDescriber> describer(
      goruntime::PathWords words = goruntime::PathWords::kFields) const;
  // The types of all objects, where they were wanted.
  void conclude_types();
  std::unique_ptr<snapshot::TypeTeller> type_teller() const;
};

// Of a process, a core or a file that holds a picture already; a process goes on afterwards.
Result<Taken> take(const Source& source, const Extent& extent);
// Of one that is open already.
Result<Taken> take(std::unique_ptr<target::Target> target, const Source& source,
                   const Extent& extent);

// What it is of and how it was taken, as if nothing else were in it.
snapshot::Snapshot only_facts(snapshot::Snapshot picture);

}  // namespace goshawk::inspection
