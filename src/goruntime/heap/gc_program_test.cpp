// GC programs, honest and hostile ones.
#include "goruntime/heap/gc_program.h"

#include <gtest/gtest.h>

#include <string>

namespace goshawk::goruntime {
namespace {

std::string run(std::vector<std::uint8_t> program, std::uint64_t words) {
  auto mask = expand_gc_program(std::as_bytes(std::span(program)), words);
  if (!mask) return "refused";
  std::string bits;
  for (std::uint64_t i = 0; i < words; ++i)
    bits += ((*mask)[i / 64] >> (i % 64) & 1) != 0 ? '1' : '0';
  return bits;
}

TEST(GcProgram, LiteralsAndRepeats) {
  EXPECT_EQ(run({0x0a, 0xff, 0x01, 0}, 10), "1111111110");
  EXPECT_EQ(run({0x03, 0b101, 0x83, 2, 0}, 9), "101101101");
  EXPECT_EQ(run({0x04, 0b0011, 0x82, 3, 0}, 10), "1100000000");
  EXPECT_EQ(run({0x80, 0, 0, 0}, 2), "00");  // a repeat of nothing
}

TEST(GcProgram, LongRepeatsMatchTheirDefinition) {
  for (unsigned n : {1, 2, 3, 7, 8, 31, 63, 64, 65, 100, 127}) {
    std::vector<std::uint8_t> program{static_cast<std::uint8_t>(n)};
    std::string pattern;
    for (unsigned i = 0; i < n; i += 8)
      program.push_back(static_cast<std::uint8_t>(0x5b * (i + 3)));
    for (unsigned i = 0; i < n; ++i)
      pattern += (program[1 + i / 8] >> (i % 8) & 1) != 0 ? '1' : '0';
    program.insert(program.end(), {0x80, static_cast<std::uint8_t>(n), 40, 0});
    std::string expected;
    for (int i = 0; i < 41; ++i) expected += pattern;
    EXPECT_EQ(run(program, n * 41), expected) << n;
  }
}

TEST(GcProgram, ManyBitsTakeLittleTime) {
  // One bit, repeated 2^26 - 1 times.
  auto bits = run({0x01, 1, 0x81, 0xff, 0xff, 0xff, 0x1f, 0}, 1 << 26);
  EXPECT_EQ(bits.find('0'), std::string::npos);
}

TEST(GcProgram, WhatWouldGrowBeyondTheTypeIsRefused) {
  EXPECT_EQ(run({0x01, 1, 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0}, 64),
            "refused");  // 2^60
  EXPECT_EQ(run({0x02, 1, 0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0}, 64),
            "refused");  // wraps
  EXPECT_EQ(run({0x10, 1, 1, 0}, 8), "refused");
}

TEST(GcProgram, WhatEndsTooEarlyOrLooksBackTooFarIsRefused) {
  EXPECT_EQ(run({}, 8), "refused");
  EXPECT_EQ(run({0x08, 1}, 8), "refused");
  EXPECT_EQ(run({0x08}, 8), "refused");
  EXPECT_EQ(run({0x01, 1, 0x82, 1, 0}, 8), "refused");
  EXPECT_EQ(run({0x01, 1, 0x80, 0x80}, 8), "refused");
}

}  // namespace
}  // namespace goshawk::goruntime
