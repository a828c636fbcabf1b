// Series whose truth is known. GOSHAWK_TEST_SERIES: how many weeks of each kind of noise, and how
// many of each other kind; script/test-all has a thousand.
#include "analyses/trend/trend.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "analyses/trend/simulated_series_for_tests.h"

namespace goshawk::analyses::trend {
namespace {

int count_of_series(int few) {
  const char* many = std::getenv("GOSHAWK_TEST_SERIES");
  return many == nullptr ? few : std::atoi(many);
}

struct Seen {
  std::optional<double> rising_at, growing_at;
  Growth growth;
};

Seen watch(const Series& series, double seconds, std::uint64_t seed) {
  Random random(seed);
  Trend trend(Expected{.every_seconds = kEverySeconds});
  Seen seen;
  for (double at = 0; at < seconds; at += kEverySeconds) {
    if (!trend.add(at, series(at, random)) || !trend.growth()) continue;
    seen.growth = *trend.growth();
    if (!seen.rising_at) seen.rising_at = at;
    if (!seen.growing_at && seen.growth.grade == Grade::kGrowing) seen.growing_at = at;
  }
  return seen;
}

double draw(std::uint64_t seed, double low, double high) {
  Random random(seed * 7919 + 1);
  return std::uniform_real_distribution<double>(low, high)(random);
}

Series noise_of_20() { return add(flat(100), white_noise(20)); }

TEST(Trend, SeesNoRiseInAWeekOfNoise) {
  int count = count_of_series(5);
  for (int seed = 0; seed < count; ++seed)
    EXPECT_FALSE(watch(noise_of_20(), kWeek, seed).rising_at) << seed;
}

TEST(Trend, SeesNoRiseInRequestsAndBursts) {
  int count = count_of_series(2);
  for (int seed = 0; seed < count; ++seed) {
    EXPECT_FALSE(watch(poisson(draw(seed, 20, 500)), kWeek, seed).rising_at) << seed;
    Series bursty =
        add(add(flat(100), white_noise(5)),
            bursts(draw(seed, 50, 2000), draw(seed + 1, 600, 20'000), draw(seed + 2, 30, 3000)));
    EXPECT_FALSE(watch(bursty, kWeek, seed).rising_at) << seed;
  }
}

TEST(Trend, CallsNoDriftGrowth) {
  int count = count_of_series(2);
  for (int seed = 0; seed < count; ++seed)
    EXPECT_FALSE(watch(add(flat(200), drifting_noise(20, draw(seed, 300, 6 * kHour))), kWeek, seed)
                     .growing_at)
        << seed;
}

TEST(Trend, SeesNoRiseInAStep) {
  int count = count_of_series(4);
  for (int seed = 0; seed < count; ++seed) {
    Series stepping = add(noise_of_20(), step(draw(seed, 20, 2000), draw(seed + 1, 0, 4 * kDay)));
    EXPECT_FALSE(watch(stepping, 4 * kDay, seed).rising_at) << seed;
  }
}

TEST(Trend, SeesNoRiseInTheCollectorsSawtooth) {
  int count = count_of_series(4);
  for (int seed = 0; seed < count; ++seed) {
    Series heap = add(flat(1e8), add(white_noise(1e6), sawtooth(1e8, draw(seed, 20, 120))));
    EXPECT_FALSE(watch(heap, 4 * kDay, seed).rising_at) << seed;
  }
}

TEST(Trend, CallsNoLoadOfADayGrowth) {
  int count = count_of_series(2);
  for (int seed = 0; seed < count; ++seed) {
    Series wave = add(noise_of_20(), daily_wave(500, draw(seed, 0, 1)));
    EXPECT_FALSE(watch(wave, 4 * kDay, seed).growing_at) << seed;
  }
}

TEST(Trend, CallsNoMondayGrowth) {
  int count = count_of_series(1);
  for (int seed = 0; seed < count; ++seed) {
    Series week = add(add(flat(100), white_noise(10)), working_week(500, draw(seed, 0, 7) * kDay));
    EXPECT_FALSE(watch(week, 10 * kDay, seed).growing_at) << seed;
  }
}

TEST(Trend, SeesALeakOfOneAMinuteWithinTwoHours) {
  int count = count_of_series(10);
  for (int seed = 0; seed < count; ++seed) {
    Seen seen = watch(add(noise_of_20(), leak(1)), 3 * kHour, seed);
    ASSERT_TRUE(seen.rising_at) << seed;
    EXPECT_LE(*seen.rising_at, 2 * kHour) << seed;
    EXPECT_NEAR(seen.growth.per_second * kMinute, 1, 0.2) << seed;
    EXPECT_LE(seen.growth.since_seconds, kHour) << seed;
  }
}

TEST(Trend, CallsALeakGrowthWithinTwoHoursAfterAFlatDay) {
  int count = count_of_series(4);
  for (int seed = 0; seed < count; ++seed) {
    Seen seen = watch(add(noise_of_20(), leak(1, 30 * kHour)), 33 * kHour, seed);
    ASSERT_TRUE(seen.growing_at) << seed;
    EXPECT_GE(*seen.rising_at, 30 * kHour) << seed;
    EXPECT_LE(*seen.growing_at, 32 * kHour) << seed;
  }
}

TEST(Trend, CallsALeakUnderADailyWaveGrowthOnTheSecondDay) {
  int count = count_of_series(2);
  for (int seed = 0; seed < count; ++seed) {
    Series series = add(add(noise_of_20(), daily_wave(500, draw(seed, 0, 1))), leak(1));
    Seen seen = watch(series, 2 * kDay, seed);
    ASSERT_TRUE(seen.growing_at) << seed;
    EXPECT_LE(*seen.growing_at, 2 * kDay) << seed;
  }
}

TEST(Trend, SeesALeakOfOneInTenMinutesWithinADay) {
  int count = count_of_series(3);
  for (int seed = 0; seed < count; ++seed) {
    Seen seen = watch(add(noise_of_20(), leak(0.1)), 2 * kDay, seed);
    ASSERT_TRUE(seen.rising_at) << seed;
    EXPECT_LE(*seen.rising_at, kDay) << seed;
  }
}

// A service that is restarted every five hours, and takes ten minutes to fill its pools.
TEST(Trend, ForgetsAtARestart) {
  Random random(1);
  std::normal_distribution<double> noise(0, 20);
  Trend trend(Expected{.every_seconds = kEverySeconds});
  for (double at = 0; at < 2 * kDay; at += kEverySeconds) {
    double age = std::fmod(at, 5 * kHour);
    if (age == 0) trend.restart();
    trend.add(at, 300 * std::min(1.0, age / (10 * kMinute)) + noise(random));
    EXPECT_FALSE(trend.growth()) << at;
  }
}

TEST(Trend, SeesALeakAgainAfterARestart) {
  Trend trend(Expected{.every_seconds = kEverySeconds});
  double at = 0;
  for (; at < 2 * kHour; at += kEverySeconds) trend.add(at, std::floor(at / kMinute));
  ASSERT_TRUE(trend.growth());
  trend.restart();
  EXPECT_FALSE(trend.growth());
  double restarted = at;
  for (; at < restarted + 2 * kHour; at += kEverySeconds)
    trend.add(at, std::floor((at - restarted) / kMinute));
  ASSERT_TRUE(trend.growth());
  EXPECT_GE(trend.growth()->since_seconds, restarted);
}

TEST(Trend, IsOverWhenTheGrowthIs) {
  Random random(1);
  std::normal_distribution<double> noise(0, 5);
  Trend trend(Expected{.every_seconds = kEverySeconds});
  double at = 0;
  for (; at < 2 * kHour; at += kEverySeconds) trend.add(at, at / kMinute + noise(random));
  ASSERT_TRUE(trend.growth());
  for (; at < 14 * kHour; at += kEverySeconds) trend.add(at, 120 + noise(random));
  EXPECT_FALSE(trend.growth());
}

TEST(Trend, TakesNoTimeThatGoesBackAndNoNumberThatIsNone) {
  Trend trend(Expected{.every_seconds = kEverySeconds});
  for (double at = 0; at < 2 * kHour; at += kEverySeconds) {
    trend.add(at, at / kMinute);
    EXPECT_FALSE(trend.add(at - 1000, 5e6));
    EXPECT_FALSE(trend.add(at + 1, std::nan("")));
  }
  ASSERT_TRUE(trend.growth());
  EXPECT_NEAR(trend.growth()->per_second * kMinute, 1, 0.1);
}

TEST(Trend, BridgesTheTimeInWhichNobodyLooked) {
  Trend trend(Expected{.every_seconds = kEverySeconds});
  for (double at = 0; at < 4 * kHour; at += kEverySeconds)
    if (std::fmod(at, kHour) < 40 * kMinute) trend.add(at, std::floor(at / kMinute));
  ASSERT_TRUE(trend.growth());
  EXPECT_NEAR(trend.growth()->per_second * kMinute, 1, 0.1);
}

// As a history replays it: the lowest of each minute.
TEST(Trend, IsContentWithASampleAMinute) {
  Random random(1);
  Series series = add(noise_of_20(), leak(1));
  Trend trend(Expected{.every_seconds = kEverySeconds});
  double at = 0;
  for (; at < 2 * kHour && !trend.growth(); at += kMinute) {
    double lowest = series(at, random);
    for (int i = 1; i < 6; ++i) lowest = std::min(lowest, series(at + i * kEverySeconds, random));
    trend.add(at, lowest);
  }
  EXPECT_LE(at, 2 * kHour);
  EXPECT_TRUE(trend.growth());
}

TEST(Trend, SeesAFastLeakInSecondsWhenSampledOften) {
  Trend trend(Expected{.every_seconds = 0.1});
  double at = 0;
  for (; !trend.growth() && at < 60; at += 0.1) trend.add(at, std::floor(at * 20));
  EXPECT_LT(at, 10);
  EXPECT_NEAR(trend.growth()->per_second, 20, 2);
}

TEST(Trend, MisreadsOneSampleWithoutHarm) {
  Trend trend(Expected{.every_seconds = kEverySeconds});
  int number = 0;
  for (double at = 0; at < 2 * kHour; at += kEverySeconds)
    trend.add(at, ++number % 50 == 0 ? 0 : at / kMinute);
  EXPECT_TRUE(trend.growth());
}

TEST(Trend, KnowsWhenALimitIsReached) {
  Growth growth{.per_second = 2, .level = 100};
  EXPECT_EQ(predict_seconds_until(growth, 200), 50);
  EXPECT_FALSE(predict_seconds_until(growth, 50));
}

TEST(FloorWindow, KeepsTheCountOfPairsWhileItSlides) {
  Random random(3);
  FloorWindow window;
  for (std::uint32_t bucket = 0; bucket < 200; ++bucket) {
    window.add({bucket, static_cast<float>(random() % 7)});
    std::int32_t expected = 0;
    for (std::size_t i = 0; i < window.size(); ++i)
      for (std::size_t j = i + 1; j < window.size(); ++j)
        expected += (window[j].value > window[i].value) - (window[j].value < window[i].value);
    ASSERT_EQ(window.rising_less_falling(), expected);
  }
}

TEST(LowestTwo, MergeAsIfSeenTogether) {
  LowestTwo a, b;
  for (float value : {5.0F, 3.0F}) a.add(value);
  for (float value : {4.0F, 9.0F}) b.add(value);
  a.merge(b);
  EXPECT_EQ(a.floor(), 4);
  LowestTwo one;
  one.add(7);
  EXPECT_EQ(one.floor(), 7);
}

}  // namespace
}  // namespace goshawk::analyses::trend
