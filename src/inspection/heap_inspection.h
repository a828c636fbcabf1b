// `goshawk heap`: where the memory of a process is, of which types the live heap is, who holds it,
// and by several pictures what of it grows.
#pragma once

#include <optional>

#include "base/result.h"
#include "findings/heap_answer.h"
#include "inspection/several_pictures.h"
#include "inspection/source.h"
#include "snapshot/snapshot.h"

namespace goshawk::inspection {

struct HeapInspection {
  snapshot::Snapshot picture;  // only_facts()
  findings::HeapAnswer answer;
  std::optional<Error> no_growth;  // why there is one picture where several were asked for
};

Result<HeapInspection> inspect_heap(const Source& source);

// Every picture is whole, so that the latest is told if the process ends meanwhile; a doubt says so
// then.
Result<HeapInspection> inspect_heap_growth(const Source& source, const Schedule& schedule,
                                           const WaitForNext& wait_for_next,
                                           const AfterPicture& after_picture);

}  // namespace goshawk::inspection
