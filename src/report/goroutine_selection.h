// Which goroutines of a picture a list shows, and how they fall into groups.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// A POSIX extended regular expression on function names; "main\.worker" matches anywhere in a name.
class NamePattern {
 public:
  static Result<NamePattern> compile(const std::string& expression);
  bool matches(std::string_view name) const;

 private:
  struct Compiled;
  explicit NamePattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

struct GoroutineFilter {
  std::vector<snapshot::Status> states;    // empty: all
  std::optional<NamePattern> function;     // of any frame or the creator
  std::string wait_reason;                 // a part of the runtime's text, in any case
  std::optional<std::int64_t> min_age_ns;  // known to wait at least so long
  std::optional<std::int64_t> max_age_ns;  // not known to wait longer
  std::vector<std::uint64_t> goids;        // empty: all
  bool system = false;                     // the runtime's own goroutines too
};

using Selection = std::vector<std::uint32_t>;  // indexes in Snapshot::goroutines, ascending

Selection select_goroutines(const snapshot::Snapshot& snapshot, const GoroutineFilter& filter);

// As the runtime prints it: "waiting", "running".
std::string_view status_text(snapshot::Status status);
std::optional<snapshot::Status> find_status(std::string_view text);
// The runtime's word for the state in a dump: the wait reason where there is one.
std::string_view state_text(const snapshot::Snapshot& snapshot,
                            const snapshot::Goroutine& goroutine);

// Same stack, creator and labels.
struct GoroutineGroup {
  std::uint32_t first = 0;  // index of its first member
  Selection members;
};
// The largest first.
std::vector<GoroutineGroup> group_goroutines(const snapshot::Snapshot& snapshot,
                                             const Selection& selection);

// The frames that the runtime prints: without the hidden ones, unless there are no others.
std::vector<snapshot::FrameId> visible_frames(const snapshot::Snapshot& snapshot,
                                              snapshot::StackId stack);

}  // namespace goshawk::report
