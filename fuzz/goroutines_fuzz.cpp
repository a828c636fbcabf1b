// The scheduler and what hangs on it: gs, ms, ps, sudogs, channels, semaphores, condition
// variables, timers, labels, ancestors, deferred calls, and goroutines read as a whole. The input
// is which release's process it is, a thread's registers, and what is changed in it (patches.h).
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/patches.h"
#include "goruntime/goroutines/goroutine_reader.h"
#include "goruntime/heap/heap_test_image.h"
#include "goruntime/roots.h"
#include "goruntime/testing/synthetic_scheduler.h"

namespace goshawk::fuzz {
namespace {

using namespace goruntime;
using goruntime::testing::Era;
using goruntime::testing::SyntheticHeap;
using goruntime::testing::SyntheticTarget;

// The places that an input changes, in this order: a g, a stack and a sudog of each goroutine; an
// m, a p's timers and a channel twice; the others; the globals, the semaphores, the types; what
// waits for the network.
struct SoundProcess : SyntheticScheduler {
  explicit SoundProcess(const char* release) : SyntheticScheduler(release) {
    auto add = [&](Address from, std::uint64_t size_bytes) {
      places.push_back({from, from + size_bytes});
    };
    for (std::uint64_t i = 0; i < 5; ++i) {
      add(g_at(i), known.g.size_bytes);
      add(stack_at(i), kStackBytes);
      add(sudog_at(i), waits.sudog.size_bytes);
    }
    for (std::uint64_t i = 0; i < 2; ++i) {
      add(m_at(i), kRoomBytes);
      add(p_at(i) + timer.heap_in_p, 24);
      add(channel_at(i), waits.hchan.size_bytes);
    }
    for (std::uint64_t i = 0; i < 12; ++i) add(other_at(i), 128);
    add(globals_at(), 128);
    add(semtable_at(), 512);
    add(types_at(), 128);
    add(g_at(5), known.g.size_bytes);
    add(stack_at(5), kStackBytes);
    add(poll_desc_at(), 0x200);
  }
  std::vector<AddressRange> places;
};

// Objects for pointers to lead to; the heap has a fuzzer of its own.
const Heap& heap() {
  static SyntheticHeap image(Era::kGreenTea);
  static const Heap only = [] {
    image.add({.elemsize = 64, .sizeclass = 6, .freeindex = 100});
    return *image.read();
  }();
  return only;
}

std::vector<target::Thread> take_threads(Input& input) {
  target::Thread thread;
  thread.tid = 101;
  thread.pc = SyntheticProgram::kText + input.take<std::uint16_t>();
  thread.sp = SyntheticScheduler::stack_at(0) + (input.take<std::uint16_t>() & ~7U);
  thread.registers = {SyntheticHeap::kFirstPage.value(), 17};
  return {thread};
}

void use(const snapshot::Snapshot& picture) {
  for (const snapshot::Goroutine& goroutine : picture.goroutines) {
    fuzz::use(
        picture.strings[goroutine.wait_reason == snapshot::kNone ? 0 : goroutine.wait_reason]);
    fuzz::use(picture.stacks[goroutine.stack].size());
    // Ranges of the arrays beside.
    if (std::uint64_t{goroutine.first_wait} + goroutine.wait_count > picture.waits.size() ||
        std::uint64_t{goroutine.first_label} + goroutine.label_count > picture.labels.size() ||
        std::uint64_t{goroutine.first_ancestor} + goroutine.ancestor_count >
            picture.ancestors.size())
      __builtin_trap();
  }
  for (const snapshot::Wait& wait : picture.waits)
    if (wait.lock != snapshot::kNone && wait.lock >= picture.locks.size()) __builtin_trap();
  for (const snapshot::IoWait& wait : picture.io_waits)
    if (wait.goid != 6 && wait.descriptor > 0x7fffffff) __builtin_trap();
  fuzz::use(picture.locks.size() + picture.lock_frames.size());
  fuzz::use(picture.goroutine_roots.size() + picture.roots.size());
}

void read(const SoundProcess& sound, const PatchedMemory& memory,
          const std::vector<target::Thread>& threads, const Heap* with_heap) {
  SyntheticTarget target(memory);
  PageCache cache(memory);
  SyntheticProgram program = sound.program;
  Functions functions = program.build();
  Scheduler scheduler;
  auto gs = read_gs(memory, sound.known.g, sound.globals, scheduler.dead);
  if (!gs) return fuzz::use(describe(gs.error()));
  scheduler.gs = std::move(*gs);
  scheduler.ms = read_ms(cache, sound.m, sound.known.g, sound.globals, scheduler.ms_complete);
  scheduler.ps = read_ps(cache, sound.m, sound.globals, scheduler.ps_complete);
  WaitQueues queues(cache, sound.waits, sound.globals, scheduler.gs.size());
  snapshot::Snapshot picture;
  GoroutineReader reader(target, sound.known, sound.modules, functions, cache, queues, with_heap,
                         picture);
  reader.read(scheduler, threads, 1'000'000);
  if (with_heap != nullptr) {
    RootReader roots(memory, cache, *with_heap, picture);
    roots.read_globals(sound.modules);
    std::vector<Address> bubbles;
    for (const G& g : scheduler.gs)
      if (!g.bubble.is_null()) bubbles.push_back(g.bubble);
    roots.read_timers(sound.timer, scheduler.ps, bubbles);
    roots.read_threads(threads, scheduler, functions, {});
  }
  use(picture);
}

}  // namespace

void run(ByteView bytes) {
  static const SoundProcess processes[] = {SoundProcess("go1.19.13"), SoundProcess("go1.22.12"),
                                           SoundProcess("go1.27.4")};
  Input input(bytes);
  unsigned choice = input.take();
  const SoundProcess& sound = processes[choice / 2 % std::size(processes)];
  auto threads = take_threads(input);
  PatchedMemory memory(sound.memory);
  patch(input, sound.places, memory);
  read(sound, memory, threads, (choice & 1) != 0 ? &heap() : nullptr);
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  std::vector<std::string> all;
  for (unsigned choice = 0; choice < 6; ++choice) {
    auto start = [&] { return Bytes().u8(choice).u16(0x40).u16(0x700); };
    all.push_back(start().str());
    all.push_back(start().u8(4).u8(33).u16(8).u64(1 << 20).u8(4).u8(33).u16(16).u64(1 << 20).str());
    for (unsigned link = 0; link < 88; link += 8)  // sudogs in circles
      all.push_back(start().u8(0).u8(5).u16(link).u8(5).u16(0).str());
    all.push_back(start().u8(4).u8(0).u16(8).u64(0xffffffff).str());  // a huge stack
  }
  return all;
}

}  // namespace goshawk::fuzz
