// Texts as Go's endpoints write them (debug=1), and as they could be damaged.
#include "pprof/text_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pprof/profile_reader.h"

namespace goshawk::pprof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<Profile> read(const std::string& text) {
  ByteStream stream = ByteStream::of(std::as_bytes(std::span(text)), "input", kMostProfileBytes);
  return read_profile(stream);
}

std::string error_of(const std::string& text) {
  auto profile = read(text);
  return profile ? "none" : describe(profile.error());
}

std::vector<std::string> functions_of(const Profile& profile, SampleId sample) {
  std::vector<std::string> names;
  for (LocationId id : profile.stack_of(sample)) {
    std::span<const Line> lines = profile.lines_of(id);
    names.emplace_back(lines.empty() ? "?"
                                     : profile.strings[profile.functions[lines[0].function].name]);
  }
  return names;
}

const char* const kGoroutines =
    "goroutine profile: total 4\n"
    "3 @ 0x1001 0x1011 0x2001 0x3001\n"
    "# labels: {\"tenant\":\"blue \\\"sky\\\"\", \"path\":\"/\\u00e9\\x41\"}\n"
    "#\t0x2000\tmain.(*pool).work+0x31\t\t/src/my pool.go:42\n"
    "\n"
    "1 @ 0x2001 0x4001 0x3001\n"
    "#\t0x2000\tmain.(*pool).work+0x31\t/src/my pool.go:42\n"
    "#\t0x4000\tmain.main+0x99\t\t/src/main.go:7\n"
    "\n";

TEST(TextReader, ReadsGoroutinesWithTheirNamesAndLabels) {
  auto read_one = read(kGoroutines);
  ASSERT_TRUE(read_one) << describe(read_one.error());
  const Profile& profile = *read_one;
  ASSERT_EQ(profile.sample_count(), 2u);
  EXPECT_EQ(profile.type_name(0), "goroutine");
  EXPECT_THAT(profile.values_of(0), ElementsAre(3));
  // What Go hides is named after the rule by which it does.
  EXPECT_THAT(functions_of(profile, 0),
              ElementsAre(kHiddenRuntime, kHiddenRuntime, "main.(*pool).work", "runtime.goexit"));
  EXPECT_THAT(functions_of(profile, 1),
              ElementsAre("main.(*pool).work", "main.main", "runtime.goexit"));
  const Line& line = profile.lines_of(profile.stack_of(0)[2])[0];
  EXPECT_EQ(line.line, 42);
  EXPECT_EQ(profile.strings[profile.functions[line.function].file], "/src/my pool.go");
  EXPECT_EQ(profile.locations[profile.stack_of(0)[0]].address, Address(0x1000));
  ASSERT_EQ(profile.labels_of(0).size(), 2u);
  EXPECT_EQ(profile.strings[profile.labels_of(0)[0].text], "blue \"sky\"");
  EXPECT_EQ(profile.strings[profile.labels_of(0)[1].text], "/éA");
  EXPECT_TRUE(profile.labels_of(1).empty());
}

TEST(TextReader, AnAddressNamedLaterHasItsName) {
  auto profile = read(
      "goroutine profile: total 2\n"
      "1 @ 0x1001 0x2001\n#\t0x2000\tmain.f+0x1\t/a.go:1\n\n"
      "1 @ 0x1001\n#\t0x1000\truntime.gopark+0x1\t/proc.go:2\n\n");
  ASSERT_TRUE(profile);
  EXPECT_THAT(functions_of(*profile, 0), ElementsAre("runtime.gopark", "main.f"));
}

TEST(TextReader, WithoutNamesThereAreAddresses) {
  auto profile = read("# a comment\n\nthreadcreate profile: total 3\n2 @ 0x1001\n1 @\n");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->type_name(0), "threadcreate");
  EXPECT_THAT(functions_of(*profile, 0), ElementsAre("?"));
  EXPECT_TRUE(profile->stack_of(1).empty());
}

TEST(TextReader, ScalesAHeapsSamples) {
  auto profile = read(
      "heap profile: 2: 2048 [10: 10240] @ heap/1048576\r\n"
      "1: 1024 [5: 5120] @ 0x1001 0x2001\r\n"
      "#\t0x2000\tmain.f+0x1\t/a.go:1\r\n"
      "0: 0 [1: 1048576] @ 0x2001\r\n"
      "\n# runtime.MemStats\n# Alloc = 12\n");
  ASSERT_TRUE(profile) << describe(profile.error());
  EXPECT_EQ(profile->period, 524288);
  EXPECT_EQ(profile->type_name(0), "alloc_objects");
  EXPECT_EQ(profile->type_name(3), "inuse_space");
  EXPECT_THAT(profile->values_of(0), ElementsAre(2562, 2624000, 512, 524800));
  EXPECT_THAT(profile->values_of(1), ElementsAre(1, 1212696, 0, 0));
  EXPECT_EQ(profile->labels_of(0)[0].number, 1024);
  EXPECT_EQ(profile->labels_of(1)[0].number, 1048576);
  EXPECT_EQ(profile->strings[profile->drop_frames], "runtime\\..*");
}

TEST(TextReader, ReadsHeapsOfOtherKinds) {
  auto all = read("heap profile: 1: 10 [ 1: 10] @ heapprofile\n  1: 10 [ 1: 10] @ 0x1001\n");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->type_name(1), "space");
  EXPECT_THAT(all->values_of(0), ElementsAre(1, 10));
  auto growth = read(
      "heap profile:  1: 10 [ 1: 10] @ growthz\n1: 10 [1: 10] @ 0x1001\n"
      "MAPPED_LIBRARIES:\n400000-500000 r-xp 0 08:01 123 /bin/a\n");
  ASSERT_TRUE(growth);
  EXPECT_EQ(growth->sample_count(), 1u);
  EXPECT_THAT(error_of("heap profile: 1: 10 [ 1: 10] @ heapless\n"), HasSubstr("no title"));
}

TEST(TextReader, ReadsContentions) {
  auto profile = read(
      "--- mutex:\ncycles/second=2000000000\nsampling period=5\n"
      "1000 3 @ 0x1001 0x2001\n#\t0x1000\tsync.(*Mutex).Unlock+0x1\t/mutex.go:1\n"
      "#\t0x2000\tmain.f+0x1\t/a.go:1\n");
  ASSERT_TRUE(profile) << describe(profile.error());
  EXPECT_EQ(profile->type_name(0), "contentions");
  EXPECT_EQ(profile->unit_name(1), "nanoseconds");
  EXPECT_EQ(profile->period, 5);
  EXPECT_THAT(profile->values_of(0), ElementsAre(15, 2500));
  auto blocked = read("--- contention:\ncycles/second=1000000000\n70 2 @ 0x1001\n");
  ASSERT_TRUE(blocked);
  EXPECT_THAT(blocked->values_of(0), ElementsAre(2, 70));
}

TEST(TextReader, SaysWhereItIsBroken) {
  EXPECT_THAT(error_of("goroutine profile: total 1\n\nx @ 0x1\n"),
              HasSubstr("no record of a count and a stack"));
  EXPECT_THAT(error_of("goroutine profile: total 1\n\nx @ 0x1\n"), HasSubstr("offset 0x1c"));
  EXPECT_NE(error_of("goroutine profile: total 1\n99999999999999999999 @ 0x1\n"), "none");
  EXPECT_NE(error_of("goroutine profile: total 1\n1 @ 0x11112222333344445\n"), "none");
  EXPECT_NE(error_of("goroutine profile: total 1\n1 @ zz\n"), "none");
  EXPECT_NE(error_of("heap profile: 1: 2 [3: 4] @ heap/8\n0: 5 [0: 0] @ 0x1\n"), "none");
  EXPECT_NE(error_of("heap profile: 1: 2 [3: 4\n"), "none");
  EXPECT_NE(error_of("--- mutex:\ncycles/second=many\n"), "none");
  EXPECT_NE(error_of("--- mutex:\nsampling period=9\n1 9223372036854775807 @ 0x1\n"), "none");
  EXPECT_THAT(error_of("goroutine profile: total 1\n1 @" + std::string(2 << 20, ' ')),
              HasSubstr("a line without an end"));
}

TEST(TextReader, BrokenCommentsAreOnlyComments) {
  auto profile = read(
      "goroutine profile: total 1\n1 @ 0x1001\n# labels: {\"a\":\n# labels: {\"a\" \"b\"}\n"
      "# labels: {\"\\q\":\"\"}\n#\t0x1000\tnowhere\n#\t0x1000\tmain.f+0x1\tfile\n#\t0xzz\n#\n");
  ASSERT_TRUE(profile);
  EXPECT_TRUE(profile->labels_of(0).empty());
  EXPECT_THAT(functions_of(*profile, 0), ElementsAre("?"));
}

TEST(TextReader, ATextThatIsNone) {
  for (const char* text : {"", "# only\n# comments\n", "goroutine 1 [running]:\n",
                           " profile: total 3\n", "goroutine profile: total many\n"})
    EXPECT_FALSE(is_profile_text(text)) << text;
  EXPECT_TRUE(is_profile_text(kGoroutines));
}

}  // namespace
}  // namespace goshawk::pprof
