// CPU profiles as sequences of words.
#include "pprof/word_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "pprof/profile_reader.h"

namespace goshawk::pprof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename Word>
std::string words(std::vector<std::uint64_t> values, bool is_big_endian = false) {
  std::string bytes;
  for (std::uint64_t value : values) {
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
      std::size_t shift = 8 * (is_big_endian ? sizeof(Word) - 1 - i : i);
      bytes += static_cast<char>(value >> shift & 0xff);
    }
  }
  return bytes;
}

Result<Profile> read(const std::string& bytes) {
  ByteStream stream = ByteStream::of(std::as_bytes(std::span(bytes)), "input", kMostProfileBytes);
  return read_profile(stream);
}

std::vector<std::uint64_t> addresses_of(const Profile& profile, SampleId sample) {
  std::vector<std::uint64_t> addresses;
  for (LocationId id : profile.stack_of(sample))
    addresses.push_back(profile.locations[id].address.value());
  return addresses;
}

// 10 ms; two samples at one place, one at another.
const std::vector<std::uint64_t> kProfile = {0,     3, 0, 10000, 0, 2, 2, 0x100,
                                             0x201, 1, 1, 0x300, 0, 1, 0};

TEST(WordReader, ReadsBothSizesAndOrders) {
  for (const std::string& bytes :
       {words<std::uint32_t>(kProfile), words<std::uint32_t>(kProfile, true),
        words<std::uint64_t>(kProfile), words<std::uint64_t>(kProfile, true)}) {
    EXPECT_TRUE(is_profile(std::as_bytes(std::span(bytes))));
    auto profile = read(bytes + "400000-500000 r-xp 0 08:01 1 /bin/a\n");
    ASSERT_TRUE(profile) << describe(profile.error());
    ASSERT_EQ(profile->sample_count(), 2u);
    EXPECT_THAT(profile->values_of(0), ElementsAre(2, 20'000'000));
    EXPECT_THAT(addresses_of(*profile, 0), ElementsAre(0x100, 0x200));
    EXPECT_THAT(addresses_of(*profile, 1), ElementsAre(0x300));
  }
}

TEST(WordReader, LeavesOutTheSignalHandlerAndADoubledInnermostFrame) {
  auto profile = read(words<std::uint64_t>(
      {0, 3, 0, 1, 0, 1, 3, 0x100, 0x901, 0x201, 1, 4, 0x300, 0x901, 0x300, 0x401, 0, 1, 0}));
  ASSERT_TRUE(profile);
  EXPECT_THAT(addresses_of(*profile, 0), ElementsAre(0x100, 0x200));
  EXPECT_THAT(addresses_of(*profile, 1), ElementsAre(0x300, 0x400));
}

TEST(WordReader, SaysWhereItIsCutOrLies) {
  std::string bytes = words<std::uint64_t>(kProfile);
  for (std::size_t words_left : {6, 7, 8, 10})
    EXPECT_THAT(describe(read(bytes.substr(0, words_left * 8)).error()),
                HasSubstr("in the middle of a sample"));
  EXPECT_THAT(describe(read(words<std::uint64_t>({0, 3, 0, 1, 0, 1, 1ULL << 60})).error()),
              HasSubstr("a stack claims"));
}

TEST(ThreadText, CountsThreadsByTheirStacks) {
  auto profile = read(
      "--- threadz 1 ---\n\n--- Thread 7f (name: main/1) stack: ---\n  PC: 0x1000 f()\n"
      "  0x2001 main\n--- Thread 80 (name: main/2) stack: ---\n    [same as previous thread]\n"
      "--- Thread 81 (name: main/3) stack: ---\n  0x3000 0x3000\n--- Memory map: ---\n"
      "  00400000-00fcb000: /bin/a\n");
  ASSERT_TRUE(profile) << describe(profile.error());
  ASSERT_EQ(profile->sample_count(), 2u);
  EXPECT_EQ(profile->type_name(0), "thread");
  EXPECT_THAT(profile->values_of(0), ElementsAre(2));
  EXPECT_THAT(addresses_of(*profile, 0), ElementsAre(0x1000, 0x2000));
  EXPECT_THAT(addresses_of(*profile, 1), ElementsAre(0x3000));
  EXPECT_FALSE(read("--- Thread 7f (name: a/1) stack: ---\n 0x11112222333344445\n"));
}

TEST(TextReader, SaysThatJavaIsNotRead) {
  for (std::string title : {"--- contentionz 1 ---\n", "--- heapz 1 ---\n"}) {
    auto profile = read(title + "format = java\n");
    ASSERT_FALSE(profile);
    EXPECT_TRUE(std::holds_alternative<Usage>(profile.error())) << title;
    EXPECT_THAT(describe(profile.error()), HasSubstr("a profile of a Java program"));
  }
}

}  // namespace
}  // namespace goshawk::pprof
