// All threads of a process, held still by ptrace.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "target/file_descriptor.h"
#include "target/process_directory.h"
#include "target/target.h"

namespace goshawk::target {

struct StopLimits {
  // Nothing new was achieved for so long: a thread is in an uninterruptible sleep.
  std::chrono::milliseconds without_progress{1000};
  std::chrono::milliseconds in_all{5000};
  // From the first thread's stop on, as long as there is no twin: then all go on, whatever is still
  // to be read.
  std::optional<std::chrono::nanoseconds> pause = {};
};

// The same one by two numbers: as we see it, and as the process does whose child it is, which may
// be in a pid namespace of its own.
struct Twin {
  std::int64_t pid = 0, pid_inside = 0;
};

// As Stop, which it is the inside of: the twin is made, and its number told.
class ProcessStop {
 public:
  virtual ~ProcessStop() = default;
  virtual const std::vector<Thread>& threads() const = 0;
  // All threads go on, and the twin is killed if there is one, as with this object's end. Who
  // collects it is another matter.
  virtual void let_go() = 0;
  // Lets the threads go on, beside a twin that is traced, stopped, and killed with this process.
  // An error: there is none, and all is still stopped; Denied: nor would there be a moment later.
  virtual Result<Twin> go_on_beside_twin(std::span<const AddressRange> resting) = 0;
  // A userfaultfd of the process (write_tracking.h), of which nothing stays in it. All is still
  // stopped. Denied: nor would there be one a moment later.
  virtual Result<FileDescriptor> borrow_userfaultfd(std::span<const AddressRange> resting) = 0;
  // When all threads began to be stopped, and when they went on; the steady clock.
  virtual std::chrono::steady_clock::time_point stopped_at() const = 0;
  virtual std::optional<std::chrono::steady_clock::time_point> went_on_at() const = 0;
  // Once let go: whether the limit of the pause had come, without a twin: they went on then, and
  // what was read after it is not of the stop.
  virtual bool was_given_up() const = 0;
};

// The directory must outlive the stop. All is done by a thread of this process: what it dies of,
// the stop ends with.
Result<std::unique_ptr<ProcessStop>> stop_process(const ProcessDirectory& directory,
                                                  StopLimits limits = {});

}  // namespace goshawk::target
