#include <gtest/gtest.h>

#include <fstream>

#include "base/duration.h"
#include "frontends/inspect/explain_command.h"
#include "frontends/inspect/goid_argument.h"
#include "frontends/inspect/leaks_command.h"
#include "frontends/inspect/progress.h"
#include "frontends/inspect/rule_argument.h"
#include "frontends/inspect/schedule_argument.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::frontends::inspect {
namespace {

TEST(TargetArgument, IsAProcessIdOrAFile) {
  EXPECT_EQ(parse_target({.text = "4711"})->pid, 4711);
  std::string path = ::testing::TempDir() + "a-core";
  std::ofstream(path) << "\x7f" << "ELF" << std::string(12, '\0') << '\x04'
                      << std::string(47, '\0');
  auto file = parse_target({.text = path, .executable = "/bin/x", .debug_directory = "/"});
  ASSERT_TRUE(file) << describe(file.error());
  EXPECT_EQ(file->pid, 0);
  EXPECT_EQ(file->name, path);
  EXPECT_EQ(file->executable.executable, "/bin/x");
  EXPECT_EQ(file->executable.debug_directories.front(), "/");
  auto process = parse_target({.text = "7", .debug_directory = "/"});
  ASSERT_TRUE(process);
  EXPECT_EQ(process->executable.debug_directories, std::vector<std::string>{"/"});
  EXPECT_FALSE(parse_target({.text = "7", .debug_directory = "/nowhere/at/all"}));
  EXPECT_EQ(parse_target({.text = "7", .runtime = "2"})->runtime, "2");
  for (const char* text : {"0", "-1", "99999999999999999999", "12x", "", "http://localhost/x",
                           "/etc/passwd", "core"}) {
    auto result = parse_target({.text = text});
    ASSERT_FALSE(result.has_value()) << text;
    EXPECT_EQ(exit_code_of(result.error()), ExitCode::kUsage) << text;
    EXPECT_NE(describe(result.error()).find("goshawk ps"), std::string::npos) << text;
  }
  EXPECT_FALSE(parse_target({.text = "4711", .executable = "/bin/x"}));
}

TEST(DurationArgument, GoNotation) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  auto parse = [](const char* text) { return parse_duration("--min-age", text); };
  EXPECT_EQ(parse("90s").value(), 90 * kSecond);
  EXPECT_EQ(parse("1h30m").value(), 5400 * kSecond);
  EXPECT_EQ(parse("2d").value(), 172800 * kSecond);
  EXPECT_EQ(parse("250ms").value(), kSecond / 4);
  EXPECT_EQ(parse("1.5m").value(), 90 * kSecond);
  EXPECT_EQ(parse("1.h.5m").value(), 3630 * kSecond);
  EXPECT_EQ(parse("0.3m").value(), 18 * kSecond);
  EXPECT_EQ(parse("0.333333333333333333333h").value(), 1'200 * kSecond - 1);
  EXPECT_EQ(parse("7us").value(), 7000);
  EXPECT_EQ(parse("7\u00b5s7\u03bcs").value(), 14000);
  EXPECT_EQ(parse("0").value(), 0);
  for (const char* text :
       {"", "5", "m", "-5m", "5 m", "5x", "99999999999d", ".s", "1..5s", "1.5"}) {
    auto refused = parse(text);
    ASSERT_FALSE(refused.has_value()) << text;
    EXPECT_EQ(describe(refused.error()).find("--min-age: \"" + std::string(text) + "\""), 0u);
  }
}

TEST(GoidArgument, NumbersAndRanges) {
  EXPECT_EQ(parse_goids("18").value().last, 18u);
  report::GoidRange range = parse_goids("1-9").value();
  EXPECT_EQ(range.first, 1u);
  EXPECT_EQ(range.last, 9u);
  for (const char* text :
       {"", "0", "x", "-1", "9-1", "1-", "1-2-3", "1-x", "18446744073709551616"}) {
    auto refused = parse_goids(text);
    ASSERT_FALSE(refused.has_value()) << text;
    EXPECT_NE(describe(refused.error()).find("ranges, such as"), std::string::npos);
  }
  EXPECT_EQ(list_goids({{4, 4}}), "4");
  EXPECT_EQ(list_goids({{4, 4}, {6, 9}, {12, 12}}), "4, 6-9 and 12");
  EXPECT_EQ(list_goids(std::vector<report::GoidRange>(12, {3, 3})),
            "3, 3, 3, 3, 3, 3, 3, 3, 3, 3 and 2 more");
}

TEST(RuleArgument, InAnyCaseByEitherName) {
  EXPECT_EQ(parse_rule("mutex").value()->id, "goroutine/mutex");
  EXPECT_EQ(parse_rule("Goroutine/RWMutex").value()->id, "goroutine/rwmutex");
  for (std::string_view name : rule_names()) EXPECT_TRUE(parse_rule(std::string(name))) << name;
}

TEST(RuleArgument, SaysWhatMayHaveBeenMeant) {
  auto refusal = [](const char* text) { return describe(parse_rule(text).error()); };
  EXPECT_NE(refusal("mutx").find("did you mean mutex?"), std::string::npos);
  EXPECT_NE(refusal("nilchan").find("did you mean nil-channel?"), std::string::npos);
  EXPECT_NE(refusal("goroutine/waitgrup").find("did you mean waitgroup?"), std::string::npos);
  EXPECT_EQ(refusal("nonsense").find("did you mean"), std::string::npos);
}

TEST(ScheduleArgument, OneAloneHasTheOtherFollow) {
  inspection::Source process{.name = "4711", .pid = 4711, .executable = {}};
  EXPECT_FALSE(parse_schedule({}, process).value());
  auto by_samples = parse_schedule({.samples = "7"}, process).value();
  ASSERT_TRUE(by_samples);
  EXPECT_EQ(by_samples->samples, 7u);
  EXPECT_EQ(by_samples->every_ns, 5'000'000'000);
  auto by_every = parse_schedule({.every = "1.5m"}, process).value();
  ASSERT_TRUE(by_every);
  EXPECT_EQ(by_every->samples, 3u);
  EXPECT_EQ(by_every->every_ns, 90'000'000'000);
}

TEST(ScheduleArgument, RefusesWhatShowsNothing) {
  inspection::Source process{.name = "4711", .pid = 4711, .executable = {}};
  inspection::Source core{.name = "core.4711", .executable = {}};
  for (const char* samples : {"0", "1", "1001", "-3", "3x", "99999999999"})
    EXPECT_FALSE(parse_schedule({.samples = samples}, process)) << samples;
  for (const char* every : {"0", "999us", "8d", "5"})
    EXPECT_FALSE(parse_schedule({.every = every}, process)) << every;
  std::string refusal = describe(parse_schedule({.samples = "3"}, core).error());
  EXPECT_NE(refusal.find("core.4711 is one instant"), std::string::npos) << refusal;
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
  EXPECT_TRUE(has_new_finding_at_least(verdict_with(Confidence::kProven), Confidence::kSuspected));
  EXPECT_TRUE(has_new_finding_at_least(verdict_with(Confidence::kLikely), Confidence::kLikely));
  EXPECT_FALSE(has_new_finding_at_least(verdict_with(Confidence::kLikely), Confidence::kProven));
  EXPECT_FALSE(has_new_finding_at_least({}, Confidence::kSuspected));
}

TEST(FailOn, WhatIsKnownDoesNotFail) {
  findings::Verdict verdict = verdict_with(findings::Confidence::kProven);
  verdict.findings[0].known = true;
  EXPECT_FALSE(has_new_finding_at_least(verdict, findings::Confidence::kProven));
  verdict.findings[0].known = false;
  EXPECT_TRUE(has_new_finding_at_least(verdict, findings::Confidence::kProven));
}

TEST(KeepRules, LeavesTheOthersOut) {
  findings::Verdict verdict = verdict_with(findings::Confidence::kProven);
  keep_rules(verdict, {"goroutine/cond", "goroutine/mutex"});
  EXPECT_EQ(verdict.findings.size(), 1u);
  keep_rules(verdict, {"goroutine/cond"});
  EXPECT_TRUE(verdict.findings.empty());
}

TEST(KeepRules, AlsoOfWhatIsSuppressedOrGone) {
  findings::Verdict verdict;
  findings::Finding mutex, cond;
  mutex.rule = "goroutine/mutex";
  cond.rule = "goroutine/cond";
  verdict.suppressed = {{.entry = {}, .findings = {mutex, cond}},
                        {.entry = {}, .findings = {cond}}};
  verdict.baseline = {.path = "b.json",
                      .gone = {{.fingerprint = "1", .rule = "goroutine/mutex"},
                               {.fingerprint = "2", .rule = "goroutine/cond"}}};
  keep_rules(verdict, {"goroutine/mutex"});
  ASSERT_EQ(verdict.suppressed.size(), 1u);
  EXPECT_EQ(verdict.suppressed[0].findings.size(), 1u);
  ASSERT_EQ(verdict.baseline->gone.size(), 1u);
  EXPECT_EQ(verdict.baseline->gone[0].fingerprint, "1");
}

TEST(ProgressText, SaysAtWhatAndHowFar) {
  EXPECT_EQ(progress_text("reading process 47", {}, 1), "reading process 47 ... 1 s");
  EXPECT_EQ(progress_text("reading process 47", {.name = "read stacks"}, 2),
            "reading process 47: read stacks ... 2 s");
  EXPECT_EQ(progress_text("reading process 47",
                          {.name = "decode the heap", .done = 301 << 20, .amount = 700 << 20}, 3),
            "reading process 47: decode the heap, 43 % of 700 MB ... 3 s");
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
  request.target.text = target;
  return request;
}

TEST(Leaks, UsageErrorsAreFoundBeforeTheTargetIsTouched) {
  LeaksRequest request = leaks_of("1");
  request.rules = {"mutex", "nonsense"};
  EXPECT_EQ(run_leaks(request), ExitCode::kUsage);
  EXPECT_EQ(run_leaks(leaks_of("nonsense")), ExitCode::kUsage);
}

TEST(Accepted, BadFilesAreUsageErrorsBeforeTheTargetIsTouched) {
  std::string path = ::testing::TempDir() + "bad-file";
  std::ofstream(path) << "neither TOML nor JSON";
  LeaksRequest request = leaks_of("2147483647");  // no such process: it would be unreadable
  EXPECT_EQ(run_leaks(request), ExitCode::kUnreadable);
  for (const AcceptedArgument& accepted :
       {AcceptedArgument{.suppressions = path}, AcceptedArgument{.suppressions = path + "-none"},
        AcceptedArgument{.suppressions = "/dev/zero"}, AcceptedArgument{.baseline = path},
        AcceptedArgument{.baseline = path + "-none"},
        AcceptedArgument{.suppressions = path, .no_suppressions = true}}) {
    request.accepted = accepted;
    EXPECT_EQ(run_leaks(request), ExitCode::kUsage);
  }
}

TEST(Explain, UnknownRule) {
  ExplainRequest request;
  request.rule = "nonsense";
  EXPECT_EQ(run_explain(request), ExitCode::kUsage);
}

}  // namespace
}  // namespace goshawk::frontends::inspect
