#include "findings/function_pattern.h"

#include <gtest/gtest.h>

#include "findings/function_name.h"

namespace goshawk::findings {
namespace {

bool fits(const std::string& pattern, std::string_view function) {
  return FunctionPattern(pattern).fits(normalize_function(function));
}

TEST(FunctionPattern, WithoutAStarItIsTheWholeName) {
  EXPECT_TRUE(fits("main.work", "main.work"));
  EXPECT_FALSE(fits("main.work", "main.worker"));
  EXPECT_FALSE(fits("main.work", "x/main.work"));
  EXPECT_FALSE(fits("main.work", ""));
  EXPECT_TRUE(fits("", "main.work"));
}

TEST(FunctionPattern, AStarIsAnyTextAlsoNone) {
  EXPECT_TRUE(fits("net/*.Serve", "net/http.(*Server).Serve"));
  EXPECT_TRUE(fits("*.Serve", "net/http.(*Server).Serve"));
  EXPECT_TRUE(fits("net/http.*", "net/http.(*Server).Serve"));
  EXPECT_TRUE(fits("net/http.*", "net/http."));
  EXPECT_FALSE(fits("net/*.Serve", "net/http.(*Server).Serve2"));
  EXPECT_TRUE(fits("a*b*c", "a.b.b.c"));
  EXPECT_TRUE(fits("a**c", "ac"));
  EXPECT_FALSE(fits("a*b*c", "a.c.b"));
  EXPECT_FALSE(fits("ab*ba", "aba"));  // no letter is used twice
  EXPECT_FALSE(fits("a*ab", "ab"));
}

TEST(FunctionPattern, TheStarOfAReceiverMeansItself) {
  EXPECT_TRUE(fits("main.(*Pool).run", "main.(*Pool).run"));
  EXPECT_FALSE(fits("main.(*Pool).run", "main.(*ConnPool).run"));
  EXPECT_TRUE(fits("main.(**Pool).run", "main.(*ConnPool).run"));
  EXPECT_TRUE(fits("main.(*Pool).*", "main.(*Pool).run.func1"));
  EXPECT_FALSE(fits("main.(*Pool).*", "main.(*ConnPool).run.func1"));
}

TEST(FunctionPattern, WhatChangesFromBuildToBuildDoesNotCount) {
  EXPECT_TRUE(fits("main.serve.func2", "main.serve.func7"));
  EXPECT_TRUE(fits("main.(*Stock[go.shape.int]).Reserve", "main.(*Stock[...]).Reserve"));
  EXPECT_TRUE(fits("main.(*Stock[...]).Reserve", "main.(*Stock[go.shape.string]).Reserve"));
  EXPECT_FALSE(fits("main.serve.func2", "main.server.func2"));
}

TEST(FunctionPattern, OnlyStarsLeaveNothingOut) {
  EXPECT_TRUE(FunctionPattern("**").fits_everything());
  EXPECT_TRUE(FunctionPattern("").fits_everything());
  EXPECT_FALSE(FunctionPattern("*.f").fits_everything());
}

}  // namespace
}  // namespace goshawk::findings
