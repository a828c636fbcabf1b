#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "report/stack_series_json.h"
#include "report/stack_series_text.h"
#include "report/testing/json_schema.h"

namespace goshawk::report {
namespace {

using findings::Confidence;
using findings::SiteSeries;
using findings::StackSeries;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

SiteSeries site(const std::string& function, std::vector<std::uint64_t> counts) {
  return {.state = "chan receive",
          .blocked_at = {function, "/src/shop.go", 12},
          .created_by = {"main.start", "/src/shop.go", 30},
          .stack = {{function, "/src/shop.go", 12}},
          .counts = std::move(counts),
          .gone = {}};
}

StackSeries three_dumps() {
  StackSeries series;
  series.parts = {{"a.txt", 110, 0, 0}, {"b.txt", 140, 2, 1800}, {"c.txt", 170, 0, 3600}};
  series.clock = "the log's";
  series.sites = {site("main.leak", {10, 40, 70}), site("main.same", {50, 50, 50}),
                  site("main.fewer", {50, 50, 40})};
  series.sites[0].confidence = Confidence::kLikely;
  series.sites[0].gone = 1;
  return series;
}

std::string text_of(const StackSeries& series) {
  StringOutput out;
  render_stack_series_text(out, series, "dump", {});
  return std::string(out.text());
}

TEST(StackSeries, IsToldByWhatGrewFirst) {
  std::string text = text_of(three_dumps());
  EXPECT_THAT(text, HasSubstr("1 site has more goroutines in each dump, by 60 goroutines in all\n"
                              "goroutines: 110 in a.txt, 140 in b.txt, 170 in c.txt\n"));
  EXPECT_THAT(text, HasSubstr("1. +60 goroutines: 10 → 40 → 70 in 1 hour, +60 an hour  likely"));
  EXPECT_THAT(text, HasSubstr("chan receive; 1 that were there have gone"));
  EXPECT_THAT(text, Not(HasSubstr("main.same")));
  EXPECT_THAT(text, HasSubstr("fewer than before:\n     -10  main.fewer"));
  EXPECT_THAT(text, HasSubstr("Doubt: 2 goroutines are cut or garbled and not counted"));
  EXPECT_THAT(text, HasSubstr("goshawk leaks c.txt"));
}

TEST(StackSeries, TellsNoRateWithoutTimes) {
  StackSeries series = three_dumps();
  series.clock.clear();
  for (findings::SeriesPart& part : series.parts) part.seconds = 0;
  std::string text = text_of(series);
  EXPECT_THAT(text, HasSubstr("1. +60 goroutines: 10 → 40 → 70  likely"));
  EXPECT_THAT(text, HasSubstr("no times stand beside"));
}

TEST(StackSeries, CallsNoDifferenceGrowthThatIsNone) {
  StackSeries series = three_dumps();
  series.sites[0].confidence = Confidence::kUnknown;
  EXPECT_THAT(text_of(series), HasSubstr("No site grows steadily"));
  series.of_one_process = false;
  EXPECT_THAT(text_of(series), HasSubstr("These dumps are not of one process"));
  series.of_one_process = true;
  series.sites.erase(series.sites.begin());
  EXPECT_THAT(text_of(series),
              HasSubstr("No site has more goroutines in the last dump than in the first"));
}

TEST(StackSeries, FitsItsSchema) {
  auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  testing::JsonSchema schema(root / "docs" / "schema" / "series.json");
  for (bool all : {false, true}) {
    StringOutput out;
    render_stack_series_json(out, three_dumps(), all);
    auto document = nlohmann::json::parse(out.text());
    EXPECT_THAT(schema.violations(document), IsEmpty());
    EXPECT_EQ(document["sites"].size(), all ? 3U : 2U);
    EXPECT_NEAR(document["sites"][0]["rate"].get<double>(), 60.0 / 3600, 1e-9);
  }
}

}  // namespace
}  // namespace goshawk::report
