#include "goruntime/symbols/build_facts.h"

#include <gtest/gtest.h>

namespace goshawk::goruntime {
namespace {

TEST(BuildSettings, AreTheBuildLinesOfModinfo) {
  auto settings = parse_build_settings(
      "0w\xaf\f\x92t\b\x02path\texample.com/shop\nmod\texample.com/shop\t(devel)\t\n"
      "build\t-buildmode=pie\nbuild\t-ldflags=\"-s -w -X main.v=1\"\nbuild\tCGO_ENABLED=0\n"
      "build\tnothing\ndep\tbuild\t=\nbuild\t-tags=");
  ASSERT_EQ(settings.size(), 4u);
  EXPECT_EQ(settings[0].name, "-buildmode");
  EXPECT_EQ(settings[0].value, "pie");
  EXPECT_EQ(settings[1].value, "\"-s -w -X main.v=1\"");
  EXPECT_EQ(settings[2].name, "CGO_ENABLED");
  EXPECT_EQ(settings[3].name, "-tags");
  EXPECT_EQ(settings[3].value, "");
  EXPECT_TRUE(parse_build_settings("").empty());
}

TEST(BuildSettings, AreBounded) {
  std::string hostile;
  for (int i = 0; i < 5000; ++i) hostile += "build\ta=b\n";
  EXPECT_EQ(parse_build_settings(hostile).size(), 1000u);
}

// As in the executable of a C host with a Go library, whose data begin anywhere.
TEST(BuildInformation, StandsAtABoundaryOfTheAddressNotOfTheBytes) {
  constexpr std::string_view kMagic = "\xff Go buildinf:";
  std::vector<std::byte> bytes(100);
  std::memcpy(bytes.data() + 24, kMagic.data(), kMagic.size());
  EXPECT_EQ(find_build_information(Address(0x4008), bytes), 24u);
  EXPECT_EQ(find_build_information(Address(0x4000), bytes), std::nullopt);
  EXPECT_EQ(find_build_information(Address(0x4008), ByteView(bytes).first(24 + 13)), std::nullopt);
}

}  // namespace
}  // namespace goshawk::goruntime
