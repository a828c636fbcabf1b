// The runtime's variables, found in the image's data by their shape. The input is which release's
// they are, and what is changed in them (patches.h).
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/patches.h"
#include "goruntime/symbols/globals_scan.h"
#include "goruntime/testing/synthetic_globals.h"

namespace goshawk::fuzz {
namespace {

using namespace goruntime;
using namespace goruntime::synthetic;

void search(const SyntheticGlobals& sound, const target::Memory& memory) {
  auto shapes = GlobalShapes::bind(*sound.layout, sound.build, memory, {kMainEntry, kHelperEntry});
  if (!shapes) return;
  use(shapes->is_allm(kAllm) + shapes->is_allp(kAllp) + shapes->is_sched(kSched) +
      shapes->is_finalizer_blocks(kAllfin) + shapes->is_cleanup_queue(kAllfin) +
      shapes->is_gcphase(kAllfin) + shapes->is_mutex(kSched) + shapes->is_bool(kAllfin));
  use(shapes->count_semaphores(kSemtable).value_or(0));
  // Only where something is: most of the image is zeros, which take long to look through.
  Address central = kMheap + shapes->central_offset();
  Moduledata module;
  module.data = {kImage, kImage + 0x400};
  module.bss = {kImage + 8, kImage + 0x1400};
  module.noptrbss = {central - 64, central + shapes->central_stride() * 140};
  module.noptrdata = {kSemtable, kSemtable + 0x4000};
  GlobalsScan scan(memory, module, *shapes);
  for (auto found : {scan.find_allgs(), scan.find_mheap(), scan.find_wait_reason_strings()})
    use(found.value_or(Address()).value());
  std::swap(module.noptrbss, module.noptrdata);
  use(GlobalsScan(memory, module, *shapes).find_semtable(kMheap).value_or(Address()).value());
}

}  // namespace

void run(ByteView bytes) {
  static const SyntheticGlobals all[] = {SyntheticGlobals("go1.19.13"),
                                         SyntheticGlobals("go1.27.4", "arm64"),
                                         SyntheticGlobals("go1.27.4")};
  constexpr AddressRange kPlaces[] = {{kImage, kImage + 0x500},
                                      {kSched, kSched + 0x200},
                                      {kMheap, kMheap + 0x8000},
                                      {kSemtable, kSemtable + 0x4000},
                                      {kM0, kM0 + 0x400},
                                      {kHeap, kHeap + 0x200},
                                      {kHeap + 0x1000, kHeap + 0x1200},
                                      {kHeap + 0x2000, kHeap + 0x2400},
                                      {kHeap + 0x3000, kHeap + 0x3200},
                                      {kHeap + 0x10000, kHeap + 0x10100},
                                      {kHeap + 0x18000, kHeap + 0x18800},
                                      {kHeap + 0x30000, kHeap + 0x30100},
                                      {kHeap + 0x40000, kHeap + 0x40200}};
  Input input(bytes);
  const SyntheticGlobals& sound = all[input.take() % std::size(all)];
  PatchedMemory memory(sound.memory);
  patch(input, kPlaces, memory);
  search(sound, memory);
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  std::vector<std::string> all;
  for (unsigned release = 0; release < 3; ++release) {
    auto start = [&] { return Bytes().u8(release); };
    all.push_back(start().str());
    all.push_back(start().u8(0).u8(0).u16(0x400).u8(12).u16(0).str());  // a block of finalizers
    all.push_back(
        start().u8(0).u8(0).u16(0x400).u8(12).u16(0).u8(0).u8(12).u16(0).u8(12).u16(0).str());
  }
  return all;
}

}  // namespace goshawk::fuzz
