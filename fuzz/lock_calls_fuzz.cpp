// Code in which calls of Lock and Unlock are looked for, and that is followed from these. The input
// is the architecture, where a frame stands, and the code of one function, of one inside of it and
// of another one; what they may call lies before it.
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/input.h"
#include "goruntime/goroutines/lock_calls.h"
#include "goruntime/goroutines/lock_flow.h"
#include "goruntime/testing/synthetic_memory.h"
#include "goruntime/testing/synthetic_program.h"

namespace goshawk::fuzz {

using namespace goruntime;

namespace {

constexpr std::uint32_t kCodeBytes = 512, kCalleeBytes = 64, kLineBytes = 16;

}  // namespace

void run(ByteView bytes) {
  Input input(bytes);
  bool arm64 = input.take() % 2 != 0;
  std::uint32_t stands_at = input.take<std::uint16_t>() % kCodeBytes;
  SyntheticProgram program(27, arm64);
  for (const char* name : {"sync.(*Mutex).Lock", "sync.(*RWMutex).RLock", "sync.(*Mutex).Unlock"})
    program.add({.name = name, .size_bytes = kCalleeBytes});
  SyntheticProgram::Function caller{.name = "main.caller", .size_bytes = kCodeBytes};
  for (std::uint32_t end = kLineBytes; end <= kCodeBytes; end += kLineBytes)
    caller.lines.emplace_back(end, static_cast<std::int32_t>(end / kLineBytes));
  caller.files = {{kCodeBytes, 0}};
  caller.inline_index = {{kCodeBytes / 2, -1}, {kCodeBytes, 0}};
  caller.inlined = {{.name = "main.inlined", .parent_pc = kLineBytes}};
  Address entry = program.add(caller);
  for (const char* name : {"main.caller.func1", "main.callee"})
    program.add({.name = name, .size_bytes = kCalleeBytes});
  program.add({.name = "main.last"});
  SyntheticMemory memory;
  memory.map(SyntheticProgram::kText, 0x1000);
  for (std::uint32_t at = 0; at < kCodeBytes + 2 * kCalleeBytes && !input.empty(); ++at)
    memory.write(entry + at, input.take());
  Functions functions = program.build();
  LockCalls calls(memory, functions, arm64 ? "arm64" : "amd64");
  HeldLocks held = calls.before(functions.find(entry), entry + stands_at);
  // Never more than there are instructions.
  if (held.mutexes + held.writes + held.reads > kCodeBytes || held.writes > 0) __builtin_trap();
  use(held.any());
  LockFlow flow(memory, functions, arm64 ? "arm64" : "amd64");
  for (std::uint32_t at = 0; at < kCodeBytes; ++at)
    for (const LockAtPlace& lock : flow.at(functions.find(entry), entry + at, at % 2 == 0).locks) {
      if (lock.certain && !lock.held) __builtin_trap();
      if (lock.address) use(lock.address->start + lock.address->delta);
    }
  for (std::uint32_t at = 0; at < kCodeBytes + 2 * kCalleeBytes; ++at)
    use(flow.may_unlock(entry + at, LockUse::kMutex, "main"));
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  auto distance = [](int to, int from) { return static_cast<std::uint32_t>(to - from); };
  return {
      Bytes().u8(0).u16(0x80).u8(0xe8).u32(distance(-192, 5)).u8(0xe8).u32(distance(-64, 10)).str(),
      Bytes().u8(0).u16(0x80).u8(0x90).u8(0xe8).u32(distance(-128, 6)).str(),
      // lea rax, [rip]; call Lock; je; call Unlock; a store and a load of the frame; ret
      Bytes()
          .u8(0)
          .u16(0x80)
          .u8(0x48)
          .u8(0x8d)
          .u8(0x05)
          .u32(64)
          .u8(0xe8)
          .u32(distance(-192, 12))
          .u8(0x74)
          .u8(5)
          .u8(0xe8)
          .u32(distance(-64, 19))
          .u8(0x48)
          .u8(0x89)
          .u8(0x44)
          .u8(0x24)
          .u8(8)
          .u8(0x48)
          .u8(0x8b)
          .u8(0x44)
          .u8(0x24)
          .u8(8)
          .u8(0xc3)
          .str(),
      Bytes().u8(1).u16(0x80).u32(0x94000000 | (distance(-192, 0) >> 2 & 0x3ffffff)).str()};
}

}  // namespace goshawk::fuzz
