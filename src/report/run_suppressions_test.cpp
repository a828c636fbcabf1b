#include "report/run_suppressions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace goshawk::report {
namespace {

using findings::FunctionPattern;
using findings::Suppression;
using testing::ElementsAre;
using testing::IsEmpty;

Suppression entry(std::uint32_t line, const std::string& top, const std::string& until = "") {
  Suppression made;
  made.reason = "known";
  made.top = FunctionPattern(top);
  made.until = until;
  made.line = line;
  return made;
}

Judged process(std::vector<Suppression> unused, std::vector<Suppression> expired = {},
               const std::string& path = "known.toml") {
  Judged made;
  made.verdict.suppressions = {path, std::move(unused), std::move(expired)};
  return made;
}

TEST(RunSuppressions, WhatFitsInOneProcessIsOfUse) {
  std::vector<Judged> run = {process({entry(2, "a.f"), entry(9, "b.g")}),
                             process({entry(9, "b.g")})};
  EXPECT_THAT(describe_idle_suppressions(run, true),
              ElementsAre("entries of known.toml that fit no leak of this run: line 9 (top b.g)"));
  EXPECT_THAT(describe_idle_suppressions(run, false), IsEmpty());
}

TEST(RunSuppressions, WhatHasExpiredIsToldOnce) {
  std::vector<Judged> run(3, process({}, {entry(4, "a.f", "2026-01-01")}));
  EXPECT_THAT(describe_idle_suppressions(run, false),
              ElementsAre("entries of known.toml that have expired and suppress no longer: line 4 "
                          "(top a.f; until 2026-01-01)"));
}

TEST(RunSuppressions, FilesAreToldApart) {
  std::vector<Judged> run = {process({entry(2, "a.f")}, {}, "a.toml"), process({}, {}, "b.toml")};
  EXPECT_THAT(describe_idle_suppressions(run, true), testing::SizeIs(1));
  EXPECT_THAT(describe_idle_suppressions({}, true), IsEmpty());
}

TEST(RunSuppressions, ALongListIsCut) {
  std::vector<Suppression> many;
  for (std::uint32_t line = 1; line < 9; ++line) many.push_back(entry(line, "a.f"));
  EXPECT_THAT(describe_idle_suppressions(std::vector{process(many)}, true),
              ElementsAre(testing::EndsWith("line 5 (top a.f) and 3 more")));
}

}  // namespace
}  // namespace goshawk::report
