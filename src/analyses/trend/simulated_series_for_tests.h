// Series of which it is known whether they leak: what a sampler would see of a program in a week.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <random>
#include <string>

namespace goshawk::analyses::trend {

inline constexpr double kEverySeconds = 10, kMinute = 60, kHour = 3600, kDay = 86'400,
                        kWeek = 7 * kDay;

using Random = std::mt19937_64;
// The value at a time, which goes up from call to call.
using Series = std::function<double(double seconds, Random& random)>;

struct NamedSeries {
  std::string name;
  Series series;
};

inline Series add(Series a, Series b) {
  return [a = std::move(a), b = std::move(b)](double seconds, Random& random) {
    return a(seconds, random) + b(seconds, random);
  };
}

inline Series flat(double level) {
  return [level](double, Random&) { return level; };
}

inline Series white_noise(double deviation) {
  return [normal = std::normal_distribution<double>(0, deviation)](double, Random& random) mutable {
    return normal(random);
  };
}

// Drifts, and comes back within about `memory_seconds`.
inline Series drifting_noise(double deviation, double memory_seconds) {
  double keeps = std::exp(-kEverySeconds / memory_seconds);
  return [=, state = 0.0, normal = std::normal_distribution<double>()](double,
                                                                       Random& random) mutable {
    state = keeps * state + deviation * std::sqrt(1 - keeps * keeps) * normal(random);
    return state;
  };
}

// Of requests that are being served.
inline Series poisson(double mean) {
  return [poisson = std::poisson_distribution<int>(mean)](double, Random& random) mutable {
    return static_cast<double>(poisson(random));
  };
}

// `seconds` of `height`, now and then, that fade.
inline Series bursts(double height, double every_seconds, double seconds) {
  return [=, left = 0.0, begins = std::bernoulli_distribution(kEverySeconds / every_seconds)](
             double, Random& random) mutable {
    if (begins(random)) left = height;
    left *= std::exp(-kEverySeconds / seconds);
    return left;
  };
}

inline Series daily_wave(double height, double phase = 0) {
  return [=](double seconds, Random&) {
    return height / 2 * (1 - std::cos(2 * std::numbers::pi * (seconds / kDay + phase)));
  };
}

inline Series step(double height, double at_seconds) {
  return [=](double seconds, Random&) { return seconds < at_seconds ? 0 : height; };
}

// No tooth is quite as long as another.
inline Series sawtooth(double height, double period_seconds) {
  return [=, began = 0.0, period = period_seconds](double seconds, Random& random) mutable {
    if (seconds >= began + period) {
      began = seconds;
      period = period_seconds * std::uniform_real_distribution<double>(0.9, 1.1)(random);
    }
    return height * (seconds - began) / period_seconds;
  };
}

inline Series leak(double per_minute, double from_seconds = 0) {
  return [=](double seconds, Random&) {
    return std::floor(std::max(0.0, seconds - from_seconds) / kMinute * per_minute);
  };
}

// Busy from eight to eight, on all days but two.
inline Series working_week(double height, double begins_seconds) {
  return [=](double seconds, Random&) {
    double day = (seconds + begins_seconds) / kDay;
    double hour = std::fmod(day, 1) * 24;
    bool at_work = static_cast<int>(day) % 7 < 5;
    double share = hour < 8 || hour > 20 ? 0 : std::sin(std::numbers::pi * (hour - 8) / 12);
    return share * (at_work ? height : height / 5);
  };
}

}  // namespace goshawk::analyses::trend
