#include "goruntime/facts/g_status.h"

#include <gtest/gtest.h>

namespace goshawk::goruntime::facts {
namespace {

using snapshot::Status;

TEST(GStatus, WithAndWithoutTheScanBit) {
  EXPECT_EQ(parse_g_status(4)->status, Status::kWaiting);
  EXPECT_FALSE(parse_g_status(4)->scanning);
  EXPECT_EQ(parse_g_status(0x1004)->status, Status::kWaiting);
  EXPECT_TRUE(parse_g_status(0x1004)->scanning);
  EXPECT_EQ(parse_g_status(0x100a)->status, Status::kLeaked);
}

TEST(GStatus, OtherWordsAreNoStatus) {
  for (std::uint32_t word : {5U, 7U, 12U, 0x104U, 0x2004U, 0x80000004U, 0xffffffffU})
    EXPECT_FALSE(parse_g_status(word)) << word;
}

TEST(GStatus, EveryReleaseAgrees) {
  for (const char* text : {"go1.19.13", "go1.20.14", "go1.21.13", "go1.22.12", "go1.23.12",
                           "go1.24.13", "go1.25.14", "go1.26.11", "go1.27.4"})
    EXPECT_TRUE(check_g_statuses(*table_layout(parse_go_version(text).value(), "arm64").value()))
        << text;
}

TEST(GStatus, AMovedNumberIsRefused) {
  class Moved final : public LayoutSource {
    std::optional<std::uint64_t> size_of(std::string_view) const override { return std::nullopt; }
    std::optional<Field> field(std::string_view, std::string_view) const override {
      return std::nullopt;
    }
    std::optional<std::int64_t> constant(std::string_view name) const override {
      return name == "_Gwaiting" ? std::optional<std::int64_t>(5) : std::nullopt;
    }
    std::string origin() const override { return "test"; }
  };
  EXPECT_FALSE(check_g_statuses(Moved()));
}

}  // namespace
}  // namespace goshawk::goruntime::facts
