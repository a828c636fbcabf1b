// Sites are followed from their third goroutine on, parts of the heap from a megabyte on, of each
// quantity the first kMostParts: each costs some kilobytes, and what is made once is no leak. The
// totals are followed too, so that growth which is spread over more parts than that is still seen.
#include "frontends/watch/watched_process.h"

#include <algorithm>
#include <limits>

namespace goshawk::frontends::watch {
namespace {

constexpr std::size_t kMostParts = 256;
constexpr double kFewGoroutines = 3, kFewBytes = 1 << 20;

}  // namespace

std::string title_of(const ProcessName& process) {
  return process.pid == 0 ? process.name : process.name + " " + std::to_string(process.pid);
}

WatchedProcess::WatchedProcess(std::unique_ptr<SampleSource> source, double every_seconds)
    : source_(std::move(source)), every_seconds_(every_seconds) {
  for (Quantity quantity : kTotals)
    numbers_.push_back(
        std::make_unique<GrowingNumber>(quantity, findings::CodePlace{}, every_seconds));
}

const GrowingNumber& WatchedProcess::total(Quantity quantity) const {
  return *numbers_[static_cast<std::size_t>(std::ranges::find(kTotals, quantity) -
                                            kTotals.begin())];
}

SampleOutcome WatchedProcess::sample(double seconds) {
  auto values = source_->read();
  if (!values) {
    if (source_->has_ended()) return SampleOutcome::kEnded;
    ++missed_;
    why_missed_ = describe(values.error());
    return SampleOutcome::kMissed;
  }
  ++samples_;
  why_missed_.clear();
  auto outcome = SampleOutcome::kTaken;
  for (auto [series, value] : *values) {
    const SeriesKey& key = source_->series(series);
    if (begins_anew(key, value)) {
      forget();
      outcome = SampleOutcome::kRestarted;
    }
    if (series >= of_series_.size()) of_series_.resize(series + 1);
    GrowingNumber*& number = of_series_[series];
    if (number == nullptr) number = find_or_follow(key, value);
    if (number != nullptr) number->add(seconds, value);
  }
  sum_.note(grows(Quantity::kAllGoroutines), has_growing_site());
  resident_.note(grows(Quantity::kResident), grows(Quantity::kHeap));
  timers_.note(grows(Quantity::kTimers), grows(Quantity::kAllGoroutines) || has_growing_site());
  heap_part_.note(find_growing_part_of_heap() != nullptr, grows(Quantity::kHeap));
  return outcome;
}

// What was ever allocated only adds up, in one process.
bool WatchedProcess::begins_anew(const SeriesKey& key, double value) const {
  return key.quantity == Quantity::kAllocated && value < total(Quantity::kAllocated).latest();
}

void WatchedProcess::forget() {
  for (const auto& number : numbers_) number->restart();
}

GrowingNumber* WatchedProcess::find_number(const SeriesKey& key) {
  auto found = std::ranges::find_if(numbers_, [&](const auto& number) {
    return number->quantity() == key.quantity && number->site() == key.place;
  });
  return found == numbers_.end() ? nullptr : found->get();
}

GrowingNumber* WatchedProcess::find_or_follow(const SeriesKey& key, double value) {
  if (GrowingNumber* number = find_number(key)) return number;  // a total, or it was replayed
  std::size_t& count = count_of_parts_[static_cast<std::size_t>(key.quantity)];
  double few = is_memory(key.quantity) ? kFewBytes : kFewGoroutines;
  if (!is_part(key.quantity) || value < few || count == kMostParts) return nullptr;
  ++count;
  return numbers_
      .emplace_back(std::make_unique<GrowingNumber>(key.quantity, key.place, every_seconds_))
      .get();
}

void WatchedProcess::replay(const SeriesKey& key, double seconds, double value) {
  if (begins_anew(key, value)) forget();
  constexpr double kWasFollowed = std::numeric_limits<double>::infinity();
  if (GrowingNumber* number = find_or_follow(key, kWasFollowed)) number->add(seconds, value);
}

bool WatchedProcess::has_growing_site() const {
  return std::ranges::any_of(
      numbers_, [](const auto& number) { return is_site(number->quantity()) && number->growth(); });
}

const GrowingNumber* WatchedProcess::find_growing_part_of_heap() const {
  const GrowingNumber* fastest = nullptr;
  for (const auto& number : numbers_) {
    if (!is_part(number->quantity()) || !is_memory(number->quantity()) || !number->growth())
      continue;
    if (fastest == nullptr || number->growth()->per_second > fastest->growth()->per_second)
      fastest = number.get();
  }
  return fastest;
}

const GrowingNumber* WatchedProcess::find_main_part_of_heap() const {
  const GrowingNumber& heap = total(Quantity::kHeap);
  const GrowingNumber* most = nullptr;
  double least_change = (heap.latest() - heap.first()) / 2;
  for (const auto& number : numbers_) {
    double change = number->latest() - number->first();
    if (!is_part(number->quantity()) || !is_memory(number->quantity()) || change < least_change ||
        change <= 0)
      continue;
    most = number.get();
    least_change = change;
  }
  return most;
}

std::vector<const GrowingNumber*> WatchedProcess::list_growing() const {
  std::vector<const GrowingNumber*> growing;
  for (const auto& number : numbers_)
    if (is_site(number->quantity()) && number->growth()) growing.push_back(number.get());
  if (sum_.is_certain()) growing.push_back(&total(Quantity::kAllGoroutines));
  if (timers_.is_certain()) growing.push_back(&total(Quantity::kTimers));
  if (grows(Quantity::kHeap)) growing.push_back(&total(Quantity::kHeap));
  if (heap_part_.is_certain()) growing.push_back(find_growing_part_of_heap());
  if (resident_.is_certain()) growing.push_back(&total(Quantity::kResident));
  return growing;
}

}  // namespace goshawk::frontends::watch
