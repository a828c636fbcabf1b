#include "base/whole_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace goshawk {
namespace {

namespace fs = std::filesystem;

class WholeFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "goshawk-whole-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ / "file";
  }
  void TearDown() override { fs::remove_all(folder_); }

  static void write(const WholeFile& file, std::string_view text) {
    ASSERT_EQ(::write(file.descriptor(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  std::string content() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  fs::path folder_, path_;
};

TEST_F(WholeFileTest, AppearsAtTheEndWithItsMode) {
  auto file = WholeFile::create(path_, {.mode = 0600, .durable = true});
  ASSERT_TRUE(file);
  write(*file, "new");
  EXPECT_FALSE(fs::exists(path_));
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(content(), "new");
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(WholeFileTest, ReplacesWhatIsThereOnlyAtTheEnd) {
  std::ofstream(path_) << "old";
  fs::permissions(path_, fs::perms::all);
  {
    auto dropped = WholeFile::create(path_);
    write(*dropped, "dropped");
  }
  EXPECT_EQ(content(), "old");
  auto file = WholeFile::create(path_, {.mode = 0600});
  write(*file, "new");
  EXPECT_EQ(content(), "old");
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(content(), "new");
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(files(), 1);
}

TEST_F(WholeFileTest, MayHaveANameMeanwhile) {
  std::ofstream(path_) << "old";
  auto file = WholeFile::create(path_, {.nameless = false});
  write(*file, "new");
  EXPECT_EQ(files(), 2);
  EXPECT_EQ(content(), "old");
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(content(), "new");
  EXPECT_EQ(files(), 1);
}

// A file without a name is gone even after SIGKILL, but not every file system has such.
TEST_F(WholeFileTest, LeavesNothingBehindWhenASignalEndsUs) {
  for (bool nameless : {false, true})
    for (int signal : {SIGTERM, SIGINT, SIGHUP}) {
      pid_t child = ::fork();
      if (child == 0) {
        auto file = WholeFile::create(path_, {.nameless = nameless});
        write(*file, "half");
        ::raise(signal);
        ::_exit(0);
      }
      int status = 0;
      ::waitpid(child, &status, 0);
      EXPECT_EQ(WTERMSIG(status), signal);
      EXPECT_EQ(files(), 0) << signal;
    }
}

TEST_F(WholeFileTest, WritesDirectlyToWhatIsNoFile) {
  auto file = WholeFile::create("/dev/null");
  ASSERT_TRUE(file);
  write(*file, "gone");
  EXPECT_TRUE(file->commit());
}

TEST_F(WholeFileTest, SaysWhereItCannotWrite) {
  auto file = WholeFile::create(folder_ / "no" / "file");
  ASSERT_FALSE(file);
  EXPECT_EQ(describe(file.error()), "cannot write " + (folder_ / "no" / "file").string() +
                                        ": No such file or directory; choose another file with -o");
}

}  // namespace
}  // namespace goshawk
