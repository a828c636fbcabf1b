// One process that is followed: its samples, and which of its numbers grow.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "frontends/watch/growing_number.h"
#include "goruntime/sampling.h"
#include "target/process_directory.h"

namespace goshawk::frontends::watch {

class WatchedProcess {
 public:
  // Missing where it is no Go program, Denied where it may not be read.
  static Result<std::unique_ptr<WatchedProcess>> open(std::int64_t pid, double every_seconds);

  // Takes a sample. False: the process has ended, or is another program now. A sample that could
  // not be taken is passed over.
  bool sample(double seconds);

  // What was sampled of it before, by somebody else: oldest first.
  void replay(std::string_view quantity, const findings::CodePlace& site, double seconds,
              double value);

  std::int64_t pid() const { return directory_.pid(); }
  const std::string& name() const { return name_; }  // of its executable's file
  const std::string& executable() const { return executable_; }
  const std::string& go_version() const { return sampler_.go_version(); }
  // Tells it from others that had or will have its number: since the machine started.
  std::uint64_t start_ticks() const { return start_ticks_; }

  // All that is followed: all goroutines, heap, resident, then by site.
  const std::vector<std::unique_ptr<GrowingNumber>>& numbers() const { return numbers_; }
  const GrowingNumber& all_goroutines() const { return *numbers_[0]; }
  const GrowingNumber& heap() const { return *numbers_[1]; }
  const GrowingNumber& resident() const { return *numbers_[2]; }
  // Those that grow and are not explained by another that does: the sites rather than their sum.
  std::vector<const GrowingNumber*> list_growing() const;
  std::uint64_t missed_samples() const { return missed_; }
  std::uint64_t samples() const { return samples_; }

 private:
  WatchedProcess(goruntime::Sampler sampler, target::ProcessDirectory directory,
                 double every_seconds);
  bool has_growing_site() const;
  GrowingNumber* find_number(Quantity quantity, const findings::CodePlace& site);
  GrowingNumber& add_site(const findings::CodePlace& site);
  void add_sites(const goruntime::Sample& sample, double seconds);
  std::optional<std::uint64_t> read_resident_bytes() const;

  goruntime::Sampler sampler_;
  target::ProcessDirectory directory_;
  double every_seconds_;
  std::string executable_, name_;
  std::uint64_t start_ticks_ = 0, missed_ = 0, samples_ = 0;
  std::uint64_t sum_alone_ = 0, resident_alone_ = 0;  // samples since a sum grows and no part does
  std::vector<std::unique_ptr<GrowingNumber>> numbers_;
  std::size_t count_of_sites_ = 0;
  std::unordered_map<goruntime::SiteNumber, GrowingNumber*> of_site_;
};

}  // namespace goshawk::frontends::watch
