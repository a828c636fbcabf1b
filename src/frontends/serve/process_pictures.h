// The contents of what is served: each is one picture of the process, taken when it is asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "inspection/source.h"
#include "snapshot/snapshot.h"
#include "target/process_directory.h"

namespace goshawk::frontends::serve {

// How a pprof endpoint shows what it has; a dump only of goroutines.
enum class PprofForm { kProfile, kCounts, kDump };  // debug=0, 1, 2

enum class LeaksForm { kJson, kText };

class ProcessPictures {
 public:
  // Missing: there is no such process.
  static Result<ProcessPictures> open(inspection::Source source);

  // An error when it has ended, even if another process has its number by now.
  Result<void> check_alive() const;

  Result<std::string> read_goroutines(PprofForm form);
  Result<std::string> read_leaked_goroutines(PprofForm form);  // those that are proven
  // The same records twice: "heap" means what is in use, "allocs" what was allocated at any time.
  Result<std::string> read_allocations(bool means_all, PprofForm form);
  Result<std::string> read_leaks(LeaksForm form);

  // How long the process stood still for the last one.
  std::int64_t last_pause_ns() const { return last_pause_ns_; }

 private:
  ProcessPictures(inspection::Source source, target::ProcessDirectory directory)
      : source_(std::move(source)), directory_(std::move(directory)) {}

  // A picture that was taken of the very process that was opened.
  template <typename Take>
  auto take(Take&& take_picture) -> decltype(take_picture());

  inspection::Source source_;
  target::ProcessDirectory directory_;
  std::int64_t last_pause_ns_ = 0;
};

}  // namespace goshawk::frontends::serve
