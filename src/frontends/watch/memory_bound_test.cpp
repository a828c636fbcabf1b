// A watcher is left on for months: what it remembers must not grow with the number of samples.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstddef>

#include "frontends/watch/watched_process.h"

// There where a sanitizer has its own allocator, of which malloc.h knows nothing.
extern "C" [[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();

namespace goshawk::frontends::watch {
namespace {

std::int64_t count_live_bytes() {
  return static_cast<std::int64_t>(__sanitizer_get_current_allocated_bytes != nullptr
                                       ? __sanitizer_get_current_allocated_bytes()
                                       : ::mallinfo2().uordblks);
}

// Goroutines of one site that come and go.
class NoisySource final : public SampleSource {
 public:
  const ProcessName& process() const override { return process_; }
  bool has_ended() const override { return false; }
  const SeriesKey& series(SeriesNumber number) const override { return keys_[number]; }
  Result<std::vector<SeriesValue>> read() override {
    double noise = ++samples_ * 7919 % 101;
    return std::vector<SeriesValue>{{0, 150 + noise}, {1, 50 + noise}};
  }

 private:
  std::uint32_t samples_ = 0;
  ProcessName process_;
  std::vector<SeriesKey> keys_{
      {Quantity::kAllGoroutines, {}},
      {Quantity::kGoroutines, {.function = "main.f", .file = "main.go", .line = 1}}};
};

TEST(WatchedProcess, RemembersNoMoreAfterAMillionSamples) {
  WatchedProcess process(std::make_unique<NoisySource>(), 10);
  std::int64_t sample = 0;
  auto sample_until = [&](std::int64_t end) {
    for (; sample < end; ++sample) process.sample(10.0 * static_cast<double>(sample));
  };
  sample_until(100'000);  // eleven days: the day's pattern and most widths of buckets are there
  std::int64_t bytes_early = count_live_bytes();
  ASSERT_GT(bytes_early, 0);
  sample_until(1'000'000);
  EXPECT_LT(count_live_bytes() - bytes_early, 20'000);
  EXPECT_TRUE(process.list_growing().empty());
}

}  // namespace
}  // namespace goshawk::frontends::watch
