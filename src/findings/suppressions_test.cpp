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

// All are of the kind that the command line's own mistakes are of.
std::string refusal(std::string_view text) {
  auto file = parse_suppressions(text, "f.toml");
  if (file) return "taken";
  EXPECT_TRUE(std::holds_alternative<Usage>(file.error()));
  return describe(file.error());
}

std::string refusal_of_entry(const std::string& rest) {
  return refusal("[[suppress]]\nreason = 'r'\n" + rest);
}

Suppression entry_of(const std::string& rest) {
  return parse("[[suppress]]\nreason = 'r'\n" + rest).entries.at(0);
}

// As normalize_function() gives the names.
const SuppressionSubject kSubject = {
    .rule = "goroutine/mutex",
    .top = "example.com/shop.(*Stock[...]).Reserve",
    .created_by = "net/http.(*Server).Serve",
    .stack = {"sync.(*Mutex).Lock", "example.com/shop.(*Stock[...]).Reserve", "main.serve.func"}};

bool fits(const std::string& rest) { return matches(entry_of(rest), kSubject); }

TEST(Suppressions, EveryKeyOfAnEntry) {
  SuppressionFile file = parse(
      "# ours\n[[suppress]]\nreason = \"r\"\nrule = \"mutex\"\ntop = \"a.b\"\nany = \"c.*\"\n"
      "created_by = \"d\"\nuntil = 2027-06-30\n[[suppress]]\nreason = 's'\ntop = 'x'\n");
  ASSERT_EQ(file.entries.size(), 2U);
  EXPECT_EQ(file.path, "f.toml");
  const Suppression& first = file.entries[0];
  EXPECT_EQ(first.reason, "r");
  EXPECT_EQ(first.rule, "goroutine/mutex");
  EXPECT_EQ(first.top.text(), "a.b");
  EXPECT_EQ(first.any.text(), "c.*");
  EXPECT_EQ(first.created_by.text(), "d");
  EXPECT_EQ(first.until, "2027-06-30");
  EXPECT_EQ(first.line, 2U);
  EXPECT_EQ(file.entries[1].line, 9U);
  EXPECT_EQ(describe(first), "rule goroutine/mutex, top a.b, any c.*, created_by d");
  EXPECT_TRUE(parse("").entries.empty());
}

TEST(Suppressions, EachKeyMatchesItsOwn) {
  EXPECT_TRUE(fits("rule = 'mutex'"));
  EXPECT_TRUE(fits("rule = 'goroutine/mutex'"));
  EXPECT_FALSE(fits("rule = 'rwmutex'"));
  EXPECT_TRUE(fits("top = 'example.com/shop.(*Stock[...]).Reserve'"));
  EXPECT_FALSE(fits("top = 'sync.(*Mutex).Lock'"));
  EXPECT_FALSE(fits("top = 'net/http.(*Server).Serve'"));
  EXPECT_TRUE(fits("any = 'sync.(*Mutex).Lock'"));
  EXPECT_TRUE(fits("any = 'main.serve.func7'"));
  EXPECT_TRUE(fits("any = 'net/http.*'"));  // the creator
  EXPECT_FALSE(fits("any = 'net/smtp.*'"));
  EXPECT_TRUE(fits("created_by = 'net/http.(*Server).Serve'"));
  EXPECT_FALSE(fits("created_by = 'main.serve.func1'"));
}

TEST(Suppressions, AllThatAnEntrySaysMustFit) {
  EXPECT_TRUE(fits("rule = 'mutex'\ntop = '*.Reserve'\nany = 'main.*'\ncreated_by = 'net/*'"));
  EXPECT_FALSE(fits("rule = 'cond'\ntop = '*.Reserve'\nany = 'main.*'\ncreated_by = 'net/*'"));
  EXPECT_FALSE(fits("rule = 'mutex'\ntop = '*.Give'\nany = 'main.*'\ncreated_by = 'net/*'"));
  EXPECT_FALSE(fits("rule = 'mutex'\ntop = '*.Reserve'\nany = 'mine.*'\ncreated_by = 'net/*'"));
  EXPECT_FALSE(fits("rule = 'mutex'\ntop = '*.Reserve'\nany = 'main.*'\ncreated_by = 'os/*'"));
}

TEST(Suppressions, AFunctionThatIsNotKnownFitsNoPattern) {
  SuppressionSubject bare = {.rule = "goroutine/mutex", .top = "", .created_by = "", .stack = {}};
  EXPECT_TRUE(matches(entry_of("rule = 'mutex'"), bare));
  for (const char* key : {"top", "any", "created_by"})
    EXPECT_FALSE(matches(entry_of(std::string(key) + " = 'main.*'"), bare)) << key;
}

TEST(Suppressions, ADayIsTheLastOneOnWhichItHolds) {
  Suppression entry = entry_of("top='x'\nuntil=2026-11-28\n");
  EXPECT_FALSE(is_expired(entry, "2026-11-27"));
  EXPECT_FALSE(is_expired(entry, "2026-11-28"));
  EXPECT_TRUE(is_expired(entry, "2026-11-29"));
  EXPECT_TRUE(is_expired(entry, "2026-12-01"));
  EXPECT_FALSE(is_expired(entry_of("top='x'\nuntil=2026-09-30\n"), "2026-09-09"));
  EXPECT_FALSE(is_expired(entry_of("top='x'\n"), "2999-01-01"));
}

TEST(Suppressions, MistakesAreRefusedWithTheirLine) {
  EXPECT_THAT(refusal("[[suppress]]\ntop = 'x'\n"),
              HasSubstr("f.toml:1: an entry without a reason; add reason"));
  EXPECT_THAT(refusal_of_entry("reason = ' '\n"), HasSubstr("f.toml:3: "));  // a key twice
  EXPECT_THAT(refusal("[[suppress]]\nreason = ' '\n"),
              HasSubstr("f.toml:2: \"reason\" is no text"));
  EXPECT_THAT(refusal_of_entry(""), HasSubstr("f.toml:1: an entry that fits everything"));
  EXPECT_THAT(refusal_of_entry("until = 2027-01-01"), HasSubstr("fits everything"));
  EXPECT_THAT(refusal_of_entry("any = '*'"), HasSubstr("f.toml:3: \"*\" fits every function"));
  EXPECT_THAT(refusal_of_entry("top = 3"), HasSubstr("f.toml:3: \"top\" is no text; write top"));
  EXPECT_THAT(refusal("[suppress]\nreason='r'\n"), HasSubstr("in two brackets"));
  EXPECT_THAT(refusal("suppress = [1]\n"), HasSubstr("in two brackets"));
  EXPECT_THAT(refusal("[[ignore]]\nreason='r'\n"), HasSubstr("f.toml:1: unknown key \"ignore\""));
  EXPECT_THAT(refusal("\n\n[[suppress]\n"), HasSubstr("f.toml:3: "));
  EXPECT_THAT(refusal("[[suppress]]\nreason = '\xff'\n"),
              HasSubstr("f.toml:2: a character that is not ASCII"));
  EXPECT_EQ(parse("[[suppress]]\nreason = \"\\u00e9\"\ntop = 'x'\n").entries.at(0).reason,
            "\u00e9");
}

TEST(Suppressions, NoNameInBracketsIsRefusedWithItsLine) {
  for (const char* brackets : {"[*]", "[[,", "[ !suppress]", "[[\x01"})
    for (const char* rest : {"", "\n", "\n[[also]]\n[*]\n"})
      EXPECT_THAT(refusal("# ours\n\n[a]\nb = '''\n[*]\n'''\n" + std::string(brackets) + rest),
                  HasSubstr("f.toml:7: no name in the brackets"))
          << brackets << rest;
}

TEST(Suppressions, WhatMayHaveBeenMeantIsSaid) {
  EXPECT_THAT(refusal_of_entry("createdby = 'x'"),
              HasSubstr("f.toml:3: unknown key \"createdby\"; did you mean created_by?"));
  EXPECT_THAT(refusal_of_entry("function = 'x'"), HasSubstr("an entry has reason, rule, top, any"));
  EXPECT_THAT(refusal_of_entry("rule = 'goroutine/mutx'"),
              HasSubstr("f.toml:3: there is no rule \"goroutine/mutx\"; did you mean mutex?"));
  EXPECT_THAT(refusal_of_entry("rule = 'nonsense'"), HasSubstr("`goshawk explain` lists them"));
}

TEST(Suppressions, OnlyADayIsADay) {
  for (const char* day : {"'2027-06-30'", "2027", "2027-06-30T10:00:00", "12:00:00"})
    EXPECT_THAT(refusal_of_entry("top='x'\nuntil=" + std::string(day)),
                HasSubstr("f.toml:4: \"until\" is no day; write until = 2027-06-30"))
        << day;
  for (const char* day : {"2027-02-30", "2027-13-01", "2027-6-30"})
    EXPECT_THAT(refusal_of_entry("top='x'\nuntil=" + std::string(day)), HasSubstr("f.toml:4: "))
        << day;
}

TEST(Suppressions, TooManyEntriesAreRefused) {
  std::string text;
  for (int i = 0; i < 10'001; ++i) text += "[[suppress]]\nreason='r'\ntop='x'\n";
  EXPECT_THAT(refusal(text), HasSubstr("more than 10000 entries"));
}

}  // namespace
}  // namespace goshawk::findings
