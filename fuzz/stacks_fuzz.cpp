// Stacks: frames walked by the function tables, live pointers by stack maps and stack objects, and
// the names that frames get. The input is where the walk begins, what is changed in the tables
// (broken_tables.h), and the stack's words, each made of an operation and its operand.
#include "binary/elf_writer_for_tests.h"
#include "fuzz/broken_tables.h"
#include "fuzz/fuzz.h"
#include "goruntime/stacks/frame_resolver.h"
#include "goruntime/stacks/unwinder.h"
#include "goruntime/testing/synthetic_memory.h"
#include "goruntime/testing/synthetic_program.h"

namespace goshawk::fuzz {
namespace {

using namespace goruntime;
using binary::Bytes;

constexpr Address kStack{0xc000100000};
constexpr std::uint64_t kStackBytes = 64 << 10;
constexpr Address kMethodValue{0x900000};

struct Sound {
  SyntheticProgram program;
  std::vector<Address> entries = {};
};

// A function of each kind that a walk treats in its own way. Numbers of Go 1.25 and later.
Sound make_sound(bool arm64) {
  Sound sound{SyntheticProgram(27, arm64)};
  auto add = [&](const SyntheticProgram::Function& function) {
    sound.entries.push_back(sound.program.add(function));
  };
  using Bits = SyntheticProgram::Bits;
  add({.name = "runtime.goexit", .func_id = 8, .flag = kFlagTopFrame, .spdelta = {{0x40, 0}}});
  add({.name = "main.leaf", .spdelta = {{0x40, 0}}});
  add({.name = "main.small",
       .args_bytes = 16,
       .spdelta = {{4, 0}, {0x40, 24}},
       .stack_map_index = {{0x20, 0}, {0x40, 1}},
       .locals = Bits{"01", "11"},
       .args = Bits{"10", "11"}});
  add({.name = "main.objects",
       .deferreturn = 0x20,
       .spdelta = {{4, 0}, {0x40, 64}},
       .stack_map_index = {{0x40, 0}},
       .locals = Bits{"0000011"},
       .objects = {{.offset = -56, .size_bytes = 16, .pointer_bytes = 16, .mask = {3}},
                   {.offset = -40,
                    .size_bytes = 24,
                    .pointer_bytes = -24,
                    .mask = {3, 0, 0, 0, 0x03, 0b101, 0}}}});
  add({.name = "runtime.asyncPreempt", .func_id = 3, .spdelta = {{0x40, 16}}});
  add({.name = "runtime.sigpanic", .func_id = 20, .spdelta = {{0x40, 24}}});
  add({.name = "runtime.cgocallback", .func_id = 4, .flag = kFlagSpWrite, .spdelta = {{0x40, 32}}});
  add({.name = "runtime.systemstack", .func_id = 21, .flag = kFlagSpWrite, .spdelta = {{0x40, 8}}});
  add({.name = "reflect.makeFuncStub",
       .args_bytes = kArgsSizeUnknown,
       .spdelta = {{4, 0}, {0x40, 312}},
       .stack_map_index = {{0x40, 0}},
       .locals = Bits{""}});
  add({.name = "main.large",
       .args_bytes = 4096,
       .spdelta = {{0x40, 4096}},
       .stack_map_index = {{0x40, 0}},
       .locals = Bits{std::string(500, '1')},
       .args = Bits{std::string(512, '1')}});
  sound.program.build();
  return sound;
}

Address take_pc(Input& input, const Sound& sound) {
  Address entry = sound.entries[input.take() % sound.entries.size()];
  return entry + input.take() % 0x48;
}

// Words from the lowest on: what is over leaves zeros.
std::vector<std::byte> take_stack(Input& input, const Sound& sound) {
  std::vector<std::uint64_t> words(kStackBytes / 8);
  for (std::size_t i = 0; i < words.size() && !input.empty(); ++i) {
    unsigned operation = input.take() % 8;
    if (operation == 1) words[i] = take_pc(input, sound).value();
    if (operation == 2) words[i] = (kStack + input.take<std::uint16_t>()).value();
    if (operation == 3) words[i] = input.take<std::uint64_t>();
    if (operation == 4) words[i] = kMethodValue.value();
    if (operation == 5) i += input.take();
    if (operation == 6)  // the last words again
      for (std::size_t n = input.take() % 8 + 1, times = input.take() * 8; times > 0; --times, ++i)
        if (i >= n && i < words.size()) words[i] = words[i - n];
  }
  ByteView bytes = std::as_bytes(std::span(words));
  return {bytes.begin(), bytes.end()};
}

SyntheticMemory make_memory(Input& input, const Sound& sound) {
  SyntheticMemory memory;
  memory.map(kMethodValue, 256);
  memory.write_pointer(kMethodValue, sound.entries[8]);
  memory.write_pointer(kMethodValue + 8, kMethodValue + 64);
  memory.write(kMethodValue + 16, std::uint64_t{input.take()} * 8);
  memory.write(kMethodValue + 64, std::int32_t{input.take<std::int16_t>()});
  memory.write_pointer(kMethodValue + 72, kMethodValue + 128);
  memory.write(kMethodValue + 128, ~std::uint64_t{0});
  return memory;
}

void use(const WalkedStack& walked) {
  fuzz::use(walked.pointers.size() + walked.complete + walked.exact + walked.in_cgo_callback);
  for (std::size_t i = 0; i < walked.pcs.size(); ++i) fuzz::use(walked.source_pc(i).value());
}

}  // namespace

void run(ByteView bytes) {
  static const Sound sounds[] = {make_sound(false), make_sound(true)};
  Input input(bytes);
  auto flags = input.take();
  const Sound& sound = sounds[flags & 1];
  std::uint64_t start = input.take<std::uint16_t>() & ~std::uint64_t{(flags & 2) != 0 ? 0U : 7U};
  StackWalk request{.stack = {kStack, kStack + kStackBytes},
                    .bytes_from = kStack + start / 8 * 8,
                    .bytes = {},
                    .pc = (flags & 4) != 0 ? Address() : take_pc(input, sound),
                    .sp = kStack + start,
                    .lr = take_pc(input, sound),
                    .interrupted = (flags & 8) != 0,
                    .want_pointers = (flags & 16) == 0,
                    .also_live = {},
                    .conservative = (flags & 32) != 0};
  SyntheticMemory memory = make_memory(input, sound);
  SyntheticProgram program = sound.program;
  auto tables = program.build_tables();
  break_tables(input, program.image());
  std::vector<std::byte> stack = take_stack(input, sound);
  request.bytes = slice(stack, start / 8 * 8, stack.size());
  const std::uint64_t also[] = {(kStack + 512).value(), 0x1234};
  request.also_live = also;

  Functions functions(std::move(tables));
  Unwinder unwinder(functions, memory);
  WalkedStack walked;
  for (int again = 0; again < 2; ++again) unwinder.walk(request, walked);
  use(walked);
  snapshot::Snapshot picture;
  FrameResolver resolver(functions, program.version(), picture);
  fuzz::use(resolver.resolve_stack(walked) + resolver.resolve_creation(request.pc));
}

// Flags, where the stack begins, pc, lr, what the method value says, changes in the tables, words.
std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (unsigned flags : {0, 1, 8, 9, 32}) {
    auto seed = [&](unsigned function, const Bytes& words) {
      all.push_back(Bytes()
                        .u8(flags)
                        .u16(0)
                        .u8(function)
                        .u8(9)
                        .u8(0)
                        .u8(9)
                        .u8(2)
                        .u16(3)
                        .u8(0)
                        .raw(words.str())
                        .str());
    };
    seed(2, Bytes().u8(3).u64(1).u8(2).u16(16).u8(3).u64(2).u8(1).u8(0).u8(5));
    seed(3, Bytes().u8(5).u8(5).u8(2).u16(8).u8(2).u16(24).u8(1).u8(0).u8(5));
    seed(4, Bytes().u8(5).u8(1).u8(1).u8(2).u8(9).u8(5).u8(2).u8(1).u8(0).u8(5));
    seed(8, Bytes().u8(4).u8(5).u8(37).u8(1).u8(0).u8(5));
    seed(1, Bytes().u8(1).u8(1).u8(5).u8(6).u8(0).u8(255));
    seed(9, Bytes().u8(1).u8(9).u8(5).u8(6).u8(0).u8(255));
  }
  return all;
}

}  // namespace goshawk::fuzz
