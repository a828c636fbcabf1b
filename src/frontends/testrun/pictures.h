// goshawk run: pictures of what runs, before it ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "frontends/testrun/examiner.h"
#include "target/running_programs.h"

namespace goshawk::frontends::testrun {

class Pictures {
 public:
  // Both must outlive it. `every_ns`: from one to the next; 0: only when one is wanted.
  Pictures(const Examiner& examiner, std::int64_t every_ns, bool whole_stacks)
      : examiner_(examiner), every_(every_ns), whole_stacks_(whole_stacks) {}

  // In a thread of its own, until the programs have ended.
  void watch(target::RunningPrograms& programs);

  // ---- once they have ----

  // Processes, and whether what was last seen of each is a failure.
  const std::map<std::int64_t, bool>& last_seen() const { return failed_; }
  bool incomplete() const { return incomplete_; }

 private:
  using Clock = std::chrono::steady_clock;

  std::optional<Clock::time_point> next_due() const;
  void take_due(target::RunningPrograms& programs);
  void take_for_signal(target::RunningPrograms& programs, int signal);
  void take(target::RunningPrograms& programs, const std::string& why);
  void show(const std::string& why, std::chrono::duration<double> after,
            const std::vector<Examined>& processes);
  void tell_new(report::Output& out, const Examined& process);

  const Examiner& examiner_;
  std::chrono::nanoseconds every_;
  bool whole_stacks_;
  Clock::time_point began_ = Clock::now();
  std::optional<Clock::time_point> next_, patience_ends_;
  int asked_to_end_ = 0;  // the signal that did
  std::uint32_t count_ = 0;
  bool incomplete_ = false;
  std::map<std::int64_t, bool> failed_;  // by process, of the last picture
  // How many goroutines of which finding of which process were told last.
  std::map<std::pair<std::int64_t, std::string>, std::uint64_t> told_;
};

// "leaks.sarif" becomes "leaks.3.sarif".
std::string numbered(const std::string& path, std::uint32_t number);

}  // namespace goshawk::frontends::testrun
