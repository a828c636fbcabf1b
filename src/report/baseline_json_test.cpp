// Baselines and drafts of suppressions, read back by what will read them.
#include "report/baseline_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "findings/baseline.h"
#include "findings/suppressions.h"
#include "report/testing/json_schema.h"

namespace goshawk::report {
namespace {

using findings::KnownFinding;
using ::testing::HasSubstr;

KnownFinding known(const std::string& fingerprint, const std::string& function,
                   const std::string& rule = "goroutine/mutex") {
  return {.fingerprint = fingerprint,
          .rule = rule,
          .count = 3,
          .blocked_in = function,
          .created_by = "main.start"};
}

std::string baseline(std::vector<KnownFinding> findings) {
  StringOutput out;
  render_baseline_json(out, std::move(findings));
  return out.text();
}

std::string draft(std::vector<KnownFinding> findings) {
  StringOutput out;
  render_suppression_draft(out, std::move(findings));
  return out.text();
}

const std::vector<KnownFinding>& several() {
  static const std::vector<KnownFinding> kSeveral = {
      known("cccccccccccccccc", "main.b"), known("aaaaaaaaaaaaaaaa", "main.b"),
      known("bbbbbbbbbbbbbbbb", "main.a"), known("dddddddddddddddd", "main.z", "goroutine/cond")};
  return kSeveral;
}

TEST(BaselineJson, OneALineInOrder) {
  EXPECT_EQ(baseline(several()), R"({
  "schema": 1,
  "baseline": [
    {"fingerprint":"dddddddddddddddd","rule":"goroutine/cond","blocked_in":"main.z","created_by":"main.start"},
    {"fingerprint":"bbbbbbbbbbbbbbbb","rule":"goroutine/mutex","blocked_in":"main.a","created_by":"main.start"},
    {"fingerprint":"aaaaaaaaaaaaaaaa","rule":"goroutine/mutex","blocked_in":"main.b","created_by":"main.start"},
    {"fingerprint":"cccccccccccccccc","rule":"goroutine/mutex","blocked_in":"main.b","created_by":"main.start"}
  ]
}
)");
  EXPECT_EQ(baseline({}), "{\n  \"schema\": 1,\n  \"baseline\": []\n}\n");
}

TEST(BaselineJson, TheOrderOfTheSourcesDoesNotCount) {
  std::vector<KnownFinding> shuffled = several();
  // The same leak in another build: a closure has another number.
  shuffled.push_back(known("aaaaaaaaaaaaaaaa", "main.a2"));
  std::string first = baseline(shuffled);
  EXPECT_EQ(std::ranges::count(first, '\n'), 9);
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same at every run
  for (int round = 0; round < 20; ++round) {
    std::ranges::shuffle(shuffled, random);
    EXPECT_EQ(baseline(shuffled), first);
  }
}

TEST(BaselineJson, IsReadBackAndFitsItsSchema) {
  std::filesystem::path root =
      std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  testing::JsonSchema schema(root / "docs" / "schema" / "baseline.json");
  std::vector<KnownFinding> findings = several();
  findings.push_back(known("0123456789abcdef", "main.\x1b[31m\"\xff"));
  std::string text = baseline(findings);
  EXPECT_THAT(schema.violations(nlohmann::json::parse(text)), ::testing::IsEmpty());
  auto read = findings::parse_baseline(text, "b.json");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->findings.size(), 5u);
  EXPECT_EQ(baseline(read->findings), text);
  EXPECT_EQ(read->findings[0].blocked_in, "main.z");
  EXPECT_EQ(read->findings[0].count, 0u);
  EXPECT_TRUE(findings::parse_baseline(baseline({}), "b.json")->findings.empty());
}

TEST(SuppressionDraft, IsRefusedUntilEveryReasonIsWritten) {
  std::vector<KnownFinding> findings = {
      known("aaaaaaaaaaaaaaaa", "example.com/a.(*Pool).run.func1"),
      known("cccccccccccccccc", "example.com/a.(*Pool).run.func1"),  // the same for an entry
      known("bbbbbbbbbbbbbbbb", "main.\xe6\x97\xa5\xe6\x9c\xac\x1b\"\\")};
  std::string text = draft(findings);
  EXPECT_EQ(text.substr(0, text.find("\n\n") + 2), R"([[suppress]]
reason = ""  # why it may stay: required
rule = "goroutine/mutex"
top = "example.com/a.(*Pool).run.func1"
created_by = "main.start"

)");
  auto refused = findings::parse_suppressions(text, "s.toml");
  ASSERT_FALSE(refused);
  EXPECT_THAT(describe(refused.error()), HasSubstr("\"reason\" is no text"));
  for (std::size_t at = text.find("\"\"  #"); at != std::string::npos; at = text.find("\"\"  #"))
    text.replace(at, 2, "\"known\"");
  auto read = findings::parse_suppressions(text, "s.toml");
  ASSERT_TRUE(read) << describe(read.error());
  ASSERT_EQ(read->entries.size(), 2u);
  EXPECT_EQ(read->entries[1].top.text(), "main.\xe6\x97\xa5\xe6\x9c\xac\\x1b\"\\");
}

}  // namespace
}  // namespace goshawk::report
