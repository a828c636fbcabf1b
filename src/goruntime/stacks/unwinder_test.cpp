#include "goruntime/stacks/unwinder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "goruntime/testing/synthetic_memory.h"
#include "goruntime/testing/synthetic_program.h"

namespace goshawk::goruntime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Numbers of Go 1.25 and later.
constexpr std::uint8_t kAsyncPreempt = 3;
constexpr std::uint8_t kCgocallback = 4;
constexpr std::uint8_t kSigpanic = 20;

constexpr Address kStack{0xc000100000};
constexpr std::uint64_t kStackBytes = 4096;

// A stack that grows down from its top, frame by frame, outermost first.
class Stack {
 public:
  explicit Stack(bool arm64 = false) : arm64_(arm64), sp_(kStack + kStackBytes - 64) {}

  // The frame of a call: spdelta bytes below the return address `back` into the caller.
  void call(std::uint32_t spdelta, Address back) {
    sp_ = sp_ - spdelta - (arm64_ ? 0 : 8);
    put(arm64_ ? 0 : spdelta, back.value());
  }
  void put(std::uint64_t offset, std::uint64_t value) {
    std::memcpy(bytes_.data() + (sp_ - kStack) + offset, &value, sizeof value);
  }
  void push(std::uint64_t bytes) { sp_ = sp_ - bytes; }
  Address sp() const { return sp_; }
  StackWalk walk(Address pc) const {
    return {.stack = {kStack, kStack + kStackBytes},
            .bytes_from = sp_,
            .bytes = ByteView(bytes_).subspan(sp_ - kStack),
            .pc = pc,
            .sp = sp_,
            .lr = {},
            .interrupted = false,
            .want_pointers = true,
            .also_live = {}};
  }

 private:
  bool arm64_;
  Address sp_;
  std::vector<std::byte> bytes_ = std::vector<std::byte>(kStackBytes);
};

class UnwinderTest : public testing::Test {
 protected:
  void use(bool arm64) {
    program = SyntheticProgram(27, arm64);
    goexit = program.add(
        {.name = "runtime.goexit", .func_id = 8, .flag = kFlagTopFrame, .spdelta = {{0x40, 0}}});
  }
  void SetUp() override { use(false); }

  // A function with a frame of `spdelta` bytes and one map for all of it.
  Address add(const std::string& name, std::uint32_t spdelta, std::string locals,
              std::string args = "", std::vector<SyntheticProgram::Object> objects = {}) {
    SyntheticProgram::Function function{.name = name,
                                        .args_bytes = static_cast<std::int32_t>(args.size() * 8),
                                        .spdelta = {{0x40, static_cast<std::int32_t>(spdelta)}},
                                        .stack_map_index = {{0x40, 0}},
                                        .objects = std::move(objects)};
    function.locals = SyntheticProgram::Bits{std::move(locals)};
    if (!args.empty()) function.args = SyntheticProgram::Bits{std::move(args)};
    return program.add(function);
  }

  WalkedStack walk(const StackWalk& stack) {
    Functions functions = program.build();
    Unwinder unwinder(functions, memory);
    WalkedStack walked;
    unwinder.walk(stack, walked);
    unwinder.walk(stack, walked);  // again, with everything remembered
    return walked;
  }

  SyntheticProgram program{27};
  SyntheticMemory memory;
  Address goexit;
};

TEST_F(UnwinderTest, WalksToGoexitAndTakesLiveSlots) {
  Address outer = add("main.outer", 32, "101");  // 3 locals below the saved frame pointer
  Address inner = add("main.inner", 24, "01", "10");
  Stack stack;
  stack.call(32, goexit + 1);
  stack.put(0, 0x100);
  stack.put(8, 0x101);  // dead
  stack.put(16, 0x102);
  stack.put(24, 0x103);  // the saved frame pointer
  Address outer_sp = stack.sp();
  stack.call(24, outer + 5);
  stack.put(0, 0x200);  // dead
  stack.put(8, 0x201);
  WalkedStack walked = walk(stack.walk(inner + 9));
  EXPECT_TRUE(walked.complete);
  EXPECT_TRUE(walked.exact);
  EXPECT_FALSE(walked.in_cgo_callback);
  EXPECT_THAT(walked.pcs, ElementsAre(inner + 9, outer + 5, goexit + 1));
  EXPECT_THAT(walked.functions, ElementsAre(2, 1, 0));
  EXPECT_THAT(walked.exact_pcs, IsEmpty());
  EXPECT_EQ(walked.source_pc(1), outer + 4);
  EXPECT_EQ(walked.extents[1].sp, outer_sp);
  EXPECT_EQ(walked.extents[0].fp, outer_sp);
  // inner's argument is outer's lowest word, which outer's own map has too.
  EXPECT_THAT(walked.pointers, UnorderedElementsAre(0x201, 0x100, 0x100, 0x102));
}

// Each in the frame whose map or variable tells of it, by its distance from the caller's sp.
TEST_F(UnwinderTest, SaysWhereLiveSlotsAre) {
  Address outer = add("main.outer", 48, "00001", "",
                      {{.offset = -40, .size_bytes = 16, .pointer_bytes = 16, .mask = {0b10}}});
  Address inner = add("main.inner", 24, "01", "10");
  Stack stack;
  stack.call(48, goexit + 1);
  stack.put(0, 0x100);
  stack.put(8, 0x101);
  Address outer_sp = stack.sp();
  stack.put(32, outer_sp.value());  // to the variable whose address is taken
  stack.call(24, outer + 5);
  stack.put(8, 0x201);
  StackWalk request = stack.walk(inner + 9);
  EXPECT_THAT(walk(request).slots, IsEmpty());
  request.want_slots = true;
  WalkedStack walked = walk(request);
  ASSERT_EQ(walked.slots.size(), 4u);
  auto slot = [](const WalkedStack::Slot& one) {
    return std::tuple(one.position, one.place, one.in_object, one.value);
  };
  EXPECT_EQ(slot(walked.slots[0]), std::tuple(0u, -24, false, 0x201u));
  EXPECT_EQ(slot(walked.slots[1]), std::tuple(0u, 0, false, 0x100u));  // inner's argument
  EXPECT_EQ(slot(walked.slots[2]), std::tuple(1u, -24, false, outer_sp.value()));
  EXPECT_EQ(slot(walked.slots[3]), std::tuple(1u, -48, true, 0x101u));
  EXPECT_EQ(walked.slots[3].at, outer_sp + 8);
}

TEST_F(UnwinderTest, WithoutPointersOnlyFrames) {
  Address outer = add("main.outer", 32, "111");
  Stack stack;
  stack.call(32, goexit + 1);
  stack.put(0, 0x100);
  StackWalk request = stack.walk(outer + 5);
  request.want_pointers = false;
  WalkedStack walked = walk(request);
  EXPECT_TRUE(walked.complete);
  EXPECT_THAT(walked.pointers, IsEmpty());
}

TEST_F(UnwinderTest, GoroutineThatHasNotRunYet) {
  Address start = add("main.start", 32, "111");
  Stack stack;
  stack.push(8);
  stack.put(0, (goexit + 1).value());
  // At its entry the frame does not exist yet.
  program = SyntheticProgram(27);
  goexit = program.add({.name = "runtime.goexit", .flag = kFlagTopFrame, .spdelta = {{0x40, 0}}});
  program.add({.name = "main.start",
               .spdelta = {{4, 0}, {0x40, 32}},
               .stack_map_index = {{0x40, 0}},
               .locals = SyntheticProgram::Bits{"111"}});
  WalkedStack walked = walk(stack.walk(start));
  EXPECT_TRUE(walked.complete);
  EXPECT_TRUE(walked.exact);
  EXPECT_THAT(walked.exact_pcs, ElementsAre(0));
  EXPECT_EQ(walked.source_pc(0), start);
}

TEST_F(UnwinderTest, StackObjectCountsOnlyWhenReached) {
  // Two objects of two words below the frame's locals; the map's one bit holds a pointer to one.
  auto object = [](std::int32_t offset) {
    return SyntheticProgram::Object{
        .offset = offset, .size_bytes = 16, .pointer_bytes = 16, .mask = {0b11}};
  };
  Address function = add("main.f", 48, "00001", "", {object(-40), object(-24)});
  Stack stack;
  stack.call(48, goexit + 1);
  stack.put(0, 0x100);
  stack.put(8, 0x101);
  stack.put(16, 0x200);
  stack.put(24, 0x201);
  stack.put(32, (stack.sp() + 24).value());  // into the second
  WalkedStack walked = walk(stack.walk(function + 5));
  EXPECT_TRUE(walked.exact);
  EXPECT_THAT(walked.pointers, UnorderedElementsAre(0x200, 0x201));

  stack.put(16, (stack.sp() + 8).value());  // and the second leads to the first
  EXPECT_THAT(walk(stack.walk(function + 5)).pointers, UnorderedElementsAre(0x100, 0x101, 0x201));

  stack.put(32, 0);
  EXPECT_THAT(walk(stack.walk(function + 5)).pointers, IsEmpty());
  const std::uint64_t deferred[] = {(stack.sp() + 8).value(), 0x999};
  StackWalk request = stack.walk(function + 5);
  request.also_live = deferred;
  EXPECT_THAT(walk(request).pointers, UnorderedElementsAre(0x999, 0x100, 0x101));
}

// Each frame's map tells of the whole stack above it: what is taken stays in proportion.
TEST_F(UnwinderTest, FramesThatOverlapDoNotMultiply) {
  Address greedy = add("main.greedy", 0, "", std::string(100, '1'));
  Stack stack;
  for (std::uint64_t i = 0; i < 240; ++i) stack.call(0, greedy + 5);
  WalkedStack walked = walk(stack.walk(greedy + 5));
  EXPECT_GT(walked.pcs.size(), 200U);
  EXPECT_FALSE(walked.exact);
  EXPECT_LT(walked.pointers.size(), 2 * kStackBytes);
}

TEST_F(UnwinderTest, FramesOfAnInjectedCallAreTakenWordByWord) {
  Address outer = add("main.outer", 24, "00");
  Address struck = add("main.struck", 24, "00");
  Address preempt = program.add(
      {.name = "runtime.asyncPreempt", .func_id = kAsyncPreempt, .spdelta = {{0x40, 16}}});
  Stack stack;
  stack.call(24, goexit + 1);
  stack.put(0, 0x300);  // dead: outer was not struck
  stack.call(24, outer + 5);
  stack.put(8, 0x200);  // dead by the map, but who knows at this pc
  stack.call(16, struck + 7);
  stack.put(0, 0x100);  // a saved register
  WalkedStack walked = walk(stack.walk(preempt + 9));
  EXPECT_TRUE(walked.complete);
  EXPECT_FALSE(walked.exact);
  EXPECT_THAT(walked.exact_pcs, ElementsAre(1));
  EXPECT_EQ(walked.source_pc(1), struck + 7);
  EXPECT_THAT(walked.pointers, UnorderedElementsAre(0x100, 0x200));
}

TEST_F(UnwinderTest, FrameStruckBySigpanicGoesOnAtItsDeferreturn) {
  SyntheticProgram::Function function{.name = "main.faulted",
                                      .deferreturn = 0x30,
                                      .spdelta = {{0x40, 24}},
                                      .stack_map_index = {{0x30, 0}, {0x40, 1}}};
  function.locals = SyntheticProgram::Bits{"10", "01"};
  Address faulted = program.add(function);
  Address sigpanic =
      program.add({.name = "runtime.sigpanic", .func_id = kSigpanic, .spdelta = {{0x40, 0}}});
  Stack stack;
  stack.call(24, goexit + 1);
  stack.put(0, 0x100);
  stack.put(8, 0x101);
  stack.call(0, faulted + 7);
  WalkedStack walked = walk(stack.walk(sigpanic + 9));
  EXPECT_TRUE(walked.complete);
  EXPECT_TRUE(walked.exact);
  EXPECT_THAT(walked.exact_pcs, ElementsAre(1));
  EXPECT_THAT(walked.pointers, ElementsAre(0x101));
}

TEST_F(UnwinderTest, FrameStruckBySigpanicWithoutDefersIsDead) {
  Address faulted = add("main.faulted", 24, "11");
  Address sigpanic =
      program.add({.name = "runtime.sigpanic", .func_id = kSigpanic, .spdelta = {{0x40, 0}}});
  Stack stack;
  stack.call(24, goexit + 1);
  stack.put(0, 0x100);
  stack.call(0, faulted + 7);
  WalkedStack walked = walk(stack.walk(sigpanic + 9));
  EXPECT_TRUE(walked.complete);
  EXPECT_THAT(walked.pointers, IsEmpty());
}

TEST_F(UnwinderTest, CgoCallbackIsNoticedAndWalkedThrough) {
  Address callback = program.add({.name = "runtime.cgocallback",
                                  .func_id = kCgocallback,
                                  .flag = kFlagSpWrite,
                                  .spdelta = {{0x40, 0}}});
  Address called = add("main.called", 24, "00");
  Stack stack;
  stack.call(0, goexit + 1);
  stack.call(24, callback + 3);
  WalkedStack walked = walk(stack.walk(called + 5));
  EXPECT_TRUE(walked.complete);
  EXPECT_TRUE(walked.in_cgo_callback);
}

TEST_F(UnwinderTest, StackSwitchEndsTheWalkButLosesNoWord) {
  Address outer = add("main.outer", 24, "00");
  Address switcher =
      program.add({.name = "runtime.switcher", .flag = kFlagSpWrite, .spdelta = {{0x40, 0}}});
  Address inner = add("main.inner", 24, "00");
  Stack stack;
  stack.call(24, goexit + 1);
  stack.put(0, 0x300);
  stack.call(0, outer + 5);
  stack.call(24, switcher + 5);
  stack.put(0, 0x100);
  WalkedStack walked = walk(stack.walk(inner + 5));
  EXPECT_FALSE(walked.complete);
  EXPECT_FALSE(walked.exact);
  EXPECT_THAT(walked.pcs, ElementsAre(inner + 5, switcher + 5));
  EXPECT_THAT(walked.pointers, testing::Contains(0x300));
  EXPECT_THAT(walked.pointers, testing::Not(testing::Contains(0x100)));

  // Saved at its own entry (a syscall's pc and sp), such a function is walked through.
  Stack saved;
  saved.call(24, goexit + 1);
  saved.call(0, outer + 5);
  EXPECT_TRUE(walk(saved.walk(switcher + 5)).complete);
  StackWalk live = saved.walk(switcher + 5);
  live.interrupted = true;
  EXPECT_FALSE(walk(live).complete);
}

TEST_F(UnwinderTest, UnknownReturnAddressEndsTheWalkButLosesNoWord) {
  Address inner = add("main.inner", 24, "00");
  Stack stack;
  stack.push(16);
  stack.put(0, 0x500);
  stack.call(24, Address(0x1234));
  stack.put(0, 0x100);
  WalkedStack walked = walk(stack.walk(inner + 5));
  EXPECT_FALSE(walked.complete);
  EXPECT_FALSE(walked.exact);
  EXPECT_THAT(walked.pointers, ElementsAre(0x500));
}

TEST_F(UnwinderTest, MissingStackMapTakesEveryWordFromThere) {
  Address outer = program.add({.name = "main.outer", .spdelta = {{0x40, 24}}});
  Address inner = add("main.inner", 24, "00");
  Stack stack;
  stack.call(24, goexit + 1);
  stack.put(8, 0x200);
  stack.call(24, outer + 5);
  stack.put(8, 0x100);  // dead by inner's own map
  WalkedStack walked = walk(stack.walk(inner + 5));
  EXPECT_TRUE(walked.complete);
  EXPECT_FALSE(walked.exact);
  EXPECT_THAT(walked.pointers, testing::Contains(0x200));
  EXPECT_THAT(walked.pointers, testing::Not(testing::Contains(0x100)));
}

TEST_F(UnwinderTest, ConservativeTakesEveryWordAndStillWalks) {
  Address outer = add("main.outer", 24, "00");
  Stack stack;
  stack.call(24, goexit + 1);
  stack.put(0, 0x100);
  stack.put(8, 0x101);
  StackWalk request = stack.walk(outer + 5);
  request.conservative = request.interrupted = true;
  WalkedStack walked = walk(request);
  EXPECT_TRUE(walked.complete);
  EXPECT_FALSE(walked.exact);
  EXPECT_THAT(walked.exact_pcs, ElementsAre(0));
  EXPECT_THAT(walked.pointers, testing::IsSupersetOf({0x100UL, 0x101UL}));
}

// Dead by the maps of all frames: what is taken is taken word by word.
TEST_F(UnwinderTest, AnInterruptedGoroutineStandsAtASafePointOnlyAboveTheRuntimesHelpers) {
  Address caller = add("main.caller", 24, "00"), user = add("main.user", 24, "00");
  Address barrier = add("runtime.wbMove", 24, "00"), mover = add("runtime.memmove", 24, "00");
  Stack stack;
  stack.call(24, goexit + 1);
  stack.put(0, 0x100);
  stack.call(24, caller + 5);
  stack.put(0, 0x200);
  stack.call(24, user + 5);
  stack.put(0, 0x300);
  stack.call(24, barrier + 5);
  stack.put(0, 0x400);
  StackWalk request = stack.walk(mover + 5);
  request.interrupted = true;
  EXPECT_THAT(walk(request).pointers,
              testing::AllOf(testing::IsSupersetOf({0x200UL, 0x300UL, 0x400UL}),
                             testing::Not(testing::Contains(0x100))));
  request.interrupted = false;  // parked: every frame is at a safe point
  EXPECT_THAT(walk(request).pointers, testing::IsEmpty());
}

TEST_F(UnwinderTest, StackPointerOutsideOfTheStack) {
  Address outer = add("main.outer", 24, "00");
  Stack stack;
  stack.call(24, goexit + 1);
  stack.put(0, 0x100);
  StackWalk request = stack.walk(outer + 5);
  request.sp = Address(0x1000);
  request.conservative = true;
  WalkedStack walked = walk(request);
  EXPECT_FALSE(walked.complete);
  EXPECT_THAT(walked.pointers, testing::Contains(0x100));
  request.sp = stack.sp() + 4;
  EXPECT_FALSE(walk(request).complete);
}

TEST_F(UnwinderTest, CallOfANilFunctionStartsInItsCaller) {
  Address outer = add("main.outer", 24, "00");
  Stack stack;
  stack.call(24, goexit + 1);
  stack.push(8);
  stack.put(0, (outer + 5).value());
  WalkedStack walked = walk(stack.walk(Address()));
  EXPECT_TRUE(walked.complete);
  EXPECT_THAT(walked.pcs, ElementsAre(outer + 5, goexit + 1));
}

// reflect.makeFuncStub: {*methodValue, ..., results are valid} at its sp, abi.RegArgs at its top.
class ReflectStubTest : public UnwinderTest {
 protected:
  void SetUp() override {
    UnwinderTest::SetUp();
    outer = add("main.outer", 40, "0000");
    stub = program.add({.name = "reflect.makeFuncStub",
                        .args_bytes = kArgsSizeUnknown,
                        .spdelta = {{0x40, 320}},
                        .stack_map_index = {{0x40, 0}},
                        .locals = SyntheticProgram::Bits{""}});
    memory.map(kValue, 64);
    memory.write(kValue, stub.value());
    memory.write(kValue + 8, (kValue + 32).value());
    memory.write(kValue + 16, std::uint64_t{16});  // two words of arguments, then results
    memory.write(kValue + 32, std::uint32_t{4});
    memory.write(kValue + 40, (kValue + 48).value());
    memory.write(kValue + 48, std::uint8_t{0b1101});
    stack.call(40, goexit + 1);
    for (std::uint64_t i = 0; i < 4; ++i) stack.put(i * 8, 0x100 + i);
    stack.call(320, outer + 5);
    stack.put(0, kValue.value());
  }

  static constexpr Address kValue{0xc000200000};
  Address outer, stub;
  Stack stack;
};

TEST_F(ReflectStubTest, ArgumentsByTheMapOfTheMethodValue) {
  WalkedStack walked = walk(stack.walk(stub + 9));
  EXPECT_TRUE(walked.complete);
  EXPECT_TRUE(walked.exact);
  EXPECT_THAT(walked.pointers, ElementsAre(0x100));
  stack.put(32, 1);  // results are set
  EXPECT_THAT(walk(stack.walk(stub + 9)).pointers, ElementsAre(0x100, 0x102, 0x103));
}

TEST_F(ReflectStubTest, RegisterArgumentsAreAStackObject) {
  // varp is 8 below the return address; RegArgs has 272 bytes, its pointers begin at 192.
  std::uint64_t registers = 320 - 8 - 272;
  stack.put(registers + 192, 0x777);
  stack.put(registers + 0, 0x666);  // an integer
  stack.put(registers + 8, 0);
  const std::uint64_t live[] = {(stack.sp() + registers).value()};
  StackWalk request = stack.walk(stub + 9);
  request.also_live = live;
  EXPECT_THAT(walk(request).pointers, ElementsAre(0x100, 0x777));
}

TEST_F(ReflectStubTest, MethodValueOfSomethingElseTakesEveryWord) {
  memory.write(kValue, stub.value() + 1);
  WalkedStack walked = walk(stack.walk(stub + 9));
  EXPECT_TRUE(walked.complete);
  EXPECT_FALSE(walked.exact);
  EXPECT_THAT(walked.pointers, testing::IsSupersetOf({0x100UL, 0x101UL, 0x102UL, 0x103UL}));
  stack.put(0, 0x10);  // not readable
  EXPECT_FALSE(walk(stack.walk(stub + 9)).exact);
}

class Arm64UnwinderTest : public UnwinderTest {
 protected:
  void SetUp() override { use(true); }
};

TEST_F(Arm64UnwinderTest, ReturnAddressIsAtTheFramesBottom) {
  Address outer = add("main.outer", 48, "1000");  // 4 words of locals, saved frame pointer above
  Address inner = add("main.inner", 32, "001", "1");
  Stack stack(true);
  stack.call(48, goexit + 4);
  stack.put(8, 0x101);  // word 0 of the locals, and inner's argument slot: argp is fp + 8
  stack.put(16, 0x102);
  stack.call(32, outer + 8);
  stack.put(16, 0x202);
  WalkedStack walked = walk(stack.walk(inner + 8));
  EXPECT_TRUE(walked.complete);
  EXPECT_TRUE(walked.exact);
  EXPECT_THAT(walked.pcs, ElementsAre(inner + 8, outer + 8, goexit + 4));
  EXPECT_THAT(walked.pointers, UnorderedElementsAre(0x202, 0x101, 0x101));
}

TEST_F(Arm64UnwinderTest, LeafReturnsThroughTheLinkRegister) {
  Address outer = add("main.outer", 32, "000");
  Address leaf = program.add({.name = "main.leaf", .spdelta = {{0x40, 0}}});
  Stack stack(true);
  stack.call(32, goexit + 4);
  StackWalk request = stack.walk(leaf + 8);
  request.lr = outer + 8;
  request.interrupted = true;
  WalkedStack walked = walk(request);
  EXPECT_TRUE(walked.complete);
  EXPECT_THAT(walked.pcs, ElementsAre(leaf + 8, outer + 8, goexit + 4));
}

TEST_F(Arm64UnwinderTest, InjectedCallPushedTheLinkRegister) {
  Address outer = add("main.outer", 32, "000");
  Address leaf = program.add({.name = "main.leaf", .spdelta = {{0x40, 0}}});
  Address preempt = program.add(
      {.name = "runtime.asyncPreempt", .func_id = kAsyncPreempt, .spdelta = {{0x40, 32}}});
  Stack stack(true);
  stack.call(32, goexit + 4);
  stack.push(16);
  stack.put(0, (outer + 8).value());  // the leaf's link register
  stack.call(32, leaf + 12);
  WalkedStack walked = walk(stack.walk(preempt + 8));
  EXPECT_TRUE(walked.complete);
  EXPECT_THAT(walked.pcs, ElementsAre(preempt + 8, leaf + 12, outer + 8, goexit + 4));
}

TEST_F(Arm64UnwinderTest, FrameThatReturnsToItselfEnds) {
  Address loop = program.add({.name = "main.loop", .spdelta = {{0x40, 0}}});
  Stack stack(true);
  stack.push(16);
  stack.put(0, (loop + 8).value());
  EXPECT_FALSE(walk(stack.walk(loop + 8)).complete);
}

// Whatever stands in the tables and on the stack, a walk ends and stays inside.
TEST_F(UnwinderTest, RandomTablesAndStacksAreSurvived) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    use(round % 2 == 1);
    Address outer = add("main.outer", 48, "10101", "11",
                        {{.offset = -40, .size_bytes = 16, .pointer_bytes = 16, .mask = {3}}});
    Address inner = add("main.inner", 24, "01", "10");
    auto tables = program.build_tables();
    for (int flips = 0; flips < round % 16; ++flips)
      program.image()[random() % program.image().size()] = static_cast<std::byte>(random());
    Functions functions(std::move(tables));
    Unwinder unwinder(functions, memory);
    Stack stack(round % 2 == 1);
    stack.call(48, goexit + 4);
    stack.put(32, (stack.sp() + 8).value());
    for (int depth = 0; depth < 20; ++depth)
      stack.call(depth % 2 == 0 ? 24 : 48, depth % 2 == 0 ? outer + 8 : inner + 8);
    for (int words = 0; words < 4; ++words) stack.put(random() % 700, random());
    WalkedStack walked;
    for (std::uint64_t offset = 0; offset < 0xc0; ++offset) {
      StackWalk request = stack.walk(SyntheticProgram::kText + offset);
      request.interrupted = (random() & 1) != 0;
      request.bytes = request.bytes.first(request.bytes.size() - random() % 8);
      unwinder.walk(request, walked);
      EXPECT_LE(walked.pcs.size(), kStackBytes / 8);
    }
  }
}

}  // namespace
}  // namespace goshawk::goruntime
