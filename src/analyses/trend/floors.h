// The floor of a series, in buckets of time: what it always comes back to. A leak raises it; load,
// bursts and the collector's sawtooth do not.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace goshawk::analyses::trend {

// The second lowest of what was seen, so that one sample that was misread makes no floor. Two of
// them merge to what one would have been.
class LowestTwo {
 public:
  void add(float value) {
    second_ = std::min(second_, std::max(lowest_, value));
    lowest_ = std::min(lowest_, value);
  }
  void merge(const LowestTwo& other) {
    add(other.lowest_);
    if (other.second_ != kNone) add(other.second_);
  }
  float floor() const { return second_ == kNone ? lowest_ : second_; }

 private:
  static constexpr float kNone = std::numeric_limits<float>::infinity();
  float lowest_ = kNone, second_ = kNone;
};

struct Floor {
  std::uint32_t bucket = 0;  // number of the bucket since the series began, at its level
  float value = 0;
};

// The latest closed buckets of one width, oldest first, and Mann and Kendall's S of them: how many
// pairs rise, less how many fall.
class FloorWindow {
 public:
  static constexpr std::size_t kCapacity = 48;

  void add(Floor floor);
  std::size_t size() const { return size_; }
  Floor operator[](std::size_t i) const { return ring_[(first_ + i) % kCapacity]; }
  std::int32_t rising_less_falling() const { return s_; }

 private:
  std::int32_t compare_with_all(float value) const;

  std::array<Floor, kCapacity> ring_{};
  std::uint32_t first_ = 0, size_ = 0;
  std::int32_t s_ = 0;
};

// A bucket that is being filled.
struct OpenBucket {
  std::optional<std::uint32_t> number;
  LowestTwo lowest;
};

}  // namespace goshawk::analyses::trend
