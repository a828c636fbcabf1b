// Code in which calls of what makes contexts are looked for. The input is the architecture, and the
// code of the function that has started a goroutine and of one that it may call; what makes
// contexts lies before them.
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/input.h"
#include "goruntime/goroutines/context_calls.h"
#include "goruntime/testing/synthetic_memory.h"
#include "goruntime/testing/synthetic_program.h"

namespace goshawk::fuzz {

using namespace goruntime;

namespace {

constexpr std::uint32_t kCodeBytes = 256, kMakerBytes = 64, kLineBytes = 16;

Address add_function(SyntheticProgram& program, const char* name) {
  SyntheticProgram::Function made{.name = name, .size_bytes = kCodeBytes};
  for (std::uint32_t end = kLineBytes; end <= kCodeBytes; end += kLineBytes)
    made.lines.emplace_back(end, static_cast<std::int32_t>(end / kLineBytes));
  made.files = {{kCodeBytes, 0}};
  made.inline_index = {{kCodeBytes / 2, -1}, {kCodeBytes, 0}};
  made.inlined = {{.name = "context.WithTimeout", .parent_pc = kLineBytes}};
  return program.add(made);
}

snapshot::Snapshot picture_of_one_started_by(Address function) {
  snapshot::Snapshot picture;
  snapshot::Goroutine goroutine;
  goroutine.goid = 5;
  goroutine.created_by = picture.stacks.add_frame({.pc = function + 1, .entry_offset = 1});
  goroutine.stack = picture.stacks.intern({});
  goroutine.wait_count = 1;
  picture.waits = {{.address = Address(0xc000001000), .is_context_done = true}};
  picture.goroutines = {goroutine};
  return picture;
}

}  // namespace

void run(ByteView bytes) {
  Input input(bytes);
  bool arm64 = input.take() % 2 != 0;
  SyntheticProgram program(27, arm64);
  for (const char* name : {"context.WithCancel", "context.(*cancelCtx).propagateCancel"})
    program.add({.name = name, .size_bytes = kMakerBytes});
  Address spawn = add_function(program, "main.spawn");
  add_function(program, "main.callee");
  program.add({.name = "main.last"});
  SyntheticMemory memory;
  memory.map(SyntheticProgram::kText, 0x1000);
  for (std::uint32_t at = 0; at < 2 * kCodeBytes && !input.empty(); ++at)
    memory.write(spawn + at, input.take());
  Functions functions = program.build();
  snapshot::Snapshot picture = picture_of_one_started_by(spawn);
  GoVersion version;
  version.minor = 27;
  find_context_calls(
      memory, functions, TracebackFilter(version), arm64,
      [](Address itab) { return itab.value() % 2 == 0 ? "context.todoCtx" : ""; }, picture);
  find_context_calls_of_callers(
      memory, functions, TracebackFilter(version), arm64,
      [](Address itab) { return itab.value() % 2 == 0 ? "context.todoCtx" : ""; }, picture);
  // Never more than there are bytes.
  if (picture.context_calls.size() > 2 * kCodeBytes) __builtin_trap();
  for (const snapshot::ContextCall& call : picture.context_calls) {
    use(picture.strings[call.maker]);
    use(picture.strings[picture.stacks.frame(call.place).file]);
    if (picture.strings[call.function] == "main.last") __builtin_trap();
  }
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  auto distance = [](int to, int from) { return static_cast<std::uint32_t>(to - from); };
  std::string of_callee = Bytes().u8(0).u8(0xe8).u32(distance(256, 5)).str();
  of_callee.resize(1 + 256, '\x90');
  of_callee += Bytes().u8(0xe8).u32(distance(-128, 261)).str();
  std::string inlined = Bytes().u8(0).str();
  inlined.resize(1 + 128, '\x90');
  inlined += Bytes().u8(0xe8).u32(distance(-64, 133)).str();
  return {Bytes().u8(0).u8(0xe8).u32(distance(-128, 5)).str(), of_callee, inlined,
          Bytes().u8(1).u32(0x94000000 | (distance(-128, 0) >> 2 & 0x3ffffff)).str()};
}

}  // namespace goshawk::fuzz
