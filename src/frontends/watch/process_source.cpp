#include "frontends/watch/process_source.h"

#include "target/process.h"

namespace goshawk::frontends::watch {
namespace {

constexpr int kTries = 3;  // a list of the runtime's may be in the middle of a change

}  // namespace

ProcessSource::ProcessSource(goruntime::Sampler sampler, target::ProcessDirectory directory)
    : sampler_(std::move(sampler)),
      directory_(std::move(directory)),
      all_goroutines_(table_.add({Quantity::kAllGoroutines})),
      heap_(table_.add({Quantity::kHeap})),
      resident_(table_.add({Quantity::kResident})),
      timers_(table_.add({Quantity::kTimers})) {
  std::string executable(target::without_deleted(sampler_.target().executable_path()));
  process_ = {directory_.pid(), executable.substr(executable.rfind('/') + 1), executable,
              sampler_.go_version()};
  if (auto stat = target::parse_stat(directory_.read_file("stat").value_or("")))
    start_ticks_ = stat->start_ticks;
}

Result<std::unique_ptr<SampleSource>> ProcessSource::open(std::int64_t pid) {
  auto opened = TRY(target::open_process(pid, {.way = target::Way::kCopy}));
  auto directory = target::ProcessDirectory::open(pid);
  if (!directory) return fail(Missing{"the process has ended", ""});
  auto sampler = TRY(goruntime::Sampler::open(std::move(opened)));
  return std::unique_ptr<SampleSource>(
      new ProcessSource(std::move(sampler), *std::move(directory)));
}

std::optional<std::uint64_t> ProcessSource::read_resident_bytes() const {
  auto status = directory_.read_file("status");
  if (!status) return std::nullopt;
  auto kilobytes = target::parse_decimal(target::find_status_field(*status, "RssAnon"));
  if (!kilobytes || *kilobytes < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*kilobytes) * 1024;
}

Result<std::vector<SeriesValue>> ProcessSource::read() {
  Result<goruntime::Sample> sample = sampler_.read();
  for (int again = 1; !sample && again < kTries && !has_ended(); ++again) sample = sampler_.read();
  if (!sample) return fail(sample.error());
  std::vector<SeriesValue> values = {{all_goroutines_, static_cast<double>(sample->goroutines)}};
  auto add = [&](SeriesNumber series, std::optional<std::uint64_t> value) {
    if (value) values.push_back({series, static_cast<double>(*value)});
  };
  add(heap_, sample->heap_bytes);
  add(resident_, read_resident_bytes());
  add(timers_, sample->timers);
  add_sites(*sample, values);
  if (sample->size_classes) add_size_classes(*sample->size_classes, values);
  return values;
}

// Sites of which there is none any more are told too.
void ProcessSource::add_sites(const goruntime::Sample& sample, std::vector<SeriesValue>& values) {
  std::vector<std::uint64_t> counts(sampler_.site_count());
  for (const goruntime::SiteCount& count : sample.sites) counts[count.site] = count.goroutines;
  for (goruntime::SiteNumber number = 0; number < counts.size(); ++number) {
    if (number == of_site_.size()) {
      const goruntime::CreationSite& site = sampler_.site(number);
      of_site_.emplace_back();
      if (!site.function.empty())
        of_site_.back() =
            table_.add({Quantity::kGoroutines,
                        {.function = site.function, .file = site.file, .line = site.line}});
    }
    if (of_site_[number])
      values.push_back({*of_site_[number], static_cast<double>(counts[number])});
  }
}

void ProcessSource::add_size_classes(const std::vector<goruntime::SizeClassUse>& use,
                                     std::vector<SeriesValue>& values) {
  std::map<std::uint64_t, std::uint64_t> bytes_of;
  for (const goruntime::SizeClassUse& one : use) bytes_of[one.slot_bytes] = one.bytes;
  for (const auto& [slot_bytes, bytes] : bytes_of)
    if (!of_size_.contains(slot_bytes))
      of_size_[slot_bytes] = table_.add(
          {Quantity::kHeapOfSize,
           {.function = {}, .file = {}, .line = static_cast<std::uint32_t>(slot_bytes)}});
  for (auto [slot_bytes, series] : of_size_)
    values.push_back({series, static_cast<double>(bytes_of[slot_bytes])});
}

}  // namespace goshawk::frontends::watch
