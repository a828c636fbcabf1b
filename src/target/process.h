// A live Linux process as a Target: memory by process_vm_readv or of a twin, mappings by /proc,
// stopped by ptrace.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "target/target.h"

namespace goshawk::target {

struct PauseLimit {
  std::chrono::nanoseconds most{};
  bool reads_heap = true;  // in the stop; else of goroutines only
};

struct ReadingOptions {
  Way way = Way::kBest;
  std::optional<PauseLimit> limit = {};
  bool counts_pages = false;  // which of its pages are in memory will be asked for (memory_use.h)
  bool checked =
      false;  // what is read ahead is compared with a twin of that instant: a test of ours
};

// Fails when there is no such process, when it has no memory to read (zombie, kernel thread), when
// it is a 32-bit program, and when the system forbids reading it: the error says which, and the
// remedy.
// The options say how a stop of it is read. With a `limit` no stop is made that is likely to be
// longer, nor left to be; it fails then, and says how long it was, or would be (why_unreadable()).
// What a twin takes cannot be cut short: it may turn out to be longer than was predicted.
Result<std::unique_ptr<Target>> open_process(std::int64_t pid, const ReadingOptions& options = {});

// One that is held at its end, with what its threads' registers hold: it does not go on, so that a
// stop of it holds nothing and lets nothing go. As above for what fails.
Result<std::unique_ptr<Target>> open_ending_process(std::int64_t pid, std::vector<Thread> threads);

// One that somebody else of ours traces already, who stops it. It is read while it stands still.
using StopElsewhere = std::function<Result<std::unique_ptr<Stop>>()>;
Result<std::unique_ptr<Target>> open_traced_process(std::int64_t pid, StopElsewhere stop);

// The executable alone, which may be readable where the memory is not (yama). The caller closes it.
Result<int> open_executable_of(std::int64_t pid);

}  // namespace goshawk::target
