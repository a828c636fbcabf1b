// Every pointer of every heap object, and where it leads. The runtime never leaves one to a free
// slot in an object that is in use: many of them, and the masks or the allocation bits are others.
// Objects without pointers have no rows, and the number behind a span's last object is no object:
// its row means nothing.
#include "inspection/pointer_audit.h"

namespace goshawk::inspection {

snapshot::Binding audit_pointers(const snapshot::Snapshot& picture) {
  const snapshot::References& references = picture.references;
  std::uint64_t checked = 0, passed = 0;
  for (const snapshot::Span& span : picture.objects.spans()) {
    if (span.noscan) break;  // they come last
    for (snapshot::ObjectId from = span.first; from < span.first + span.slots; ++from)
      for (std::uint32_t i = references.rows[from]; i < references.rows[from + 1]; ++i) {
        ++checked;
        passed += picture.objects.is_allocated(references.edges[i]) ? 1 : 0;
      }
  }
  return snapshot::tried("pointer masks", "types and spans",
                         "pointers in heap objects that lead to an object in use", passed, checked);
}

}  // namespace goshawk::inspection
