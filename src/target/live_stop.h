// A stop of a live process, from its first thread's stop until what was read of that instant is
// whole: the process may go on long before, beside a twin of it, or when what was read ahead is
// completed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/live_process.h"
#include "target/process_stop.h"
#include "target/target.h"

namespace goshawk::target {

class LiveStop : public Stop {
 public:
  // `process` outlives it. no_twin: why there will be none.
  LiveStop(LiveProcess& process, std::unique_ptr<ProcessStop> stop,
           std::optional<std::string> no_twin);
  ~LiveStop() override { [[maybe_unused]] auto nobody_to_tell = let_go(); }

  const std::vector<Thread>& threads() const override { return stop_->threads(); }
  // An error: what was read is not of the instant of the stop, or not all of it is.
  Result<void> let_go() override;
  std::int64_t pause_ns() const override;
  Result<GoneOn> go_on(std::span<const AddressRange> resting) override;
  bool begin_reading_ahead(std::span<const AddressRange> resting) override;

 private:
  Result<GoneOn> do_without_twin(std::string reason, bool passing);
  Result<GoneOn> complete(std::span<const AddressRange> resting);
  void leave_tracking();

  LiveProcess& process_;
  std::unique_ptr<ProcessStop> stop_;
  std::optional<std::string> no_twin_;
  bool is_over_ = false;
};

}  // namespace goshawk::target
