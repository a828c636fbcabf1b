#include <gtest/gtest.h>

#include "frontends/inspect/duration_argument.h"
#include "frontends/inspect/explain_command.h"
#include "frontends/inspect/leaks_command.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::frontends::inspect {
namespace {

TEST(TargetArgument, IsAProcessId) {
  EXPECT_EQ(parse_target("4711").value(), 4711);
  for (const char* text : {"0", "-1", "99999999999999999999", "12x", "", "http://localhost/x",
                           "/etc/passwd", "core"}) {
    auto result = parse_target(text);
    ASSERT_FALSE(result.has_value()) << text;
    EXPECT_EQ(exit_code_of(result.error()), ExitCode::kUsage) << text;
    EXPECT_NE(describe(result.error()).find("goshawk ps"), std::string::npos) << text;
  }
}

TEST(DurationArgument, GoNotation) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  EXPECT_EQ(parse_duration("90s").value(), 90 * kSecond);
  EXPECT_EQ(parse_duration("1h30m").value(), 5400 * kSecond);
  EXPECT_EQ(parse_duration("2d").value(), 172800 * kSecond);
  EXPECT_EQ(parse_duration("250ms").value(), kSecond / 4);
  for (const char* text : {"", "5", "m", "-5m", "5 m", "5x", "99999999999d", "1.5h"})
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
}

findings::Verdict verdict_with(findings::Confidence confidence) {
  findings::Verdict verdict;
  verdict.findings.resize(1);
  verdict.findings[0].confidence = confidence;
  verdict.findings[0].rule = "goroutine/mutex";
  return verdict;
}

TEST(FailOn, IsAtOrAboveTheConfidence) {
  using findings::Confidence;
  EXPECT_TRUE(has_finding_at_least(verdict_with(Confidence::kProven), Confidence::kSuspected));
  EXPECT_TRUE(has_finding_at_least(verdict_with(Confidence::kLikely), Confidence::kLikely));
  EXPECT_FALSE(has_finding_at_least(verdict_with(Confidence::kLikely), Confidence::kProven));
  EXPECT_FALSE(has_finding_at_least({}, Confidence::kSuspected));
}

TEST(KeepRule, LeavesTheOthersOut) {
  findings::Verdict verdict = verdict_with(findings::Confidence::kProven);
  keep_rule(verdict, "goroutine/cond");
  EXPECT_TRUE(verdict.findings.empty());
}

TEST(ExitCodes, FollowTheKindOfError) {
  EXPECT_EQ(exit_code_of(Usage{}), ExitCode::kUsage);
  EXPECT_EQ(exit_code_of(Denied{}), ExitCode::kDenied);
  EXPECT_EQ(exit_code_of(Missing{}), ExitCode::kUnreadable);
  EXPECT_EQ(exit_code_of(Fault{}), ExitCode::kUnreadable);
  EXPECT_EQ(exit_code_of(Malformed{}), ExitCode::kUnreadable);
}

LeaksRequest leaks_of(const std::string& target) {
  LeaksRequest request;
  request.target = target;
  return request;
}

TEST(Leaks, UsageErrorsAreFoundBeforeTheTargetIsTouched) {
  LeaksRequest request = leaks_of("1");
  request.rule = "nonsense";
  EXPECT_EQ(run_leaks(request), ExitCode::kUsage);
  request = leaks_of("1");
  request.fail_on = "nonsense";
  EXPECT_EQ(run_leaks(request), ExitCode::kUsage);
  EXPECT_EQ(run_leaks(leaks_of("nonsense")), ExitCode::kUsage);
}

TEST(Explain, UnknownRule) {
  ExplainRequest request;
  request.rule = "nonsense";
  EXPECT_EQ(run_explain(request), ExitCode::kUsage);
}

}  // namespace
}  // namespace goshawk::frontends::inspect
