#include "history/history.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace goshawk::history {
namespace {

constexpr std::int64_t kDay = 86'400, kNow = 1'800'000'000;

class HistoryTest : public testing::Test {
 protected:
  HistoryTest()
      : folder_(std::filesystem::path(testing::TempDir()) /
                ("history-" + std::to_string(::getpid()) + "-" +
                 testing::UnitTest::GetInstance()->current_test_info()->name())),
        path_((folder_ / "below" / "history.db").string()) {}
  void TearDown() override { std::filesystem::remove_all(folder_); }

  History open() {
    auto history = History::open(path_, moved_aside_);
    if (!history) throw std::runtime_error(describe(history.error()));
    return *std::move(history);
  }

  std::filesystem::path folder_;
  std::string path_, moved_aside_;
  ProcessKey key_{"boot", 4711, 99};
  SeriesKey site_{"goroutines", "main.leak", "main.go", 12};
};

std::vector<Point> replay(const History& history, const ProcessKey& key, std::int64_t since = 0) {
  std::vector<Point> points;
  EXPECT_TRUE(history.replay(
      key, since, [&](const SeriesKey&, const Point& point) { points.push_back(point); }));
  return points;
}

TEST_F(HistoryTest, KeepsWhatWasSampled) {
  {
    History history = open();
    ProcessId id = history.add_process(key_, "shop", "/usr/bin/shop", "go1.27").value();
    EXPECT_EQ(history.add_process(key_, "shop", "/usr/bin/shop", "go1.27").value(), id);
    ASSERT_TRUE(history.add_values(id, kNow, {{site_, 5}, {{"heap"}, 1e6}}));
    ASSERT_TRUE(history.add_values(id, kNow, {{site_, 6}}));  // the same minute again
    ASSERT_TRUE(history.add_values(id, kNow + 60, {{site_, 7}}));
  }
  History history = History::open_for_reading(path_).value();
  auto series = history.list_series(0).value();
  ASSERT_EQ(series.size(), 2u);
  auto& site = series[0].series.quantity == "goroutines" ? series[0] : series[1];
  EXPECT_EQ(site.program, "shop");
  EXPECT_EQ(site.series.function, "main.leak");
  EXPECT_EQ(site.first, 6);
  EXPECT_EQ(site.last, 7);
  EXPECT_EQ(history.read_points(site.id, 0).value().size(), 2u);
  EXPECT_EQ(replay(history, key_).size(), 3u);
  EXPECT_EQ(replay(history, key_, kNow + 60).size(), 1u);
  EXPECT_TRUE(replay(history, {"boot", 4711, 100}).empty());  // the number of another process
  EXPECT_TRUE(replay(history, {"other boot", 4711, 99}).empty());
}

TEST_F(HistoryTest, KeepsAlerts) {
  open().add_alert({kNow * 1'000'000'000, "shop", "f1", "proven", "text", "{}", 1}).value();
  auto alerts = open().list_alerts(kNow).value();
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].fingerprint, "f1");
  EXPECT_TRUE(open().list_alerts(kNow + 1).value().empty());
}

TEST_F(HistoryTest, ThinsOutWhatIsOldAndDropsWhatIsOlder) {
  History history = open();
  ProcessId id = history.add_process(key_, "shop", "", "").value();
  for (std::int64_t minute = 0; minute < 20; ++minute) {
    double value = 100 - static_cast<double>(minute % 10);
    std::int64_t at = kNow - kNow % 600 + minute * 60;
    ASSERT_TRUE(history.add_values(id, at - 40 * kDay, {{site_, value}}));
    ASSERT_TRUE(history.add_values(id, at - 3 * kDay, {{site_, value}}));
    ASSERT_TRUE(history.add_values(id, at - 3600, {{site_, value}}));
  }
  for (int again = 0; again < 2; ++again) {
    ASSERT_TRUE(history.prune(kNow, 30 * kDay));
    std::vector<Point> points = replay(history, key_);
    ASSERT_EQ(points.size(), 22u);
    EXPECT_EQ(points[0].value, 91);  // the lowest of its ten minutes
    EXPECT_EQ(points[1].value, 91);
  }
  ASSERT_TRUE(history.prune(kNow + 60 * kDay, 30 * kDay));
  EXPECT_TRUE(history.list_series(0).value().empty());
}

TEST_F(HistoryTest, MovesABrokenFileAside) {
  open().add_alert({kNow, "shop", "f1", "proven", "", "{}", 1}).value();
  std::filesystem::resize_file(path_, 5000);
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file << std::string(4000, 'x');
  }
  History history = open();
  EXPECT_FALSE(moved_aside_.empty());
  EXPECT_TRUE(std::filesystem::exists(moved_aside_));
  EXPECT_TRUE(history.list_alerts(0).value().empty());
  EXPECT_TRUE(history.add_alert({kNow, "shop", "f2", "proven", "", "{}", 1}));
}

TEST_F(HistoryTest, MovesWhatIsNoDatabaseAside) {
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path());
  std::ofstream(path_) << "a letter to somebody else, and long enough to have a head of 100 bytes. "
                          "It is no database at all.";
  open();
  EXPECT_TRUE(std::filesystem::exists(moved_aside_));
}

TEST_F(HistoryTest, RefusesWhatIsNewer) {
  open();
  ASSERT_TRUE(Database::open(path_, true)->run("PRAGMA user_version = 99"));
  auto refused = History::open(path_, moved_aside_);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(std::holds_alternative<Usage>(refused.error()));
  EXPECT_TRUE(moved_aside_.empty());
  EXPECT_FALSE(History::open_for_reading(path_));
}

TEST_F(HistoryTest, SaysThatThereIsNone) {
  auto none = History::open_for_reading(path_);
  ASSERT_FALSE(none);
  EXPECT_TRUE(std::holds_alternative<Missing>(none.error()));
}

// Killed at a random moment while it writes, again and again: whole minutes are there, and nothing
// is broken.
TEST_F(HistoryTest, SurvivesAKillAtAnyMoment) {
  for (int round = 0; round < 12; ++round) {
    pid_t writer = ::fork();
    if (writer == 0) {
      History history = open();
      ProcessId id = history.add_process(key_, "shop", "", "").value_or(0);
      for (std::int64_t minute = 0;; ++minute) {
        std::int64_t at = kNow + std::int64_t{round} * 1'000'000 + minute;
        if (!history.add_values(id, at, {{site_, 1}, {{"heap"}, 2}, {{"resident"}, 3}})) ::_exit(1);
      }
    }
    ::usleep(static_cast<useconds_t>(3000 + round * 2500));
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
    History history = open();
    ASSERT_TRUE(moved_aside_.empty());
    ASSERT_EQ(replay(history, key_).size() % 3, 0u);
  }
  EXPECT_FALSE(replay(open(), key_).empty());
}

TEST_F(HistoryTest, GoesOnWhenThereIsRoomAgain) {
  History history = open();
  ProcessId id = history.add_process(key_, "shop", "", "").value();
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  bool written = history.add_values(id, kNow, {{site_, 1}}).has_value();
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(written);
  ASSERT_TRUE(history.add_values(id, kNow + 60, {{site_, 2}}));
  EXPECT_EQ(replay(history, key_).size(), 1u);
}

TEST_F(HistoryTest, IsSharedByTwoWatchers) {
  History one = open(), other = open();
  ProcessId id = one.add_process(key_, "shop", "", "").value();
  ASSERT_TRUE(other.add_values(id, kNow, {{site_, 1}}));
  ASSERT_TRUE(one.add_values(id, kNow + 60, {{site_, 2}}));
  EXPECT_EQ(replay(other, key_).size(), 2u);
}

TEST(UsualPath, IsWhereStateBelongs) {
  ::setenv("XDG_STATE_HOME", "/state", 1);
  EXPECT_EQ(usual_path(), "/state/goshawk/history.db");
  ::setenv("XDG_STATE_HOME", "", 1);
  ::setenv("HOME", "/home/somebody", 1);
  EXPECT_EQ(usual_path(), "/home/somebody/.local/state/goshawk/history.db");
  ::unsetenv("HOME");
  EXPECT_EQ(usual_path(), "");
}

}  // namespace
}  // namespace goshawk::history
