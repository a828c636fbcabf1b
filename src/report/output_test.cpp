#include "report/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace goshawk::report {
namespace {

namespace fs = std::filesystem;

class OutputTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "goshawk-output-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string content(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  fs::path folder_;
};

TEST_F(OutputTest, AFileAppearsWholeAtTheEnd) {
  fs::path path = folder_ / "out.json";
  auto output = FileOutput::to_file(path);
  ASSERT_TRUE(output.has_value());
  (*output)->write(std::string(200'000, 'x'));
  EXPECT_FALSE(fs::exists(path));
  ASSERT_TRUE((*output)->finish().has_value());
  EXPECT_EQ(content(path).size(), 200'000u);
  output->reset();
  EXPECT_EQ(files(), 1u);
}

TEST_F(OutputTest, WithoutFinishTheOldFileStays) {
  fs::path path = folder_ / "out";
  std::ofstream(path) << "old";
  {
    auto output = FileOutput::to_file(path);
    ASSERT_TRUE(output.has_value());
    (*output)->write("new");
  }
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(OutputTest, KeepsThePermissionsOfTheFileItReplaces) {
  fs::path path = folder_ / "out";
  std::ofstream(path) << "old";
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  auto output = FileOutput::to_file(path);
  (*output)->write("new");
  ASSERT_TRUE((*output)->finish().has_value());
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(OutputTest, ALinkKeepsPointingAtTheFile) {
  std::ofstream(folder_ / "real") << "old";
  fs::create_symlink("real", folder_ / "link");
  auto output = FileOutput::to_file(folder_ / "link");
  (*output)->write("new");
  ASSERT_TRUE((*output)->finish().has_value());
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(content(folder_ / "real"), "new");
}

TEST_F(OutputTest, AFolderThatIsNotThereIsAnError) {
  auto output = FileOutput::to_file(folder_ / "no" / "out");
  ASSERT_FALSE(output.has_value());
  EXPECT_NE(describe(output.error()).find("No such file"), std::string::npos);
}

TEST_F(OutputTest, AFullDiskIsAnError) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "needs /dev/full";
  auto output = FileOutput::to_file("/dev/full");
  ASSERT_TRUE(output.has_value());
  (*output)->write("x");
  auto finished = (*output)->finish();
  ASSERT_FALSE(finished.has_value());
  EXPECT_NE(describe(finished.error()).find("No space left"), std::string::npos);
  EXPECT_FALSE((*output)->reader_has_gone());
}

TEST_F(OutputTest, AClosedPipeIsAQuietEnd) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  auto output = FileOutput::to_descriptor(ends[1], "standard output");
  output->write(std::string(100'000, 'x'));
  EXPECT_FALSE(output->usable());
  EXPECT_FALSE(output->finish().has_value());
  EXPECT_TRUE(output->reader_has_gone());
  ::close(ends[1]);
}

}  // namespace
}  // namespace goshawk::report
