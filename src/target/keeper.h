// A process of ours that holds a stopped target, and its twin, in our place: whatever becomes of
// us, it puts everything back. It traces, makes the twin, and when it is told so, when we are gone,
// or when the target is, it kills the twin and has the target collect it. It holds no file of ours,
// is in a session of its own, and ends by itself.
#pragma once

#include <memory>

#include "base/result.h"
#include "target/process_directory.h"
#include "target/process_stop.h"

namespace goshawk::target {

// The process that does it. Its end waits until that has ended, some seconds at most.
class Keeper {
 public:
  Keeper(std::int64_t pid, FileDescriptor socket) : pid_(pid), socket_(std::move(socket)) {}
  Keeper(const Keeper&) = delete;
  ~Keeper();

  std::int64_t pid() const { return pid_; }
  int socket() const { return socket_.get(); }

 private:
  std::int64_t pid_;
  FileDescriptor socket_;
};

struct KeptStop {
  std::unique_ptr<ProcessStop> stop;
  std::shared_ptr<Keeper> keeper;  // may outlive the stop: then nobody waits for the twin's end
};

// Whether a keeper, or another goshawk itself, holds a thread of it now: a moment later none will.
bool is_held_by_goshawk(const ProcessDirectory& directory);

// As stop_process(). The directory must outlive the stop.
Result<KeptStop> stop_by_keeper(const ProcessDirectory& directory, StopLimits limits = {});

}  // namespace goshawk::target
