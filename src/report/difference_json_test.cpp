// The report against its published schema, read by another JSON library.
#include "report/difference_json.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "report/testing/difference_for_tests.h"
#include "report/testing/json_schema.h"

namespace goshawk::report {
namespace {

using nlohmann::json;

json report_of(const findings::Difference& difference, bool all) {
  testing::PictureBuilder before, after;
  before.picture().target.name = "a.snapshot";
  StringOutput out;
  render_difference_json(out, before.picture(), after.picture(), difference, all);
  json document = json::parse(out.text());
  std::filesystem::path root =
      std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  testing::JsonSchema schema(root / "docs" / "schema" / "diff.json");
  for (const std::string& violation : schema.violations(document)) ADD_FAILURE() << violation;
  return document;
}

TEST(DifferenceJson, FitsItsSchema) {
  json document = report_of(testing::shop_difference(), false);
  EXPECT_EQ(document["before"]["name"], "a.snapshot");
  EXPECT_EQ(document["before"]["live_bytes"], 312 << 20);
  EXPECT_EQ(document["after"]["goroutines"], 1240);
  EXPECT_EQ(document["relation"], "same process");
  EXPECT_EQ(document["elapsed_ns"], 62LL * 60 * 1'000'000'000);
  ASSERT_EQ(document["types"].size(), 2u);
  EXPECT_EQ(document["types"][0]["type"], "shop.session");
  EXPECT_EQ(document["types"][0]["objects_after"], 50'000);
  EXPECT_EQ(document["unknown_types"][0]["held_by"], "shop.session");
  EXPECT_EQ(document["holders"][3]["steps"],
            json({"main.shop", "shop.server", "map[int]*shop.session", "shop.session"}));
  EXPECT_EQ(document["holders"][3]["count_before"], 10'000);
  EXPECT_EQ(document["holders"][3]["path"], "main.shop.sessions[...]");
  EXPECT_TRUE(document["holders"][0]["type"].is_null());
  EXPECT_EQ(document["goroutines"][0]["found_after"]["proven"], 1040);
  EXPECT_EQ(document["goroutines"][0]["at"]["function"], "shop/price.Fetch.func1");
  EXPECT_EQ(document["allocations"][0]["allocated_bytes_after"], 520 << 20);
  EXPECT_EQ(document["left_out"]["types"], 1);
  EXPECT_EQ(document["threshold"]["bytes"], 3 << 20);
}

TEST(DifferenceJson, AllHasWhatChangedByLittle) {
  json document = report_of(testing::shop_difference(), true);
  EXPECT_EQ(document["types"].size(), 3u);
  EXPECT_EQ(document["left_out"]["types"], 0);
  EXPECT_EQ(document["threshold"]["bytes"], 0);
}

TEST(DifferenceJson, WhatWasNotComparedIsNull) {
  findings::Difference difference = testing::shop_difference();
  difference.types.reset();
  difference.holders.reset();
  difference.allocations.reset();
  difference.elapsed_ns.reset();
  difference.before = {};
  difference.remarks = {"no types"};
  json document = report_of(difference, false);
  for (const char* name : {"types", "unknown_types", "holders", "allocations", "elapsed_ns"})
    EXPECT_TRUE(document[name].is_null()) << name;
  for (const char* name : {"taken_unix_ns", "live_bytes", "rss_bytes"})
    EXPECT_TRUE(document["before"][name].is_null()) << name;
  EXPECT_FALSE(document["left_out"].contains("types"));
  EXPECT_EQ(document["not_compared"], json({"no types"}));
}

}  // namespace
}  // namespace goshawk::report
