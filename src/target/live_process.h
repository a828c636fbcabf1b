// A live process behind the Target interface. It owns what is known over several stops of it: the
// process' directory of /proc and its memory, the way in which it is read and why no other one is,
// how long its stops may last. A stop itself is a LiveStop, which changes what it finds here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/keeper.h"
#include "target/pause_prediction.h"
#include "target/process.h"
#include "target/process_directory.h"
#include "target/process_memory.h"
#include "target/process_stop.h"
#include "target/shown_memory.h"
#include "target/target.h"
#include "target/tracking_attempts.h"

namespace goshawk::target {

class LiveProcess : public Target {
 public:
  LiveProcess(ProcessDirectory directory, MemoryFiles files, const ReadingOptions& options);

  std::string kind() const override { return "process"; }
  binary::Machine machine() const override;
  std::int64_t pid() const override { return directory_.pid(); }
  std::string executable_path() const override { return directory_.read_link("exe").value_or(""); }
  const Memory& memory() const override { return memory_; }
  Result<int> open_executable() const override;
  Result<int> open_mapped_file(const Mapping& mapping) const override;
  Result<int> open_in_root(const std::string& path) const override;
  Result<std::vector<Mapping>> read_mappings() const override;
  Result<MemoryUse> read_memory_use() const override;
  Result<std::unique_ptr<Stop>> stop() override;
  Result<std::int64_t> read_monotonic_ns() const override;
  std::vector<OpenFile> read_open_files(std::span<const std::uint32_t> descriptors) const override;
  void find_addresses(std::vector<OpenFile>& files) const override;
  std::optional<Error> why_unreadable() const override;
  bool wants_reading_ahead() override;
  ReadingAhead* reading_ahead() override;
  bool give_up_way() override;

 protected:
  // Missing: its memory is its parent's too, who goes on writing it.
  std::optional<Error> shares_memory() const;

 private:
  friend class LiveStop;
  Result<std::vector<Mapping>> read_mappings_of(const ProcessDirectory& directory) const;
  std::uint64_t most_copied_bytes(bool no_twin) const;
  Result<std::unique_ptr<ProcessStop>> stop_threads(std::optional<std::string>& no_twin);
  Result<std::unique_ptr<ProcessStop>> stop_by_a_keeper(std::optional<std::string>& no_twin);
  template <typename Stop>
  auto stop_when_free(Stop&& stop) const;
  StopLimits stop_limits() const;
  bool prefers_reading_ahead();  // with a limit_, by predicted_
  bool may_read_ahead_instead(const std::string& reason_against_twin);
  const PredictedPause& predict();  // with a limit_; takes a while, so never in a stop
  Result<void> choose_by_pause(std::optional<std::string>& no_twin);
  Error explain_no_track() const;
  Error explain_refusal(const PredictedPause& predicted, bool may_twin) const;
  void note_given_up(std::int64_t pause_ns);
  Result<void> read_twin(std::int64_t pid);
  std::unique_ptr<ProcessMemory> open_twin(std::int64_t pid,
                                           std::optional<ProcessDirectory>& directory) const;
  void forget_twin();
  bool has_lost_twin();
  Error explain_lost_twin() const;

  ProcessDirectory directory_;
  ShownMemory memory_;
  std::optional<ProcessDirectory> twin_;      // while memory_ is its
  std::shared_ptr<Keeper> keeper_;            // of the last stop
  bool twin_was_lost_ = false;                // at the last stop
  std::optional<std::string> no_more_twins_;  // why
  int refusals_ = 0;  // of a twin, one after the other, that would have passed
  TrackingAttempts tracking_;
  bool may_read_ahead_ = false;  // it was asked for, at least
  bool was_stopped_ = false;     // ever
  Way way_;
  std::optional<PauseLimit> limit_;
  std::optional<StopSpeed> speed_;           // measured once
  std::optional<PredictedPause> predicted_;  // of the last stop
  std::optional<Error> given_up_;            // the last stop, at the limit
  bool is_second_attempt_ = false;           // after such a one
  bool counts_pages_;
  bool checked_;
};

}  // namespace goshawk::target
