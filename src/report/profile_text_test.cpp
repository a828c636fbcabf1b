// The screen and JSON of profiles.
#include "report/profile_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "pprof/profile_builder.h"
#include "report/profile_json.h"
#include "report/profile_parts.h"
#include "report/testing/json_schema.h"

namespace goshawk::report {
namespace {

namespace fs = std::filesystem;

using pprof::Line;
using pprof::LocationId;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string as_text(const ProfileReport& report, bool all = false) {
  StringOutput out;
  render_profile_text(out, report, {.palette = {}, .columns = 100, .all = all});
  return out.text();
}

// main.put allocated what is in use, called by main.handle, called by main.main.
ProfileReport heap_report() {
  pprof::ProfileBuilder builder;
  builder.add_sample_type("inuse_objects", "count");
  builder.add_sample_type("inuse_space", "bytes");
  builder.set_period("space", "bytes", 524288);
  builder.set_time(1'700'000'000'000'000'000);
  pprof::MappingId mapping = builder.add_mapping({}, 0, "/srv/shop", "abc");
  std::vector<LocationId> stack;
  for (const char* name : {"main.put", "main.handle", "main.main", "runtime.goexit"}) {
    Line line{builder.add_function(name, "/src/shop.go"), 7};
    stack.push_back(builder.add_location(Address(0x401000), mapping, {&line, 1}));
  }
  std::int64_t values[] = {12, 3 << 20};
  builder.add_sample(stack, values);
  std::int64_t more[] = {1, 1 << 20};
  builder.add_sample({stack.data() + 2, 2}, more);
  ProfileReport report{.name = "heap.pb.gz",
                       .profile = builder.finish(),
                       .kind = pprof::ProfileKind::kHeap,
                       .shown = {1, 0},
                       .sites = {},
                       .stacks = {}};
  const pprof::Profile& profile = report.profile;
  findings::ProfilePlace put = place_of(profile, stack[0]), handle = place_of(profile, stack[1]),
                         main = place_of(profile, stack[2]);
  report.sites.amount = 4 << 20;
  report.sites.count = 13;
  report.sites.lines = {{put, 3 << 20, 3 << 20, 12, 12, 0},
                        {main, 1 << 20, 4 << 20, 1, 13, 1},
                        {handle, 0, 3 << 20, 0, 12, 0}};
  report.sites.functions = report.sites.lines;
  return report;
}

TEST(ProfileText, TellsWhatIsInUseAndThroughWhom) {
  std::string text = as_text(heap_report());
  EXPECT_THAT(text, HasSubstr("4 MB in use, 13 objects\n"));
  EXPECT_THAT(text,
              HasSubstr("heap.pb.gz: a heap profile of /srv/shop, taken 2023-11-14 22:13:20 UTC"));
  EXPECT_THAT(text, HasSubstr("one in 512 KB"));
  EXPECT_THAT(text, HasSubstr("        3 MB   75.0 %           12  main.put"));
  EXPECT_THAT(text, HasSubstr("called by  main.handle"));
  EXPECT_THAT(text,
              HasSubstr("through the function\n        3 MB   75.0 %           12  main.handle"));
  EXPECT_THAT(text, Not(HasSubstr("goexit")));
  EXPECT_THAT(text, HasSubstr("`goshawk heap PID` tells"));
}

TEST(ProfileText, TellsHowManyLinesItLeavesOut) {
  ProfileReport report = heap_report();
  for (int i = 0; i < 12; ++i)
    report.sites.lines.insert(report.sites.lines.begin(), report.sites.lines[0]);
  EXPECT_THAT(as_text(report), HasSubstr("4 more lines of code: --all shows them"));
  EXPECT_THAT(as_text(report, true), Not(HasSubstr("--all")));
}

ProfileReport goroutine_report(pprof::ProfileKind kind, const char* type) {
  pprof::ProfileBuilder builder;
  builder.add_sample_type(type, "count");
  std::vector<LocationId> stack;
  for (const char* name :
       {"runtime.gopark", "runtime.chanrecv1", "main.w\x1b[31m", "runtime.goexit"}) {
    Line line{builder.add_function(name, "/src/shop.go"), 7};
    stack.push_back(builder.add_location(Address(0x401000), pprof::kNone, {&line, 1}));
  }
  std::int64_t count = 30;
  builder.add_sample(stack, {&count, 1});
  builder.add_label("tenant", "blue");
  count = 10;
  builder.add_sample({}, {&count, 1});
  ProfileReport report{.name = "g",
                       .profile = builder.finish(),
                       .kind = kind,
                       .shown = {},
                       .sites = {},
                       .stacks = {}};
  report.sites.amount = 40;
  report.stacks = {40, {{30, 0}, {10, 1}}};
  return report;
}

TEST(ProfileText, ShowsAStackForAllThatStandInIt) {
  std::string text = as_text(goroutine_report(pprof::ProfileKind::kGoroutines, "goroutine"));
  EXPECT_THAT(text, HasSubstr("40 goroutines, 2 different stacks\n"));
  EXPECT_THAT(text, HasSubstr("    30  75.0 %\n        runtime.chanrecv1"));
  EXPECT_THAT(text, HasSubstr("main.w\\x1b[31m"));
  EXPECT_THAT(text, HasSubstr("without a stack"));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("gopark")), Not(HasSubstr("goexit"))));
  EXPECT_THAT(text, HasSubstr("`goshawk leaks PID` proves"));
}

TEST(ProfileText, SaysWhoFoundALeak) {
  EXPECT_THAT(as_text(goroutine_report(pprof::ProfileKind::kGoroutineLeak, "goroutineleak")),
              HasSubstr("40 leaked goroutines, as Go's runtime found: 2 different stacks\n"));
}

TEST(ProfileText, SaysWhyNobodyHasWaited) {
  pprof::ProfileBuilder builder;
  builder.add_sample_type("contentions", "count");
  builder.add_sample_type("delay", "nanoseconds");
  ProfileReport report{.name = "block.pb.gz",
                       .profile = builder.finish(),
                       .kind = pprof::ProfileKind::kContention,
                       .shown = {1, 0},
                       .sites = {},
                       .stacks = {}};
  EXPECT_THAT(as_text(report), HasSubstr("runtime.SetBlockProfileRate"));
  EXPECT_THAT(as_text(report), HasSubstr("a block or mutex profile, by its name block"));
}

TEST(ProfileJson, IsAsItsSchemaSays) {
  for (const ProfileReport& report :
       {heap_report(), goroutine_report(pprof::ProfileKind::kGoroutines, "goroutine")}) {
    StringOutput out;
    render_profile_json(out, report);
    testing::JsonSchema schema(fs::path(__FILE__).parent_path().parent_path().parent_path() /
                               "docs/schema/profile.json");
    EXPECT_THAT(schema.violations(nlohmann::json::parse(out.text())), ::testing::IsEmpty());
  }
  StringOutput out;
  render_profile_json(out, heap_report());
  auto json = nlohmann::json::parse(out.text());
  EXPECT_EQ(json["profile"]["amount_is"], "inuse_space");
  EXPECT_EQ(json["lines"][0]["own"], 3 << 20);
  EXPECT_EQ(json["lines"][0]["function"], "main.put");
  EXPECT_EQ(json["target"]["exe"], "/srv/shop");
}

TEST(ProfileParts, AmountsInTheirUnits) {
  EXPECT_EQ(amount_text(2048, "bytes"), "2 KB");
  EXPECT_EQ(amount_text(-2048, "bytes"), "-2 KB");
  EXPECT_EQ(amount_text(1500, "count"), "1,500");
  EXPECT_EQ(amount_text(1'500'000'000, "nanoseconds"), "1.5 s");
  EXPECT_EQ(amount_text(7, "parsecs"), "7 parsecs");
  EXPECT_EQ(amount_text(INT64_MIN, "count"), "-9,223,372,036,854,775,808");
  EXPECT_EQ(part_text(1, 0), "");
}

}  // namespace
}  // namespace goshawk::report
