#include "analyses/profile/merged_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace goshawk::analyses::profile {
namespace {

using findings::Confidence;
using findings::Finding;
using findings::Verdict;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Verdict verdict_of(const std::string& function, std::uint64_t count) {
  Finding finding;
  finding.rule = "goroutine/nil-channel";
  finding.confidence = Confidence::kProven;
  finding.count = count;
  for (std::uint64_t i = 0; i < count; ++i) finding.goids.push_back(18 + i);
  finding.blocked_at = {function, "/src/shop.go", 12};
  finding.evidence = {"by definition"};
  Verdict verdict;
  verdict.checked = {.goroutines = count + 1, .alive = 1, .leaked = count, .unknown_reasons = {}};
  verdict.findings = {finding};
  return verdict;
}

TEST(MergedVerdict, AddsUpWhatIsAtOnePlace) {
  Verdict merged = merge_verdicts({{"shop-1", verdict_of("main.a", 2)},
                                   {"shop-2", verdict_of("main.a", 5)},
                                   {"shop-3", verdict_of("main.b", 1)}});
  EXPECT_EQ(merged.checked.goroutines, 11U);
  EXPECT_EQ(merged.checked.leaked, 8U);
  ASSERT_EQ(merged.findings.size(), 2U);
  EXPECT_EQ(merged.findings[0].count, 7U);
  EXPECT_THAT(merged.findings[0].goids, IsEmpty());
  EXPECT_THAT(merged.findings[0].evidence,
              ElementsAre("in 2 of the 3 processes: 5 in shop-2, 2 in shop-1", "by definition"));
  EXPECT_THAT(merged.findings[1].goids, ElementsAre(18));
  EXPECT_NE(merged.findings[0].fingerprint, merged.findings[1].fingerprint);
}

TEST(MergedVerdict, CallsAnEntryUnusedIfItDidNothingForAnyOfThem) {
  Verdict one, other;
  one.suppressions.unused.resize(2);
  one.suppressions.unused[0].line = 3;
  one.suppressions.unused[1].line = 7;
  other.suppressions.unused.resize(1);
  other.suppressions.unused[0].line = 7;
  Verdict merged = merge_verdicts({{"a", one}, {"b", other}});
  ASSERT_EQ(merged.suppressions.unused.size(), 1U);
  EXPECT_EQ(merged.suppressions.unused[0].line, 7U);
}

}  // namespace
}  // namespace goshawk::analyses::profile
