// What debug.WriteHeapDump writes: whatever can be read is judged, and told who holds it.
#include "analyses/goroutines/leaks.h"
#include "analyses/heap/holders.h"
#include "analyses/heap/live_objects.h"
#include "fuzz/fuzz.h"
#include "report/leaks_text.h"
#include "snapshot/heap_dump.h"
#include "snapshot/heap_dump_for_tests.h"

namespace goshawk::fuzz {

void run(ByteView input) {
  auto picture = snapshot::picture_of_heap_dump(input, "input");
  if (!picture) return use(describe(picture.error()));
  report::StringOutput out;
  findings::Verdict verdict =
      analyses::goroutines::find_leaks(analyses::goroutines::Judgement(*picture));
  report::render_leaks_text(out, *picture, verdict, {});
  analyses::heap::HeldHeap held(*picture, analyses::heap::HolderTree(*picture), nullptr);
  use(analyses::heap::find_holders(*picture, held).live_bytes);
  use(out.text());
}

std::vector<std::string> seeds() {
  constexpr std::uint64_t kHeap = 0xc000000000;
  return {snapshot::testing::HeapDumpWriter().finish(), snapshot::testing::HeapDumpWriter()
                                                            .object(kHeap, {kHeap + 64, 7}, {0})
                                                            .object(kHeap + 16, {kHeap}, {0})
                                                            .object(kHeap + 64, {0, 0, 0, 0})
                                                            .globals(0x5000, {1, kHeap}, {1})
                                                            .goroutine(1, 4, "chan receive")
                                                            .frame("main.wait", {kHeap + 16}, {0})
                                                            .finalizer(kHeap, kHeap + 16)
                                                            .numbers({15, 1, 2, 3, kHeap, 0, 0})
                                                            .numbers({17, kHeap, 5})
                                                            .finish()};
}

}  // namespace goshawk::fuzz
