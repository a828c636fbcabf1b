// Sites are followed from their third goroutine on, the first kMostSites of them: each costs some
// kilobytes, and what is made once is no leak. All goroutines together are followed too, so that
// growth which is spread over more sites than that is still seen.
#include "frontends/watch/watched_process.h"

#include <unistd.h>

#include <algorithm>

#include "target/process.h"

namespace goshawk::frontends::watch {
namespace {

constexpr std::size_t kMostSites = 256;
constexpr std::uint64_t kFewGoroutines = 3;
// A sum may be seen to grow a little sooner than its part.
constexpr std::uint64_t kPatienceSamples = 20;
constexpr int kTries = 3;  // a list of the runtime's may be in the middle of a change

}  // namespace

WatchedProcess::WatchedProcess(goruntime::Sampler sampler, target::ProcessDirectory directory,
                               double every_seconds)
    : sampler_(std::move(sampler)),
      directory_(std::move(directory)),
      every_seconds_(every_seconds),
      executable_(target::without_deleted(sampler_.target().executable_path())),
      name_(executable_.substr(executable_.rfind('/') + 1)) {
  for (Quantity quantity : {Quantity::kAllGoroutines, Quantity::kHeap, Quantity::kResident})
    numbers_.push_back(
        std::make_unique<GrowingNumber>(quantity, findings::CodePlace{}, every_seconds));
  if (auto stat = target::parse_stat(directory_.read_file("stat").value_or("")))
    start_ticks_ = stat->start_ticks;
}

Result<std::unique_ptr<WatchedProcess>> WatchedProcess::open(std::int64_t pid,
                                                             double every_seconds) {
  auto opened = TRY(target::open_process(pid, {.way = target::Way::kCopy}));
  auto directory = target::ProcessDirectory::open(pid);
  if (!directory) return fail(Missing{"the process has ended", ""});
  auto sampler = TRY(goruntime::Sampler::open(std::move(opened)));
  return std::unique_ptr<WatchedProcess>(
      new WatchedProcess(std::move(sampler), *std::move(directory), every_seconds));
}

std::optional<std::uint64_t> WatchedProcess::read_resident_bytes() const {
  auto status = directory_.read_file("status");
  if (!status) return std::nullopt;
  auto kilobytes = target::parse_decimal(target::find_status_field(*status, "RssAnon"));
  if (!kilobytes || *kilobytes < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*kilobytes) * 1024;
}

bool WatchedProcess::sample(double seconds) {
  Result<goruntime::Sample> sample = sampler_.read();
  for (int again = 1; !sample && again < kTries; ++again) {
    if (sampler_.target().why_unreadable()) return false;
    sample = sampler_.read();
  }
  if (!sample) {
    ++missed_;
    return !sampler_.target().why_unreadable();
  }
  ++samples_;
  numbers_[0]->add(seconds, static_cast<double>(sample->goroutines));
  if (sample->heap_bytes) numbers_[1]->add(seconds, static_cast<double>(*sample->heap_bytes));
  if (auto resident = read_resident_bytes())
    numbers_[2]->add(seconds, static_cast<double>(*resident));
  add_sites(*sample, seconds);
  sum_alone_ = all_goroutines().growth() && !has_growing_site() ? sum_alone_ + 1 : 0;
  resident_alone_ = resident().growth() && !heap().growth() ? resident_alone_ + 1 : 0;
  return true;
}

GrowingNumber* WatchedProcess::find_number(Quantity quantity, const findings::CodePlace& site) {
  auto found = std::ranges::find_if(numbers_, [&](const auto& number) {
    return number->quantity() == quantity && number->site() == site;
  });
  return found == numbers_.end() ? nullptr : found->get();
}

GrowingNumber& WatchedProcess::add_site(const findings::CodePlace& site) {
  ++count_of_sites_;
  return *numbers_.emplace_back(
      std::make_unique<GrowingNumber>(Quantity::kGoroutines, site, every_seconds_));
}

void WatchedProcess::add_sites(const goruntime::Sample& sample, double seconds) {
  std::vector<std::uint64_t> counts(sampler_.site_count());
  for (const goruntime::SiteCount& count : sample.sites) counts[count.site] = count.goroutines;
  for (const goruntime::SiteCount& count : sample.sites) {
    const goruntime::CreationSite& site = sampler_.site(count.site);
    if (of_site_.contains(count.site) || site.function.empty()) continue;
    findings::CodePlace place{.function = site.function, .file = site.file, .line = site.line};
    GrowingNumber* number = find_number(Quantity::kGoroutines, place);  // it was replayed
    if (number == nullptr && count.goroutines >= kFewGoroutines && count_of_sites_ < kMostSites)
      number = &add_site(place);
    if (number != nullptr) of_site_.emplace(count.site, number);
  }
  for (auto [site, number] : of_site_) number->add(seconds, static_cast<double>(counts[site]));
}

void WatchedProcess::replay(std::string_view quantity, const findings::CodePlace& site,
                            double seconds, double value) {
  for (Quantity known :
       {Quantity::kGoroutines, Quantity::kAllGoroutines, Quantity::kHeap, Quantity::kResident}) {
    if (quantity != name_of(known)) continue;
    GrowingNumber* number = find_number(known, site);
    if (number == nullptr && known == Quantity::kGoroutines && count_of_sites_ < kMostSites)
      number = &add_site(site);
    if (number != nullptr) number->add(seconds, value);
  }
}

bool WatchedProcess::has_growing_site() const {
  return std::ranges::any_of(numbers_, [](const auto& number) {
    return number->quantity() == Quantity::kGoroutines && number->growth();
  });
}

std::vector<const GrowingNumber*> WatchedProcess::list_growing() const {
  std::vector<const GrowingNumber*> growing;
  for (const auto& number : numbers_)
    if (number->quantity() == Quantity::kGoroutines && number->growth())
      growing.push_back(number.get());
  if (sum_alone_ > kPatienceSamples) growing.push_back(&all_goroutines());
  if (heap().growth()) growing.push_back(&heap());
  if (resident_alone_ > kPatienceSamples) growing.push_back(&resident());
  return growing;
}

}  // namespace goshawk::frontends::watch
