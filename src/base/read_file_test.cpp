#include "base/read_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace goshawk {
namespace {

using testing::HasSubstr;

class ReadFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "goshawk-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file_of(std::size_t size_bytes) const {
    std::string path = folder_ / "file";
    std::ofstream(path, std::ios::binary) << std::string(size_bytes, 'x');
    return path;
  }
  static std::string refusal(const std::string& path, std::uint64_t most_bytes) {
    auto text = read_file(path, most_bytes, "do this");
    if (text) return "taken";
    EXPECT_TRUE(std::holds_alternative<Usage>(text.error()));
    return describe(text.error());
  }

  std::filesystem::path folder_;
};

TEST_F(ReadFile, UpToTheLimit) {
  for (std::size_t size_bytes : {std::size_t{0}, std::size_t{1}, std::size_t{1 << 16},
                                 std::size_t{(1 << 16) + 1}, std::size_t{200'000}}) {
    auto text = read_file(file_of(size_bytes), size_bytes, "");
    ASSERT_TRUE(text);
    EXPECT_EQ(*text, std::string(size_bytes, 'x'));
  }
  EXPECT_THAT(refusal(file_of(2049), 2048),
              HasSubstr("file cannot be read: it is longer than 2 KB; do this"));
}

TEST_F(ReadFile, WhatHasNoEndIsRefused) {
  EXPECT_THAT(refusal("/dev/zero", 4096), HasSubstr("longer than 4 KB"));
}

TEST_F(ReadFile, WhatIsNotThereOrNoFile) {
  EXPECT_EQ(refusal(folder_ / "none", 10),
            (folder_ / "none").string() + " cannot be read: No such file or directory; do this");
  EXPECT_THAT(refusal(folder_, 10), HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace goshawk
