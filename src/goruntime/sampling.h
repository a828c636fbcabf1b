// A few numbers of a process, again and again, without stopping it: how many goroutines there are
// by the go statement that made them, how many timers, and how much memory the runtime has in use,
// by the size of objects. What a sample is made of is found once.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/heap/heap_layout.h"
#include "goruntime/heap/size_class_use.h"
#include "goruntime/program.h"
#include "target/target.h"

namespace goshawk::goruntime {

// A go statement: where goroutines come from.
struct CreationSite {
  std::string function, file;  // empty function: it is in none, or main's and the runtime's own
  std::uint32_t line = 0;
};

using SiteNumber = std::uint32_t;  // of a sampler, dense

struct SiteCount {
  SiteNumber site = 0;
  std::uint64_t goroutines = 0;
};

struct Sample {
  std::uint64_t goroutines = 0;  // of the program: the runtime's own are not counted
  std::vector<SiteCount> sites;  // with any, in no order
  std::uint64_t stack_bytes = 0;
  std::optional<std::uint64_t> heap_bytes;  // in spans in use (MemStats.HeapInuse)
  std::optional<std::uint64_t> timers;
  // Not in every sample: of a large heap so seldom that it stays cheap.
  std::optional<std::vector<SizeClassUse>> size_classes;
};

class Sampler {
 public:
  // Missing when it is no Go program, or none that can be read.
  static Result<Sampler> open(std::unique_ptr<target::Target> target);

  // While the process runs, so that numbers may be a moment apart. An error: a list was being
  // changed (another try may succeed), or the process has ended.
  Result<Sample> read();

  const CreationSite& site(SiteNumber number) const { return sites_[number]; }
  std::size_t site_count() const { return sites_.size(); }
  const target::Target& target() const { return *target_; }
  const std::string& go_version() const { return program_->modules.build.version.text; }

 private:
  Sampler(std::unique_ptr<target::Target> target, Program program);
  SiteNumber number_of(Address gopc);
  bool is_of_runtime(Address startpc);
  void read_size_classes(Sample& sample);

  std::unique_ptr<target::Target> target_;
  std::unique_ptr<Program> program_;
  std::optional<Address> pages_in_use_;
  std::optional<HeapLayout> heap_layout_;
  std::chrono::steady_clock::time_point size_classes_due_;
  std::vector<CreationSite> sites_;
  std::unordered_map<Address, SiteNumber> numbers_;
  std::unordered_map<Address, bool> of_runtime_;  // by startpc
};

}  // namespace goshawk::goruntime
