#include "binary/code_steps.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace goshawk::binary {
namespace {

std::vector<Step> amd64(std::vector<std::uint8_t> code) {
  auto steps = decode_steps(Machine::kX86_64, std::as_bytes(std::span(code)), Address(0x1000));
  EXPECT_TRUE(steps);
  return steps ? *steps : std::vector<Step>{};
}

std::vector<Step> arm64(std::initializer_list<std::uint32_t> words) {
  std::vector<std::uint8_t> code;
  for (std::uint32_t word : words)
    for (int i = 0; i < 4; ++i) code.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
  auto steps = decode_steps(Machine::kArm64, std::as_bytes(std::span(code)), Address(0x10000));
  EXPECT_TRUE(steps);
  return steps ? *steps : std::vector<Step>{};
}

void expect_effect(const Step& step, Effect effect, int to, int from, std::int64_t value) {
  EXPECT_EQ(step.effect, effect);
  EXPECT_EQ(step.to, static_cast<std::uint8_t>(to));
  EXPECT_EQ(step.from, static_cast<std::uint8_t>(from));
  EXPECT_EQ(step.value, value);
  EXPECT_EQ(step.flow, Flow::kNext);
}

TEST(CodeSteps, Amd64FollowsPointers) {
  auto steps = amd64({
      0x55,                                      // push rbp
      0x48, 0x83, 0xec, 0x50,                    // sub rsp, 0x50
      0x48, 0x8d, 0x15, 0x10, 0x00, 0x00, 0x00,  // lea rdx, [rip+0x10]
      0x48, 0x89, 0x54, 0x24, 0x40,              // mov [rsp+0x40], rdx
      0x48, 0x8b, 0x4c, 0x24, 0x30,              // mov rcx, [rsp+0x30]
      0x48, 0x8d, 0x41, 0x08,                    // lea rax, [rcx+8]
      0x4c, 0x89, 0xe3,                          // mov rbx, r12
      0xf0, 0x0f, 0xb1, 0x32,                    // lock cmpxchg [rdx], esi
      0x0f, 0x11, 0x44, 0x24, 0x20,              // movups [rsp+0x20], xmm0
      0x8b, 0x44, 0x24, 0x10,                    // mov eax, [rsp+0x10]
      0x48, 0x8d, 0x04, 0xc8,                    // lea rax, [rax+rcx*8]
  });
  ASSERT_EQ(steps.size(), 11U);
  expect_effect(steps[0], Effect::kAdd, kStackPointer, kStackPointer, -8);
  expect_effect(steps[1], Effect::kAdd, kStackPointer, kStackPointer, -0x50);
  expect_effect(steps[2], Effect::kConstant, 2, kNoRegister, 0x101c);
  expect_effect(steps[3], Effect::kStore, 2, kStackPointer, 0x40);
  expect_effect(steps[4], Effect::kLoad, 1, kStackPointer, 0x30);
  expect_effect(steps[5], Effect::kAdd, 0, 1, 8);
  expect_effect(steps[6], Effect::kAdd, 3, 12, 0);
  expect_effect(steps[7], Effect::kAtomic, kNoRegister, 2, 0);
  EXPECT_EQ(steps[7].written & 0xff, 1U);  // rax
  expect_effect(steps[8], Effect::kStore, kNoRegister, kStackPointer, 0x20);
  EXPECT_EQ(steps[8].width_bytes, 16);
  for (int i : {9, 10}) {
    EXPECT_EQ(steps[i].effect, Effect::kNone);
    EXPECT_EQ(steps[i].written & 0xff, 1U);
  }
}

TEST(CodeSteps, Amd64VariablesAndNumbers) {
  auto steps = amd64({
      0x48, 0x8b, 0x05, 0x10, 0x00, 0x00, 0x00,  // mov rax, [rip+0x10]
      0x48, 0x89, 0x0d, 0x10, 0x00, 0x00, 0x00,  // mov [rip+0x10], rcx
      0x48, 0x89, 0x14, 0xc8,                    // mov [rax+rcx*8], rdx
      0xbf, 0x02, 0x00, 0x00, 0x00,              // mov edi, 2
      0x31, 0xff,                                // xor edi, edi
  });
  ASSERT_EQ(steps.size(), 5U);
  expect_effect(steps[0], Effect::kLoad, 0, kNoRegister, 0x1017);
  expect_effect(steps[1], Effect::kStore, 1, kNoRegister, 0x101e);
  expect_effect(steps[2], Effect::kStore, 2, kNoRegister, 0);
  expect_effect(steps[3], Effect::kConstant, 7, kNoRegister, 2);
  expect_effect(steps[4], Effect::kConstant, 7, kNoRegister, 0);
  EXPECT_EQ(steps[4].written & 1U << 7, 0U);
}

TEST(CodeSteps, Amd64WhereACallFindsItsTarget) {
  auto steps = amd64({
      0xff, 0xd1,                          // call rcx
      0xff, 0x51, 0x20,                    // call [rcx+0x20]
      0xff, 0x15, 0x10, 0x00, 0x00, 0x00,  // call [rip+0x10]
      0xff, 0x14, 0xc8,                    // call [rax+rcx*8]
  });
  ASSERT_EQ(steps.size(), 4U);
  std::vector<Effect> effects;
  for (const Step& step : steps) {
    EXPECT_EQ(step.flow, Flow::kCall);
    EXPECT_TRUE(step.target.is_null());
    effects.push_back(step.effect);
  }
  EXPECT_EQ(effects, (std::vector{Effect::kAdd, Effect::kLoad, Effect::kLoad, Effect::kNone}));
  EXPECT_EQ(steps[0].from, 1);
  EXPECT_EQ(steps[1].from, 1);
  EXPECT_EQ(steps[1].value, 0x20);
  EXPECT_EQ(steps[2].from, kNoRegister);
  EXPECT_EQ(steps[2].value, 0x101b);
}

TEST(CodeSteps, Amd64Flow) {
  auto steps = amd64({
      0xe8, 0xfb, 0x00, 0x00, 0x00,  // call 0x1100
      0x74, 0x02,                    // je 0x1009
      0xff, 0xd1,                    // call rcx
      0xeb, 0xf5,                    // jmp 0x1000
      0xff, 0xe1,                    // jmp rcx
      0xc3,                          // ret
      0x0f, 0x0b,                    // ud2
  });
  ASSERT_EQ(steps.size(), 7U);
  EXPECT_EQ(steps[0].flow, Flow::kCall);
  EXPECT_EQ(steps[0].target, Address(0x1100));
  EXPECT_EQ(steps[1].flow, Flow::kBranch);
  EXPECT_EQ(steps[1].target, Address(0x1009));
  EXPECT_EQ(steps[2].flow, Flow::kCall);
  EXPECT_TRUE(steps[2].target.is_null());
  EXPECT_EQ(steps[3].flow, Flow::kJump);
  EXPECT_EQ(steps[3].target, Address(0x1000));
  EXPECT_EQ(steps[4].flow, Flow::kLost);
  EXPECT_EQ(steps[5].flow, Flow::kEnd);
  EXPECT_EQ(steps[6].flow, Flow::kEnd);
}

TEST(CodeSteps, Arm64FollowsPointers) {
  auto steps = arm64({
      0xf81e0ffe,  // str x30, [sp, #-32]!
      0x90000000,  // adrp x0, 0x10000
      0x91010001,  // add x1, x0, #0x40
      0xf9000fe1,  // str x1, [sp, #24]
      0xf9400fe2,  // ldr x2, [sp, #24]
      0xaa0203e3,  // mov x3, x2
      0xa90107e0,  // stp x0, x1, [sp, #16]
      0xb9400be4,  // ldr w4, [sp, #8]
      0x885ffc25,  // ldaxr w5, [x1]
      0x8806fc27,  // stlxr w6, w7, [x1]
      0x88e5fc26,  // casal w5, w6, [x1]
      0xb8e50026,  // ldaddal w5, w6, [x1]
      0xf84207fe,  // ldr x30, [sp], #32
  });
  ASSERT_EQ(steps.size(), 16U);
  expect_effect(steps[0], Effect::kAdd, kStackPointer, kStackPointer, -32);
  expect_effect(steps[1], Effect::kStore, 30, kStackPointer, 0);
  expect_effect(steps[2], Effect::kConstant, 0, kNoRegister, 0x10000);
  expect_effect(steps[3], Effect::kAdd, 1, 0, 0x40);
  expect_effect(steps[4], Effect::kStore, 1, kStackPointer, 24);
  expect_effect(steps[5], Effect::kLoad, 2, kStackPointer, 24);
  expect_effect(steps[6], Effect::kAdd, 3, 2, 0);
  expect_effect(steps[7], Effect::kStore, 0, kStackPointer, 16);
  expect_effect(steps[8], Effect::kStore, 1, kStackPointer, 24);
  EXPECT_EQ(steps[9].effect, Effect::kNone);
  EXPECT_EQ(steps[9].written, 1U << 4);
  for (int i : {10, 12, 13}) expect_effect(steps[i], Effect::kAtomic, kNoRegister, 1, 0);
  EXPECT_EQ(steps[10].written, 1U << 5);
  EXPECT_NE(steps[11].effect, Effect::kAtomic);  // is passed by where the word is another one
  EXPECT_EQ(steps[12].written, 1U << 5);
  expect_effect(steps[14], Effect::kLoad, 30, kStackPointer, 0);
  expect_effect(steps[15], Effect::kAdd, kStackPointer, kStackPointer, 32);
}

TEST(CodeSteps, Arm64NumbersAndCallees) {
  auto steps = arm64({
      0xd2800043,  // mov x3, #2
      0xb24003e3,  // orr x3, xzr, #1
      0xaa1f03e4,  // mov x4, xzr
      0xd63f0020,  // blr x1
  });
  ASSERT_EQ(steps.size(), 4U);
  expect_effect(steps[0], Effect::kConstant, 3, kNoRegister, 2);
  expect_effect(steps[1], Effect::kConstant, 3, kNoRegister, 1);
  expect_effect(steps[2], Effect::kConstant, 4, kNoRegister, 0);
  EXPECT_EQ(steps[3].effect, Effect::kAdd);
  EXPECT_EQ(steps[3].from, 1);
}

// cmp sp, x16, which begins every function
TEST(CodeSteps, Arm64ComparesWriteNoRegister) {
  for (std::uint32_t word : {0xeb3063ffU, 0xf100041fU, 0xf240001fU, 0xb4000040U}) {
    auto steps = arm64({word, 0xd503201f, 0xd503201f});
    EXPECT_EQ(steps[0].written, 0U) << word;
  }
}

TEST(CodeSteps, Arm64Flow) {
  auto steps = arm64({
      0x94000040,  // bl +0x100
      0x54000040,  // b.eq +8
      0xb4000040,  // cbz x0, +8
      0xd63f0020,  // blr x1
      0x17fffffc,  // b -16
      0xd61f0020,  // br x1
      0xd65f03c0,  // ret
  });
  ASSERT_EQ(steps.size(), 7U);
  EXPECT_EQ(steps[0].flow, Flow::kCall);
  EXPECT_EQ(steps[0].target, Address(0x10100));
  EXPECT_EQ(steps[1].flow, Flow::kBranch);
  EXPECT_EQ(steps[1].target, Address(0x1000c));
  EXPECT_EQ(steps[2].flow, Flow::kBranch);
  EXPECT_EQ(steps[2].target, Address(0x10010));
  EXPECT_EQ(steps[3].flow, Flow::kCall);
  EXPECT_TRUE(steps[3].target.is_null());
  EXPECT_EQ(steps[4].flow, Flow::kJump);
  EXPECT_EQ(steps[4].target, Address(0x10000));
  EXPECT_EQ(steps[5].flow, Flow::kLost);
  EXPECT_EQ(steps[6].flow, Flow::kEnd);
}

void expect_tested(const Step& step, int reg, bool when_zero) {
  EXPECT_EQ(step.tested, static_cast<std::uint8_t>(reg));
  EXPECT_EQ(step.when_zero, when_zero);
}

TEST(CodeSteps, WhichTruthValueABranchAsks) {
  auto steps = amd64({
      0x84, 0xc0,              // test al, al
      0x74, 0x02,              // je +2
      0x48, 0x85, 0xc9,        // test rcx, rcx
      0x75, 0xfa,              // jne -6
      0x74, 0x00,              // je: not just behind a test
      0x84, 0xc8,              // test al, cl
      0x74, 0x00,              // je
      0x84, 0xc0,              // test al, al
      0x7f, 0x00,              // jg
      0x48, 0x83, 0xf8, 0x00,  // cmp rax, 0
      0x74, 0x00,              // je
  });
  ASSERT_EQ(steps.size(), 11U);
  expect_tested(steps[1], 0, true);
  expect_tested(steps[3], 1, false);
  for (int i : {4, 6, 8, 10}) expect_tested(steps[i], kNoRegister, steps[i].when_zero);
  steps = arm64({
      0x36000040,  // tbz w0, #0, +8
      0x37000041,  // tbnz w1, #0, +8
      0x36080040,  // tbz w0, #1, +8
      0xb4000040,  // cbz x0, +8
      0x35000042,  // cbnz w2, +8
      0x54000040,  // b.eq +8
  });
  ASSERT_EQ(steps.size(), 6U);
  expect_tested(steps[0], 0, true);
  expect_tested(steps[1], 1, false);
  expect_tested(steps[2], kNoRegister, false);
  expect_tested(steps[3], 0, true);
  expect_tested(steps[4], 2, false);
  expect_tested(steps[5], kNoRegister, false);
}

TEST(CodeSteps, WhereNoInstructionIsNothingIsKnown) {
  auto steps = amd64({0x90, 0x06, 0x06, 0x90});
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[1].flow, Flow::kLost);
  EXPECT_EQ(steps[1].at, Address(0x1001));
  EXPECT_EQ(steps[1].written, ~0U);
  EXPECT_TRUE(amd64({}).empty());
}

}  // namespace
}  // namespace goshawk::binary
