// What a stop is likely to take, by what there is to stop and to read.
#include "target/pause_prediction.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace goshawk::target {
namespace {

constexpr std::uint64_t kGigabyte = std::uint64_t{1} << 30;
constexpr StopSpeed kSpeed = {.twin_ns_per_page = 70, .copied_ns_per_byte = 0.5};

double ms(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

TEST(PausePrediction, OfAGigabyte) {
  PredictedPause pause = predict_pause({.threads = 10, .own_bytes = kGigabyte}, kSpeed, true);
  EXPECT_NEAR(ms(pause.twin_ns), 2.1 + 262144 * 70 / 1e6, 0.1);
  EXPECT_NEAR(ms(pause.copy_ns), 2.1 + 1.0737e9 * 0.5 / 1e6, 1);
  EXPECT_NEAR(ms(pause.track_ns), 2.1 + 1 + 262144 * 4 / 1e6, 0.1);
}

TEST(PausePrediction, HugePagesHaveFewEntries) {
  StopLoad load = {.threads = 10, .own_bytes = kGigabyte, .huge_bytes = kGigabyte};
  EXPECT_LT(ms(predict_pause(load, kSpeed, true).twin_ns), 3);
  EXPECT_GT(ms(predict_pause(load, kSpeed, true).copy_ns), 500);
}

TEST(PausePrediction, GoroutinesOnlyAreFew) {
  PredictedPause pause = predict_pause({.threads = 10, .own_bytes = kGigabyte}, kSpeed, false);
  EXPECT_LT(ms(pause.copy_ns), 3);
  EXPECT_GT(ms(pause.twin_ns), 18);
}

TEST(PausePrediction, EveryThreadCounts) {
  auto of = [](std::uint64_t threads) {
    return predict_pause({.threads = threads}, kSpeed, true).twin_ns;
  };
  EXPECT_GT(of(1000), of(10) + 10'000'000);
}

TEST(StopLoad, OfThisProcess) {
  constexpr std::size_t kBytes = 64 << 20;
  void* start = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  ASSERT_NE(start, MAP_FAILED);
  StopLoad load = read_stop_load(*ProcessDirectory::open(::getpid()));
  EXPECT_GE(load.threads, 1u);
  EXPECT_GE(load.own_bytes, kBytes);
  EXPECT_LT(load.own_bytes, kBytes + kGigabyte);
  EXPECT_LE(load.huge_bytes, load.own_bytes);
  ::munmap(start, kBytes);
}

TEST(StopSpeed, IsThatOfAMachine) {
  StopSpeed speed = measure_stop_speed();
  EXPECT_GT(speed.twin_ns_per_page, 1);
  EXPECT_LT(speed.twin_ns_per_page, 20'000);
  EXPECT_GT(speed.copied_ns_per_byte, 0.001);
  EXPECT_LT(speed.copied_ns_per_byte, 100);
}

}  // namespace
}  // namespace goshawk::target
