// For tests: the scheduler of a process, drawn in memory with the layout of a release: goroutines
// with stacks that can be walked, threads, processors, and what hangs on them. Goroutine 1 runs, 2
// receives from a channel, 3 selects on two, 4 waits for a semaphore, 5 for a condition variable, 6
// for the network.
#pragma once

#include <string_view>

#include "goruntime/facts/m.h"
#include "goruntime/facts/timer.h"
#include "goruntime/goroutines/goroutine_reader.h"
#include "goruntime/testing/synthetic_memory.h"
#include "goruntime/testing/synthetic_program.h"

namespace goshawk::goruntime {

class SyntheticScheduler {
 public:
  static constexpr std::uint64_t kRoomBytes = 0x400;  // of each structure
  static constexpr std::uint64_t kStackBytes = 0x800;
  static constexpr std::uint64_t kCount = 6;       // goroutines
  static constexpr Address kObject{0xc000000000};  // what timers and deferred calls refer to

  // Numbered places of one kind; goroutine i + 1 has g_at(i), stack_at(i) and sudog_at(i).
  static constexpr Address g_at(std::uint64_t i) { return at(1, i); }
  static constexpr Address m_at(std::uint64_t i) { return at(2, i); }
  static constexpr Address p_at(std::uint64_t i) { return at(3, i * 16); }  // a p has 10 KiB
  static constexpr Address sudog_at(std::uint64_t i) { return at(8, i); }
  static constexpr Address channel_at(std::uint64_t i) { return at(9, i); }
  static constexpr Address other_at(std::uint64_t i) { return at(10, i); }
  static constexpr Address stack_at(std::uint64_t i) { return at(11, i * 2); }
  static constexpr Address globals_at() { return at(12, 0); }  // allgs, allm, allp
  static constexpr Address semtable_at() { return at(13, 0); }
  static constexpr Address types_at() { return at(15, 0); }
  static constexpr Address timers_at() { return other_at(6); }
  static constexpr Address ancestors_at() { return other_at(9); }
  static constexpr Address defers_at() { return other_at(10); }
  static constexpr Address poll_desc_at() { return other_at(12); }

  explicit SyntheticScheduler(const char* release);

  SyntheticMemory memory;
  SyntheticProgram program;
  GoroutineFacts known{{}, {}, facts::WaitReasons({}), {}};
  facts::MFact m;
  facts::TimerFact timer;
  facts::PollDescFact poll_desc;
  WaitFacts waits;
  Globals globals;
  Modules modules;

 private:
  static constexpr Address at(std::uint64_t kind, std::uint64_t i) {
    return Address(0x1000000) + kind * 0x10000 + i * kRoomBytes;
  }
  template <typename T>
  void put(Address to, T value) {
    memory.write(to, value);
  }
  void put(Address to, Address value) { memory.write_pointer(to, value); }
  void put_slice(Address to, Address data, std::uint64_t length);
  void bind(const char* release);
  void write_scheduler();
  void write_goroutines();
  void write_waits();
  void write_poll_desc();
  void write_others();
  std::uint8_t reason(std::string_view text) const;
};

inline SyntheticScheduler::SyntheticScheduler(const char* release)
    : program(parse_go_version(release)->minor) {
  bind(release);
  memory.map(at(0, 0), 0x200000);
  using Bits = SyntheticProgram::Bits;
  program.add({.name = "runtime.goexit",
               .func_id = static_cast<std::uint8_t>(program.version().minor >= 22 ? 8 : 7),
               .flag = kFlagTopFrame,
               .spdelta = {{0x40, 0}}});
  for (const char* name : {"runtime.gopark", "runtime.chanrecv", "sync.(*Cond).Wait", "main.main"})
    program.add({.name = name,
                 .spdelta = {{4, 0}, {0x40, 32}},
                 .lines = {{0x40, 7}},
                 .files = {{0x40, 0}},
                 .stack_map_index = {{0x40, 0}},
                 .locals = Bits{"111"}});
  program.build();
  write_scheduler();
  write_goroutines();
  write_waits();
  write_poll_desc();
  write_others();
}

inline void SyntheticScheduler::bind(const char* release) {
  known.version = *parse_go_version(release);
  auto layout = *table_layout(known.version, "amd64");
  known.g = *facts::GFact::bind(*layout);
  known.defer = *facts::DeferFact::bind(*layout);
  known.wait_reasons = *facts::WaitReasons::of_release(known.version);
  m = *facts::MFact::bind(*layout);
  timer = *facts::TimerFact::bind(*layout);
  known.poll_desc = poll_desc = *facts::PollDescFact::bind(*layout);
  waits = *WaitFacts::bind(*layout, known.version, "amd64");
  modules.build.version = known.version;
  modules.build.arch = "amd64";
  Moduledata& module = modules.all.emplace_back();
  module.types = {types_at(), types_at() + kRoomBytes};
  module.data = {globals_at(), globals_at() + 128};
  module.gcdata_mask = {16, types_at() + 512};
}

inline void SyntheticScheduler::put_slice(Address to, Address data, std::uint64_t length) {
  put(to, data);
  put(to + 8, length);
  put(to + 16, length);
}

inline std::uint8_t SyntheticScheduler::reason(std::string_view text) const {
  for (std::size_t i = 0; i < known.wait_reasons.count(); ++i)
    if (known.wait_reasons.text(static_cast<std::uint8_t>(i)) == text)
      return static_cast<std::uint8_t>(i);
  return 0;
}

inline void SyntheticScheduler::write_scheduler() {
  globals.allgs.address = globals_at();
  globals.allm = GlobalVariable{globals_at() + 24, BoundBy::kSymbol};
  globals.allp = GlobalVariable{globals_at() + 32, BoundBy::kSymbol};
  globals.semtable = GlobalVariable{semtable_at(), BoundBy::kSymbol};
  put_slice(globals_at(), other_at(0), kCount);
  for (std::uint64_t i = 0; i < kCount; ++i) put(other_at(0) + i * 8, g_at(i));
  put(globals_at() + 24, m_at(1));
  put_slice(globals_at() + 32, other_at(1), 2);
  for (std::uint64_t i = 0; i < 2; ++i) {
    put(other_at(1) + i * 8, p_at(i));
    put(p_at(i), static_cast<std::uint32_t>(i));
    put(m_at(i) + m.id, i);
    put(m_at(i) + m.procid, 100 + i);
    put(m_at(i) + m.g0, other_at(2 + i));
    put(other_at(2 + i) + known.g.m, m_at(i));
    put(other_at(2 + i) + known.g.stack_lo, stack_at(8 + i));
    put(other_at(2 + i) + known.g.stack_hi, stack_at(8 + i) + kStackBytes);
  }
  put(m_at(1) + m.alllink, m_at(0));
  put(m_at(1) + m.curg, g_at(0));
  put(m_at(1) + m.p, p_at(0));
}

inline void SyntheticScheduler::write_goroutines() {
  auto entry = [](std::uint64_t function) { return SyntheticProgram::kText + function * 0x40; };
  for (std::uint64_t i = 0; i < kCount; ++i) {
    Address g = g_at(i), sp = stack_at(i) + kStackBytes - 0x100;
    put(g + known.g.stack_lo, stack_at(i));
    put(g + known.g.stack_hi, stack_at(i) + kStackBytes);
    put(g + known.g.goid, i + 1);
    put(g + known.g.sched_sp, sp);
    put(g + known.g.sched_pc, entry(1) + 9);
    put(g + known.g.sched_g, g);
    put(g + known.g.atomicstatus, std::uint32_t{i == 0 ? 2U : 4U});
    put(g + known.g.gopc, entry(4) + 8);
    put(g + known.g.startpc, entry(4));
    for (std::uint64_t frame = 0; frame < 4; ++frame)
      put(sp + 40 * frame + 32, frame == 3 ? entry(0) + 1 : entry(frame + 2) + 8);
  }
  put(g_at(0) + known.g.m, m_at(1));
}

inline void SyntheticScheduler::write_waits() {
  const facts::SudogFact& sudog = waits.sudog;
  const char* reasons[] = {"", "chan receive", "select", "semacquire", "sync.Cond.Wait", "IO wait"};
  for (std::uint64_t i = 1; i < kCount; ++i) {
    put(g_at(i) + known.g.waitreason, reason(reasons[i]));
    put(g_at(i) + known.g.waiting, i <= 2 ? sudog_at(i) : Address());
    put(sudog_at(i) + sudog.g, g_at(i));
  }
  for (std::uint64_t i = 0; i < 2; ++i) put(channel_at(i) + waits.hchan.elemtype, types_at());
  put(sudog_at(1) + sudog.c, channel_at(0));
  put(channel_at(0) + waits.hchan.recvq_first, sudog_at(1));
  put(sudog_at(2) + sudog.c, channel_at(1));
  put(channel_at(1) + waits.hchan.sendq_first, sudog_at(2));
  put(sudog_at(2) + sudog.waitlink, sudog_at(0));
  put(sudog_at(0) + sudog.g, g_at(2));
  put(sudog_at(0) + sudog.c, channel_at(0));
  put(semtable_at() + waits.semtable.treap, sudog_at(3));
  put(sudog_at(3) + sudog.elem, other_at(4));
  const facts::NotifyListFact& list = waits.notify_list;
  put(other_at(5) + list.wait, std::uint32_t{7});
  put(other_at(5) + list.notify, std::uint32_t{6});
  put(other_at(5) + list.head, sudog_at(4));
  put(other_at(5) + list.tail, sudog_at(4));
  put(sudog_at(4) + sudog.ticket, std::uint32_t{6});
  put(stack_at(4) + kStackBytes - 0x100 + 80, other_at(5));  // in the frame of Wait
}

// Reads from descriptor 7, until a time that is far ahead.
inline void SyntheticScheduler::write_poll_desc() {
  put(poll_desc_at() + poll_desc.self, poll_desc_at());
  put(poll_desc_at() + poll_desc.fd, std::uint64_t{7});
  put(poll_desc_at() + poll_desc.rg, g_at(5));
  put(poll_desc_at() + poll_desc.rd, std::int64_t{1} << 50);
  put(poll_desc_at() + poll_desc.fdseq.value_or(poll_desc.rseq), std::uint64_t{3});
  put(stack_at(5) + kStackBytes - 0x100 + 48, poll_desc_at());  // in the second frame
}

// Timers, labels, ancestors, deferred calls, a type with a name.
inline void SyntheticScheduler::write_others() {
  put_slice(p_at(0) + timer.heap_in_p, timers_at(), 2);
  put(timers_at() + timer.entry_timer, other_at(7));
  put(other_at(7) + timer.f, kObject);
  put(g_at(1) + known.g.labels, other_at(8));
  put_slice(other_at(8), other_at(8) + 64, 1);
  put_slice(other_at(8) + 64, types_at() + 600, 3);
  put(g_at(2) + known.g.ancestors, ancestors_at());
  put_slice(ancestors_at(), ancestors_at() + 64, 1);
  put_slice(ancestors_at() + 64, ancestors_at() + 128, 2);
  put(g_at(3) + known.g.defer, defers_at());
  put(defers_at() + known.defer.link, other_at(11));
  put(defers_at() + known.defer.fn, kObject);
  put(types_at() + 40, std::int32_t{64});
  put(types_at() + 64 + 1, std::uint8_t{3});
  memory.write_text(types_at() + 64 + 2, "int");
  put(types_at() + 512, std::uint16_t{0xffff});
}

}  // namespace goshawk::goruntime
