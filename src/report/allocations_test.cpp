// Estimates, the profile, the screen and JSON of allocation records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pprof/encoder.h"
#include "report/allocation_counts_text.h"
#include "report/allocation_profile.h"
#include "report/allocations_json.h"
#include "report/allocations_text.h"
#include "report/testing/picture_builder.h"
#include "snapshot/allocation_estimate.h"

namespace goshawk::report {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::PictureBuilder;

void keep(PictureBuilder& builder, std::uint64_t rate_bytes,
          std::vector<snapshot::AllocationRecord> records) {
  snapshot::Allocations& allocations = builder.picture().allocations;
  allocations.known = true;
  allocations.rate_bytes = rate_bytes;
  allocations.records = std::move(records);
}

std::string as_text(PictureBuilder& builder, bool all = false) {
  StringOutput out;
  TextStyle style;
  style.all = all;
  style.columns = 80;
  render_allocations_text(out, builder.picture(), style);
  return out.text();
}

// Two stacks that end in the same line, and one that ends in another.
void fill(PictureBuilder& builder) {
  auto leaf = builder.inlined("main.leaf", "/src/main.go", 12, 0x401010);
  auto one = builder.frame("main.one", "/src/main.go", 20, 0x401010);
  auto two = builder.frame("main.two", "/src/main.go", 30, 0x402000);
  auto exit = builder.frame("runtime.goexit", "/go/asm.s", 1, 0x403000);
  snapshot::StackId by_one = builder.stack({leaf, one, exit});
  snapshot::StackId by_two = builder.stack({leaf, two, exit});
  snapshot::StackId other = builder.stack({two, exit});
  keep(builder, 1,
       {{.stack = by_one, .size_bytes = 100, .allocated = 10, .freed = 4},
        {.stack = by_two, .size_bytes = 1000, .allocated = 5, .freed = 1},
        {.stack = other, .size_bytes = 16, .allocated = 9, .freed = 9}});
}

TEST(AllocationSites, SitesAreLinesOfCode) {
  PictureBuilder builder;
  fill(builder);
  std::vector<snapshot::AllocationSite> sites = add_up_sites(builder.picture());
  ASSERT_EQ(sites.size(), 2U);
  EXPECT_EQ(sites[0].estimate.in_use.bytes, 4600);
  EXPECT_EQ(sites[0].estimate.in_use.objects, 10);
  EXPECT_EQ(sites[0].estimate.allocated.bytes, 6000);
  EXPECT_EQ(sites[0].largest_stack, builder.picture().allocations.records[1].stack);
  EXPECT_EQ(sites[1].estimate.in_use.bytes, 0);
}

TEST(AllocationSites, ARecordWithoutAStackIsOneToo) {
  PictureBuilder builder;
  keep(builder, 1, {{.stack = builder.stack({}), .size_bytes = 8, .allocated = 1}});
  EXPECT_EQ(add_up_sites(builder.picture())[0].frame, snapshot::kNone);
  EXPECT_THAT(as_text(builder), HasSubstr("8 bytes"));
  StringOutput json;
  render_allocations_json(json, builder.picture());
}

TEST(AllocationProfile, HasOneSampleForEachRecord) {
  PictureBuilder builder;
  fill(builder);
  pprof::Profile profile = make_allocation_profile(builder.picture(), 1);
  ASSERT_EQ(profile.sample_count(), 3U);
  EXPECT_THAT(profile.values_of(0), ElementsAre(10, 1000, 6, 600));
  EXPECT_THAT(profile.values_of(1), ElementsAre(5, 5000, 4, 4000));
  EXPECT_THAT(profile.values_of(2), ElementsAre(9, 144, 0, 0));
  EXPECT_EQ(profile.strings[profile.labels_of(1)[0].key], "bytes");
  EXPECT_EQ(profile.labels_of(1)[0].number, 1000);
  // leaf is inlined into one; goexit is in no profile.
  EXPECT_EQ(profile.stack_of(0).size(), 1U);
  EXPECT_EQ(profile.period, 1);
  EXPECT_EQ(profile.type_name(3), "inuse_space");
  EXPECT_FALSE(pprof::encode(profile).empty());
}

TEST(AllocationsText, TellsTheLargestWithItsCallers) {
  PictureBuilder builder;
  fill(builder);
  std::string text = as_text(builder);
  EXPECT_THAT(text, HasSubstr("4.5 KB in use of 6 KB allocated since the start"));
  EXPECT_THAT(text, HasSubstr("  4.5 KB  100.0 %         10  main.leaf"));
  EXPECT_THAT(text, HasSubstr("called by  main.two"));
  EXPECT_THAT(text, Not(HasSubstr("main.one")));
  EXPECT_THAT(text, HasSubstr("counts every allocation"));
}

TEST(AllocationsText, LeavesOutOfWhichAllWasFreed) {
  PictureBuilder builder;
  fill(builder);
  EXPECT_THAT(as_text(builder), Not(HasSubstr("0 bytes")));
  EXPECT_THAT(as_text(builder), HasSubstr("    1 line of code of which all was freed: --all\n"));
  EXPECT_THAT(as_text(builder, true), AllOf(HasSubstr("0 bytes"), Not(HasSubstr("--all"))));
  std::vector<snapshot::AllocationRecord> records = builder.picture().allocations.records;
  for (std::uint32_t line = 0; line < 12; ++line)
    records.push_back({.stack = builder.stack({builder.frame("main.more", "/src/main.go",
                                                             100 + line, 0x404000 + line)}),
                       .size_bytes = 8,
                       .allocated = 1,
                       .freed = line < 2 ? 1u : 0u});
  keep(builder, 1, records);
  EXPECT_THAT(as_text(builder), HasSubstr("    1 more line of code, and 3 of which all was\n"));
  EXPECT_THAT(as_text(builder), HasSubstr("    freed: --all shows them\n"));
}

TEST(AllocationsText, SaysWhenSamplingWasSwitchedOff) {
  PictureBuilder builder;
  fill(builder);
  builder.picture().allocations.rate_bytes = 0;
  EXPECT_THAT(as_text(builder), HasSubstr("runtime.MemProfileRate is 0"));
  keep(builder, 512 << 10, {});
  EXPECT_THAT(as_text(builder), HasSubstr("has sampled no allocation yet"));
}

TEST(AllocationsJson, HasEveryRecord) {
  PictureBuilder builder;
  fill(builder);
  StringOutput out;
  render_allocations_json(out, builder.picture());
  EXPECT_THAT(out.text(), HasSubstr("\"in_use_bytes\""));
  EXPECT_THAT(out.text(), HasSubstr("\"main.one\""));
  EXPECT_THAT(out.text(), Not(HasSubstr("runtime.goexit")));
}

// What Go's own endpoint writes, but for its runtime.MemStats.
TEST(AllocationCounts, AreTheTextOfGosOwnEndpoint) {
  PictureBuilder builder;
  fill(builder);
  builder.picture().allocations.rate_bytes = 512 << 10;
  StringOutput out;
  render_allocation_counts(out, builder.picture());
  EXPECT_THAT(out.text(), ::testing::StartsWith("heap profile: 10: 4600 [24: 6144] @ heap/1048576\n"
                                                "4: 4000 [5: 5000] @ 0x402000 0x403000\n"));
  EXPECT_THAT(out.text(), HasSubstr("\n#\t0x40100f\tmain.leaf+0x1c\t/src/main.go:12\n"));
}

}  // namespace
}  // namespace goshawk::report
