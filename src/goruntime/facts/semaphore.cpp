// runtime.semtable ([251] of a semaRoot padded to a cache line), runtime/sema.go; notifyList.
//
//   release  change
//   1.20     the padding is the architecture's: 128 bytes on arm64 (1.19: 64); amd64 has 64
//   throughout
//
// The DWARF of some binaries has the array's type, which then decides. Checked by globals.cpp: an
// entry's tree hangs in the root that its semaphore's address hashes to.
#include "goruntime/facts/semaphore.h"

namespace goshawk::goruntime::facts {

Result<SemtableFact> SemtableFact::bind(const LayoutSource& layout, const GoVersion& version,
                                        std::string_view arch) {
  SemtableFact fact;
  fact.treap = TRY(layout.need_offset("runtime.semaRoot", "treap"));
  if (auto size = layout.size_of("runtime.semTable"); size && *size % kRoots == 0)
    fact.stride_bytes = static_cast<std::uint32_t>(*size / kRoots);
  else
    fact.stride_bytes = arch == "arm64" && version.minor >= 20 ? 128 : 64;
  return fact;
}

Result<NotifyListFact> NotifyListFact::bind(const LayoutSource& layout) {
  NotifyListFact fact;
  fact.size_bytes = static_cast<std::uint32_t>(TRY(layout.need_size("runtime.notifyList")));
  fact.wait = TRY(layout.need_offset("runtime.notifyList", "wait"));
  fact.notify = TRY(layout.need_offset("runtime.notifyList", "notify"));
  fact.head = TRY(layout.need_offset("runtime.notifyList", "head"));
  fact.tail = TRY(layout.need_offset("runtime.notifyList", "tail"));
  auto in_cond = layout.field("sync.Cond", "notify");
  fact.in_cond =
      in_cond ? in_cond->offset : 16;  // noCopy (0 bytes), L Locker (16), notify: never moved
  return fact;
}

}  // namespace goshawk::goruntime::facts
