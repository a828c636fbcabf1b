// The screen and JSON of what grew between profiles.
#include "report/profile_growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "report/testing/json_schema.h"

namespace goshawk::report {
namespace {

using findings::Confidence;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::int64_t kHour = 3'600'000'000'000;

ProfileGrowthReport heap_report() {
  ProfileGrowthReport report;
  report.kind = pprof::ProfileKind::kHeap;
  report.type = "inuse_space";
  report.unit = "bytes";
  for (const char* name : {"a.pb.gz", "b.pb.gz", "c.pb.gz"}) {
    report.profiles.emplace_back().name = name;
    report.profiles.back().time_ns = kHour * static_cast<std::int64_t>(report.profiles.size());
  }
  report.growth.amounts = {100 << 20, 200 << 20, 300 << 20};
  report.growth.seconds = 7200;
  report.growth.per_second = (100 << 20) / 3600.0;
  findings::GrownSite grown;
  grown.key = {.function = "main.put", .file = "/src/a.go", .line = 7};
  grown.callers = {{.function = "main.handle", .file = "/src/a.go", .line = 9}};
  grown.amounts = {50 << 20, 150 << 20, 250 << 20};
  grown.change = 200 << 20;
  grown.grew_in = 2;
  grown.per_second = (100 << 20) / 3600.0;
  grown.confidence = Confidence::kLikely;
  report.growth.sites.push_back(grown);
  findings::GrownSite shrunk;
  shrunk.key = {.function = "main.other", .file = "/src/a.go", .line = 8};
  shrunk.amounts = {2 << 20, 2 << 20, 1 << 20};
  shrunk.change = -(1 << 20);
  report.growth.sites.push_back(shrunk);
  return report;
}

std::string as_text(const ProfileGrowthReport& report, bool all = false) {
  StringOutput out;
  render_profile_growth_text(out, report, {.palette = {}, .columns = 100, .all = all});
  return out.text();
}

TEST(ProfileGrowthText, TellsTheWholeThenTheSites) {
  std::string text = as_text(heap_report());
  EXPECT_THAT(text, HasSubstr("+200 MB in use in 2 hours: 100 MB → 200 MB → 300 MB\n"));
  EXPECT_THAT(text, HasSubstr("by 3 profiles, each a heap profile, from 1970-01-01 01:00:00 UTC"));
  EXPECT_THAT(text, HasSubstr("     +200 MB       +100 MB       250 MB  likely     main.put"));
  EXPECT_THAT(text, HasSubstr("an hour"));
  EXPECT_THAT(text, HasSubstr("called by  main.handle"));
  EXPECT_THAT(text, HasSubstr("1 site that shrank, or changed by what may be chance: --all"));
  EXPECT_THAT(text, Not(HasSubstr("main.other")));
  EXPECT_THAT(as_text(heap_report(), true), HasSubstr("-1 MB"));
}

TEST(ProfileGrowthText, SaysThatNothingGrew) {
  ProfileGrowthReport report = heap_report();
  report.growth.amounts = {100 << 20, 200 << 20, 100 << 20};
  EXPECT_THAT(as_text(report),
              HasSubstr("No more in use than before, after 2 hours: 100 MB → 200 MB → 100 MB\n"));
}

TEST(ProfileGrowthText, TellsTheTimeThatIsLeft) {
  ProfileGrowthReport report = heap_report();
  report.limit_bytes = 1000 << 20;
  EXPECT_THAT(as_text(report), HasSubstr("At this rate 1,000 MB are in use in 7 hours"));
  report.limit_bytes = 200 << 20;
  EXPECT_THAT(as_text(report), HasSubstr("200 MB in use already"));
  report.limit_bytes = 1000 << 20;
  report.growth.per_second = -1.0;
  EXPECT_THAT(as_text(report), HasSubstr("does not grow"));
  report.growth.per_second.reset();
  EXPECT_THAT(as_text(report), HasSubstr("cannot be told without a rate"));
}

TEST(ProfileGrowthText, SaysWhatIsMissing) {
  ProfileGrowthReport report = heap_report();
  report.growth.seconds.reset();
  report.by_functions = true;
  report.growth.sites.clear();
  std::string text = as_text(report);
  EXPECT_THAT(text, HasSubstr("there is no rate"));
  EXPECT_THAT(text, HasSubstr("was built anew"));
  EXPECT_THAT(text, HasSubstr("Nothing changed."));
}

TEST(ProfileGrowthJson, IsAsItsSchemaSays) {
  ProfileGrowthReport report = heap_report();
  report.limit_bytes = 1000 << 20;
  StringOutput out;
  render_profile_growth_json(out, report);
  namespace fs = std::filesystem;
  testing::JsonSchema schema(fs::path(__FILE__).parent_path().parent_path().parent_path() /
                             "docs/schema/profile-diff.json");
  auto json = nlohmann::json::parse(out.text());
  EXPECT_THAT(schema.violations(json), IsEmpty());
  EXPECT_EQ(json["sites"][0]["confidence"], "likely");
  EXPECT_EQ(json["sites"][1]["confidence"], nullptr);
}

}  // namespace
}  // namespace goshawk::report
