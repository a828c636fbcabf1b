// One program that is followed: its samples, and which of its numbers grow.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "frontends/watch/growing_number.h"
#include "frontends/watch/sample_source.h"

namespace goshawk::frontends::watch {

enum class SampleOutcome : std::uint8_t {
  kTaken,
  kRestarted,  // the first one of another process behind the same endpoint
  kMissed,     // it could not be taken; the next one may
  kEnded,      // the process has ended, or is another program now
};

class WatchedProcess {
 public:
  WatchedProcess(std::unique_ptr<SampleSource> source, double every_seconds);

  SampleOutcome sample(double seconds);

  // What was sampled of it before, by somebody else: oldest first.
  void replay(const SeriesKey& key, double seconds, double value);

  const ProcessName& process() const { return source_->process(); }
  std::string title() const { return title_of(process()); }
  bool is_endpoint() const { return process().pid == 0; }
  std::uint64_t start_ticks() const { return source_->start_ticks(); }
  const SampleSource& source() const { return *source_; }
  SampleSource& source() { return *source_; }

  // All that is followed: totals, then parts; among them some of which nothing is known.
  const std::vector<std::unique_ptr<GrowingNumber>>& numbers() const { return numbers_; }
  const GrowingNumber& total(Quantity quantity) const;
  // Those that grow and are not explained by another that does: the sites rather than their sum,
  // the heap rather than its parts.
  std::vector<const GrowingNumber*> list_growing() const;
  // The part that makes up most of what the heap has grown by since the beginning; null: none.
  const GrowingNumber* find_main_part_of_heap() const;

  std::uint64_t missed_samples() const { return missed_; }
  std::uint64_t samples() const { return samples_; }
  // Why the latest sample was missed; empty: it was not.
  const std::string& why_missed() const { return why_missed_; }

 private:
  static constexpr std::array kTotals = {Quantity::kAllGoroutines, Quantity::kHeap,
                                         Quantity::kResident, Quantity::kTimers,
                                         Quantity::kAllocated};

  // For how many samples in a row something grows, and what would explain it does not.
  class Alone {
   public:
    void note(bool grows, bool is_explained) {
      samples_ = grows && !is_explained ? samples_ + 1 : 0;
    }
    bool is_certain() const { return samples_ > kPatienceSamples; }

   private:
    // A sum may be seen to grow a little sooner than its part.
    static constexpr std::uint64_t kPatienceSamples = 20;
    std::uint64_t samples_ = 0;
  };

  bool grows(Quantity quantity) const { return total(quantity).growth().has_value(); }
  bool has_growing_site() const;
  // The part of the heap that grows fastest; null: none grows.
  const GrowingNumber* find_growing_part_of_heap() const;
  GrowingNumber* find_number(const SeriesKey& key);
  GrowingNumber* find_or_follow(const SeriesKey& key, double value);
  bool begins_anew(const SeriesKey& key, double value) const;
  void forget();

  std::unique_ptr<SampleSource> source_;
  double every_seconds_;
  std::string why_missed_;
  std::uint64_t missed_ = 0, samples_ = 0;
  Alone sum_, resident_, timers_, heap_part_;
  std::vector<std::unique_ptr<GrowingNumber>> numbers_;
  std::array<std::size_t, 16> count_of_parts_{};  // by quantity
  std::vector<GrowingNumber*> of_series_;         // null: not followed yet
};

}  // namespace goshawk::frontends::watch
