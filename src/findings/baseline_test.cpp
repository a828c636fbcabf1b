// What is taken for an earlier report, and what is told of it.
#include "findings/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace goshawk::findings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kA = "aaaaaaaaaaaaaaaa";
constexpr const char* kB = "bbbbbbbbbbbbbbbb";
constexpr const char* kC = "0123456789abcdef";

std::string finding_text(const std::string& fingerprint) {
  return R"({"rule": "goroutine/mutex", "count": 3, "fingerprint": ")" + fingerprint +
         R"(", "blocked_at": {"function": "main.f", "line": 3}, "created_at": null,
            "stack": [{"function": "not.this"}], "novelty": {"rule": "not this"}})";
}

std::string report_of(const std::string& findings) {
  return R"({"schema": 1, "checked": {"leaked": 1}, "findings": [)" + findings +
         R"(], "parked": [{"rule": "not this", "fingerprint": "nor this"}]})";
}

std::string refusal(std::string_view text) {
  auto baseline = parse_baseline(text, "b.json");
  if (baseline) return "taken";
  EXPECT_TRUE(std::holds_alternative<Usage>(baseline.error()));
  return describe(baseline.error());
}

TEST(Baseline, FindingsOfAReport) {
  auto baseline = parse_baseline(report_of(finding_text(kA) + "," + finding_text(kC)), "b.json");
  ASSERT_TRUE(baseline);
  ASSERT_EQ(baseline->findings.size(), 2U);
  const KnownFinding& first = baseline->findings[0];
  EXPECT_EQ(first.fingerprint, kA);
  EXPECT_EQ(first.rule, "goroutine/mutex");
  EXPECT_EQ(first.count, 3U);
  EXPECT_EQ(first.blocked_in, "main.f");
  EXPECT_EQ(first.created_by, "");
  EXPECT_EQ(baseline->findings[1].fingerprint, kC);
  EXPECT_TRUE(parse_baseline(report_of(""), "b.json")->findings.empty());
}

TEST(Baseline, AFileOfItsOwn) {
  auto baseline = parse_baseline(
      R"({"schema": 1, "baseline": [{"fingerprint": "aaaaaaaaaaaaaaaa", "rule": "goroutine/mutex",
          "blocked_in": "main.f", "created_by": "main.g", "more": {"rule": "not this"}}]})",
      "b.json");
  ASSERT_TRUE(baseline);
  ASSERT_EQ(baseline->findings.size(), 1U);
  EXPECT_EQ(baseline->findings[0].fingerprint, kA);
  EXPECT_EQ(baseline->findings[0].rule, "goroutine/mutex");
  EXPECT_EQ(baseline->findings[0].blocked_in, "main.f");
  EXPECT_EQ(baseline->findings[0].created_by, "main.g");
  EXPECT_EQ(baseline->findings[0].count, 0U);
}

TEST(Baseline, AReportOfARun) {
  std::string first = report_of(finding_text(kA)), second = report_of(finding_text(kB));
  auto baseline =
      parse_baseline(R"({"schema": 1, "targets": [)" + first + "," + second + "]}", "b.json");
  ASSERT_TRUE(baseline);
  ASSERT_EQ(baseline->findings.size(), 2U);
  EXPECT_EQ(baseline->findings[1].fingerprint, kB);
  EXPECT_EQ(baseline->findings[1].count, 3U);
  EXPECT_EQ(baseline->findings[1].blocked_in, "main.f");
}

TEST(Baseline, TheBaselineOfAReportIsNotItsFindings) {
  std::string report = report_of(finding_text(kA));
  report.insert(1, R"("baseline": {"file": "b", "gone": [{"fingerprint": "x", "rule": "y"}]}, )");
  auto baseline = parse_baseline(report, "b.json");
  ASSERT_TRUE(baseline);
  EXPECT_EQ(baseline->findings.size(), 1U);
}

TEST(Baseline, WhatIsNoReportIsRefused) {
  EXPECT_EQ(refusal(""),
            "b.json is no baseline and no report of `goshawk leaks`: it is no JSON from byte 1 on; "
            "make one: goshawk baseline TARGET -o FILE");
  EXPECT_THAT(refusal("{\"schema\": 1,"), HasSubstr("no JSON from byte 14 on"));
  EXPECT_THAT(refusal(report_of("") + "x"), HasSubstr("no JSON from byte"));
  EXPECT_THAT(refusal(R"({"schema": 2, "checked": {}, "findings": []})"),
              HasSubstr("it has schema 2, not 1"));
  for (const char* other :
       {"[]", "3", "{}", R"({"schema": "1", "checked": {}, "findings": []})",
        R"({"schema": 1.0, "checked": {}, "findings": []})",
        R"({"schema": -1, "checked": {}, "findings": []})", R"({"schema": 1, "goroutines": []})",
        R"({"schema": 1, "checked": {}, "findings": {}})", R"({"schema": 1, "findings": []})",
        R"([{"schema": 1, "checked": {}, "findings": []}])", R"({"schema": 1, "baseline": {}})",
        R"({"baseline": []})", R"({"schema": 1, "targets": null})",
        R"({"schema": 1, "baseline": {"[]": {"x": 1}}})"})
    EXPECT_THAT(refusal(other), HasSubstr("the JSON of something else")) << other;
}

TEST(Baseline, AFindingWithoutItsNameIsRefused) {
  for (const char* finding : {"{}", R"({"rule": "r"})", R"({"fingerprint": "aaaaaaaaaaaaaaaa"})",
                              R"({"rule": "r", "fingerprint": "aaaaaaaaaaaaaaa"})",
                              R"({"rule": "r", "fingerprint": "AAAAAAAAAAAAAAAA"})",
                              R"({"rule": 1, "fingerprint": "aaaaaaaaaaaaaaaa"})"})
    for (const std::string& text :
         {report_of(finding), std::string(R"({"schema": 1, "baseline": [)") + finding + "]}"})
      EXPECT_THAT(refusal(text), HasSubstr("no rule or no fingerprint")) << text;
}

TEST(Baseline, OddShapesAreNoTrap) {
  std::string deep(100'000, '[');
  EXPECT_THAT(refusal(deep), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(R"({"findings": )" + deep), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(R"({"findings": [["x"]], "schema": 1})"), HasSubstr("something else"));
  EXPECT_THAT(refusal(R"({"findings": {"[]": ["x", 1]}})"), HasSubstr("something else"));
  EXPECT_THAT(refusal(R"({"schema": 123456789012345678901234567890})"),
              HasSubstr("something else"));
  EXPECT_THAT(refusal(R"({"schema": 1e999})"), HasSubstr("no JSON from byte"));
}

Finding finding_of(const char* fingerprint) {
  Finding finding;
  finding.fingerprint = fingerprint;
  return finding;
}

TEST(Baseline, NewOnesComeFirstAndTheRestIsKnown) {
  Verdict verdict;
  verdict.findings = {finding_of(kA), finding_of(kB), finding_of(kC)};
  EXPECT_EQ(count_new(verdict.findings), 3U);
  compare_with_baseline(verdict, {.path = "b.json", .findings = {{.fingerprint = kA}}});
  EXPECT_EQ(count_new(verdict.findings), 2U);
  EXPECT_EQ(verdict.findings[0].fingerprint, kB);
  EXPECT_EQ(verdict.findings[1].fingerprint, kC);
  EXPECT_EQ(verdict.findings[2].fingerprint, kA);
  EXPECT_EQ(verdict.findings[0].known, false);
  EXPECT_EQ(verdict.findings[2].known, true);
  ASSERT_TRUE(verdict.baseline);
  EXPECT_EQ(verdict.baseline->path, "b.json");
  EXPECT_TRUE(verdict.baseline->gone.empty());
}

TEST(Baseline, GoneIsWhatNoGroupOfThePictureHas) {
  Verdict verdict;
  verdict.findings = {finding_of(kA)};
  verdict.parked = {finding_of(kB)};
  verdict.suppressed = {{.entry = {}, .findings = {finding_of(kC)}}};
  std::vector<KnownFinding> known;
  for (const char* one : {kA, kB, kC, "dddddddddddddddd", "dddddddddddddddd"})
    known.push_back({.fingerprint = one});
  compare_with_baseline(verdict, {.path = "b.json", .findings = known});
  std::vector<std::string> gone;
  for (const KnownFinding& finding : verdict.baseline->gone) gone.push_back(finding.fingerprint);
  EXPECT_THAT(gone, ElementsAre("dddddddddddddddd"));
}

}  // namespace
}  // namespace goshawk::findings
