#include "base/nearest_word.h"

#include <gtest/gtest.h>

namespace goshawk {
namespace {

TEST(NearestWord, SlipsBeginningsAndParts) {
  std::vector<std::string_view> words = {"--all", "--format", "--min-age", "--max-age",
                                         "nil-channel"};
  EXPECT_EQ(find_nearest_word("--al", words), "--all");
  EXPECT_EQ(find_nearest_word("-all", words), "--all");
  EXPECT_EQ(find_nearest_word("--fromat", words), "--format");
  EXPECT_EQ(find_nearest_word("--MinAge", words), "--min-age");
  EXPECT_EQ(find_nearest_word("chan", words), "nil-channel");
  EXPECT_EQ(find_nearest_word("age", words), "");  // of two
  EXPECT_EQ(find_nearest_word("--x", words), "");
  EXPECT_EQ(find_nearest_word("", words), "");
  EXPECT_EQ(find_nearest_word(std::string(100'000, 'a'), words), "");
}

TEST(Lists, AreSplitAndJoined) {
  EXPECT_EQ(split_list("a, b,,c ,"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(split_list(" , ").empty());
  EXPECT_EQ(list_with_or(std::vector<std::string_view>{"text", "json", "pprof"}),
            "text, json or pprof");
  EXPECT_EQ(list_with_or(std::vector<std::string_view>{"text"}), "text");
}

}  // namespace
}  // namespace goshawk
