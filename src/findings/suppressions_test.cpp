// Which goroutines an entry is for, and that no mistake in a file hides anything.
#include "findings/suppressions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace goshawk::findings {
namespace {

using testing::HasSubstr;

SuppressionFile parse(std::string_view text) {
  auto file = parse_suppressions(text, "f.toml");
  if (!file) ADD_FAILURE() << describe(file.error());
  return file.value_or(SuppressionFile{});
}

std::string refusal(std::string_view text) {
  auto file = parse_suppressions(text, "f.toml");
  return file ? "taken" : describe(file.error());
}

Suppression only(std::string_view text) { return parse(text).entries.at(0); }

const SuppressionSubject kSubject = {
    .rule = "goroutine/mutex",
    .top = "example.com/shop.(*Stock[...]).Reserve",
    .created_by = "net/http.(*Server).Serve",
    .stack = {"sync.(*Mutex).Lock", "example.com/shop.(*Stock[...]).Reserve", "main.serve.func2"}};

TEST(Suppressions, EveryKeyOfAnEntry) {
  SuppressionFile file = parse(
      "# ours\n[[suppress]]\nreason = \"r\"\nrule = \"mutex\"\ntop = \"a.b\"\nany = \"c.*\"\n"
      "created_by = \"d\"\nuntil = 2027-06-30\n[[suppress]]\nreason = 's'\ntop = 'x'\n");
  ASSERT_EQ(file.entries.size(), 2U);
  const Suppression& first = file.entries[0];
  EXPECT_EQ(first.reason, "r");
  EXPECT_EQ(first.rule, "goroutine/mutex");
  EXPECT_EQ(first.top, "a.b");
  EXPECT_EQ(first.any, "c.*");
  EXPECT_EQ(first.created_by, "d");
  EXPECT_EQ(first.until, "2027-06-30");
  EXPECT_EQ(first.line, 2U);
  EXPECT_EQ(file.entries[1].line, 9U);
  EXPECT_TRUE(parse("").entries.empty());
}

TEST(Suppressions, AllThatAnEntrySaysMustFit) {
  auto fits = [](const std::string& entry) {
    return matches(only("[[suppress]]\nreason = \"r\"\n" + entry), kSubject);
  };
  EXPECT_TRUE(fits("rule = 'mutex'"));
  EXPECT_FALSE(fits("rule = 'rwmutex'"));
  EXPECT_TRUE(fits("top = 'example.com/shop.(*Stock[...]).Reserve'"));
  EXPECT_TRUE(fits("top = 'example.com/shop.(*Stock[go.shape.int]).Reserve'"));
  EXPECT_TRUE(fits("top = 'example.com/shop.*'"));
  EXPECT_TRUE(fits("top = '*.Reserve'"));
  EXPECT_FALSE(fits("top = 'example.com/shop.'"));
  EXPECT_FALSE(fits("top = 'sync.(*Mutex).Lock'"));
  EXPECT_TRUE(fits("any = 'sync.(*Mutex).Lock'"));
  EXPECT_TRUE(fits("any = 'net/http.*'"));
  EXPECT_TRUE(fits("any = 'main.serve.func7'"));  // closures are numbered anew by every change
  EXPECT_FALSE(fits("any = 'main.server.func2'"));
  EXPECT_TRUE(fits("created_by = 'net/*.Serve'"));
  EXPECT_FALSE(fits("created_by = 'net/http.(*Server).Serve'\nrule = 'cond'"));
}

TEST(Suppressions, ADayIsTheLastOneOnWhichItHolds) {
  Suppression entry = only("[[suppress]]\nreason='r'\ntop='x'\nuntil=2026-11-28\n");
  EXPECT_FALSE(is_expired(entry, "2026-11-27"));
  EXPECT_FALSE(is_expired(entry, "2026-11-28"));
  EXPECT_TRUE(is_expired(entry, "2026-11-29"));
  EXPECT_FALSE(is_expired(only("[[suppress]]\nreason='r'\ntop='x'\n"), "2999-01-01"));
}

TEST(Suppressions, MistakesAreRefusedWithTheirLine) {
  EXPECT_THAT(refusal("[[suppress]]\ntop = 'x'\n"), HasSubstr("f.toml:1: an entry needs a reason"));
  EXPECT_THAT(refusal("[[suppress]]\nreason = 'r'\n"), HasSubstr("would hide everything"));
  EXPECT_THAT(refusal("[[suppress]]\nreason='r'\ntopp='x'\n"), HasSubstr("f.toml:3: unknown key"));
  EXPECT_THAT(refusal("[[suppress]]\nreason='r'\nrule='mutexes'\n"), HasSubstr("no rule 'mutexes'"));
  EXPECT_THAT(refusal("[[suppress]]\nreason='r'\ntop=3\n"), HasSubstr("text in quotes"));
  EXPECT_THAT(refusal("[[suppress]]\nreason='r'\ntop='x'\nuntil='2027'\n"), HasSubstr("is a day"));
  EXPECT_THAT(refusal("[suppress]\nreason='r'\n"), HasSubstr("two brackets"));
  EXPECT_THAT(refusal("[[ignore]]\nreason='r'\n"), HasSubstr("f.toml:1: unknown key 'ignore'"));
  EXPECT_THAT(refusal("[[suppress]\n"), HasSubstr("f.toml:1"));
}

}  // namespace
}  // namespace goshawk::findings
