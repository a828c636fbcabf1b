// Samples of a process, by its memory: nothing is stopped.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "frontends/watch/sample_source.h"
#include "goruntime/sampling.h"
#include "target/process_directory.h"

namespace goshawk::frontends::watch {

class ProcessSource final : public SampleSource {
 public:
  // Missing where it is no Go program, Denied where it may not be read.
  static Result<std::unique_ptr<SampleSource>> open(std::int64_t pid);

  const ProcessName& process() const override { return process_; }
  std::uint64_t start_ticks() const override { return start_ticks_; }
  Result<std::vector<SeriesValue>> read() override;
  bool has_ended() const override { return sampler_.target().why_unreadable().has_value(); }
  const SeriesKey& series(SeriesNumber number) const override { return table_[number]; }

 private:
  ProcessSource(goruntime::Sampler sampler, target::ProcessDirectory directory);
  void add_sites(const goruntime::Sample& sample, std::vector<SeriesValue>& values);
  void add_size_classes(const std::vector<goruntime::SizeClassUse>& use,
                        std::vector<SeriesValue>& values);
  std::optional<std::uint64_t> read_resident_bytes() const;

  goruntime::Sampler sampler_;
  target::ProcessDirectory directory_;
  ProcessName process_;
  std::uint64_t start_ticks_ = 0;
  SeriesTable table_;
  SeriesNumber all_goroutines_, heap_, resident_, timers_;
  std::vector<std::optional<SeriesNumber>> of_site_;
  std::map<std::uint64_t, SeriesNumber> of_size_;
};

}  // namespace goshawk::frontends::watch
