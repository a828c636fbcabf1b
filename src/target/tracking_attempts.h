// Reading a process ahead of its stops: whether that is wanted, whether it goes on, and why it is
// not tried any more. One for each process that is open, over all of its stops.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "target/file_descriptor.h"
#include "target/process_directory.h"
#include "target/shown_memory.h"
#include "target/tracked_memory.h"

namespace goshawk::target {

class TrackingAttempts {
 public:
  // `memory` shows what is tracked while it is; it outlives this.
  explicit TrackingAttempts(ShownMemory& memory) : memory_(memory) {}

  // Whether the kernel can; from here on is_wanted(). `only`: there is no other way to fall back
  // to, so that it is tried more often.
  bool ask(bool only);
  // Until it is known not to be had.
  bool is_wanted() const { return tracked_ != nullptr || (asked_ && !reason_against_); }
  const std::optional<std::string>& reason_against() const { return reason_against_; }
  void refuse(std::string reason) { reason_against_ = std::move(reason); }
  // What is tracked still is given up.
  void refuse_from_now_on(std::string reason);
  // Where there is no other way now: what it was given up for may be borne.
  void reconsider();

  // Null: it is not tracked now.
  TrackedMemory* tracked() const { return tracked_.get(); }
  bool is_frozen() const { return tracked_ && tracked_->is_frozen(); }
  // `descriptor`: of a userfaultfd of the process. `most_bytes`: what a stop may copy, where there
  // is another way. An error: the kernel cannot do it.
  Result<void> begin(const ProcessDirectory& directory, FileDescriptor descriptor,
                     TrackedMemory::MappingsReader read_mappings, std::uint64_t most_bytes);
  // The kernel takes its marks away while we go on with what was read.
  void end();
  // Before a stop: ends what was given up by who reads ahead, and waits until the kernel has taken
  // its marks away, which a stop or a twin would have to wait for.
  void end_if_given_up();

  // In a stop: as TrackedMemory::freeze(). After a few refusals it is given up.
  Result<void> freeze(std::uint64_t most_bytes);
  // Whether what was read since the stop came too late: the next attempt copies those pages in its
  // stop. After a few it is not tried any more.
  bool has_lost();
  // Whether the last picture was lost so, and another one may succeed; told once.
  bool may_try_again();

 private:
  ShownMemory& memory_;
  std::unique_ptr<TrackedMemory> tracked_;
  std::optional<std::string> reason_against_;
  bool asked_ = false, only_ = false;
  bool was_given_up_ = false;              // by who reads ahead; reason_against_ says why
  std::jthread ending_;                    // of the last one
  int too_much_written_ = 0;               // stops, one after the other
  bool was_lost_ = false;                  // at the last stop
  int lost_ = 0;                           // pictures
  std::vector<std::uint64_t> lost_pages_;  // for which they were
};

}  // namespace goshawk::target
