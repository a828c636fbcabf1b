#include "goruntime/facts/layout_choice.h"

#include <gtest/gtest.h>

namespace goshawk::goruntime {
namespace {

// Knows one structure with one field, and one constant.
class OneStructure final : public LayoutSource {
 public:
  OneStructure(std::string type, std::uint32_t offset) : type_(std::move(type)), offset_(offset) {}
  std::optional<std::uint64_t> size_of(std::string_view type) const override {
    return type == type_ ? std::optional<std::uint64_t>(64) : std::nullopt;
  }
  std::optional<Field> field(std::string_view type, std::string_view name) const override {
    if (type != type_ || name != "x") return std::nullopt;
    return Field{offset_, 8};
  }
  std::optional<std::int64_t> constant(std::string_view name) const override {
    return name == type_ + "Constant" ? std::optional<std::int64_t>(offset_) : std::nullopt;
  }
  std::string origin() const override { return type_; }

 private:
  std::string type_;
  std::uint32_t offset_;
};

TEST(LayoutChoice, SecondAnswersOnlyForTypesThatTheFirstLacks) {
  auto both = combined_layout(std::make_unique<OneStructure>("a", 8),
                              std::make_unique<OneStructure>("b", 16));
  EXPECT_EQ(both->field("a", "x")->offset, 8U);
  EXPECT_EQ(both->field("b", "x")->offset, 16U);
  EXPECT_FALSE(both->field("c", "x"));
  EXPECT_EQ(both->size_of("b"), 64U);
  EXPECT_EQ(both->constant("bConstant"), 16);
}

TEST(LayoutChoice, AFieldThatTheFirstSourceLacksDoesNotExist) {
  class Known final : public LayoutSource {
    std::optional<std::uint64_t> size_of(std::string_view) const override { return 8; }
    std::optional<Field> field(std::string_view, std::string_view) const override {
      return std::nullopt;
    }
    std::optional<std::int64_t> constant(std::string_view) const override { return std::nullopt; }
    std::string origin() const override { return "known"; }
  };
  auto both = combined_layout(std::make_unique<Known>(), std::make_unique<OneStructure>("a", 8));
  EXPECT_FALSE(both->field("a", "x"));
}

TEST(LayoutChoice, WithoutAFileTheTableAnswers) {
  auto source = choose_layout(nullptr, parse_go_version("go1.27.4").value(), "arm64");
  ASSERT_TRUE(source);
  EXPECT_EQ((*source)->origin(), "table go1.27.4 arm64");
  EXPECT_FALSE(choose_layout(nullptr, parse_go_version("go1.99").value(), "arm64"));
}

}  // namespace
}  // namespace goshawk::goruntime
