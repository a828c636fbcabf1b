// For tests: the runtime's variables in a process' memory, as a release has them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "goruntime/layout/layout.h"
#include "goruntime/symbols/globals_shape.h"
#include "goruntime/testing/synthetic_memory.h"

namespace goshawk::goruntime::synthetic {

inline constexpr Address kImage{0x500000}, kHeap{0xc000000000}, kMainEntry{0x401000},
    kHelperEntry{0x402000};
inline constexpr std::uint64_t kImageBytes = 0x80000, kHeapBytes = 0x100000;
inline constexpr Address kAllgs = kImage + 0x100, kAllm = kImage + 0x200, kAllp = kImage + 0x300,
                         kSched = kImage + 0x1000, kMheap = kImage + 0x8000,
                         kSemtable = kImage + 0x40020, kAllfin = kImage + 0x400,
                         kM0 = kImage + 0x60000;

// A process with one goroutine, two ms, two ps, a heap without arenas and one waiter for a lock.
class SyntheticGlobals {
 public:
  explicit SyntheticGlobals(std::string_view version = "go1.27.4", std::string arch = "amd64")
      : build{.version = parse_go_version(version).value(),
              .arch = std::move(arch),
              .main_path = ""},
        layout(table_layout(build.version, build.arch).value()) {
    memory.map(kImage, kImageBytes);
    memory.map(kHeap, kHeapBytes);
    write_goroutine();
    write_threads();
    write_processors();
    write_heap();
    write_semaphore();
  }

  GlobalShapes shapes() const {
    return GlobalShapes::bind(*layout, build, memory, {kMainEntry, kHelperEntry}).value();
  }
  std::uint32_t at(std::string_view type, std::string_view field) const {
    return layout->need_offset(type, field).value();
  }
  Moduledata module() const {
    Moduledata module;
    module.data = {kImage, kImage + 8};
    module.bss = {kImage + 8, kImage + kImageBytes};
    return module;
  }

  BuildFacts build;
  std::unique_ptr<LayoutSource> layout;
  SyntheticMemory memory;
  Address g = kHeap + 0x1000, m1 = kHeap + 0x2000, p0 = kHeap + 0x10000, p1 = kHeap + 0x20000,
          sudog = kHeap + 0x30000;
  std::uint32_t semaphore = 0;  // which root has the waiter

 private:
  void write_slice(Address at, Address data, std::uint64_t length) {
    memory.write_pointer(at, data);
    memory.write(at + 8, length);
    memory.write(at + 16, length);
  }
  void write_goroutine() {
    write_slice(kAllgs, kHeap, 1);
    memory.write_pointer(kHeap, g);
    memory.write(g + at("runtime.g", "goid"), std::uint64_t{1});
    memory.write_pointer(g + at("runtime.g", "startpc"), kMainEntry);
    memory.write_pointer(g + at("runtime.g", "stack.lo"), kHeap + 0x50000);
    memory.write_pointer(g + at("runtime.g", "stack.hi"), kHeap + 0x52000);
  }
  void write_m(Address m, Address g0, std::int64_t id, Address next) {
    memory.write_pointer(m + at("runtime.m", "g0"), g0);
    memory.write_pointer(g0 + at("runtime.g", "m"), m);
    memory.write(m + at("runtime.m", "id"), id);
    memory.write_pointer(m + at("runtime.m", "alllink"), next);
  }
  void write_threads() {
    memory.write_pointer(kAllm, m1);
    write_m(m1, kHeap + 0x3000, 1, kM0);
    write_m(kM0, kImage + 0x62000, 0, Address());
    memory.write(kSched + at("runtime.schedt", "mnext"), std::int64_t{2});
    memory.write(kSched + at("runtime.schedt", "maxmcount"), std::int32_t{10000});
    memory.write(kSched + at("runtime.schedt", "goidgen"), std::uint64_t{16});
  }
  void write_processors() {
    write_slice(kAllp, kHeap + 0x100, 2);
    for (auto [p, id] : {std::pair(p0, 0), std::pair(p1, 1)}) {
      Address mcache = p + 0x8000;
      memory.write_pointer(kHeap + 0x100 + id * 8, p);
      memory.write(p + at("runtime.p", "id"), std::int32_t{id});
      memory.write_pointer(p + at("runtime.p", "mcache"), mcache);
      for (int i = 0; i < 136; ++i)
        memory.write(mcache + at("runtime.mcache", "alloc") + i * 8, std::uint64_t{0x1000});
    }
  }
  void write_heap() {
    Field central = layout->need("runtime.mheap", "central").value();
    for (std::uint32_t i = 0; i < 136; ++i)
      memory.write(kMheap + central.offset + i * (central.size_bytes / 136),
                   static_cast<std::uint8_t>(i));
  }
  void write_semaphore() {
    Address word = kHeap + 0x31000;
    auto elem = layout->field("runtime.sudog", "elem.vu");
    memory.write_pointer(sudog + (elem ? elem->offset : at("runtime.sudog", "elem")), word);
    semaphore = static_cast<std::uint32_t>((word.value() >> 3) % 251);
    std::uint64_t stride = layout->size_of("runtime.semTable").value() / 251;
    memory.write_pointer(kSemtable + semaphore * stride + at("runtime.semaRoot", "treap"), sudog);
    memory.write(kSemtable + semaphore * stride + at("runtime.semaRoot", "nwait"),
                 std::uint32_t{1});
  }
};

}  // namespace goshawk::goruntime::synthetic
