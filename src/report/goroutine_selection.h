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

namespace re2 {
class RE2;
}

namespace goshawk::report {

// A Go regular expression (RE2 syntax) on function names; `main\.worker` matches anywhere in a
// name.
class NamePattern {
 public:
  static Result<NamePattern> compile(const std::string& expression);
  bool matches(std::string_view name) const;

 private:
  explicit NamePattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const re2::RE2> compiled_;
};

// Goroutine ids from `first` to `last`, both included.
struct GoidRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

struct GoroutineFilter {
  std::vector<snapshot::Status> states;    // empty: all
  std::optional<NamePattern> function;     // of any frame or the creator
  std::string wait_reason;                 // a part of the runtime's text, in any case
  std::optional<std::int64_t> min_age_ns;  // known to wait at least so long
  std::optional<std::int64_t> max_age_ns;  // not known to wait longer
  std::vector<GoidRange> goids;            // empty: all; what is named is never left out as system
  bool system = false;                     // the runtime's own goroutines too
};

using Selection = std::vector<std::uint32_t>;  // indexes in Snapshot::goroutines, ascending

Selection select_goroutines(const snapshot::Snapshot& snapshot, const GoroutineFilter& filter);

// The ids that the filter names and the picture does not have, ascending; of a range, nothing as
// long as one of it is there.
std::vector<GoidRange> find_missing_goids(const snapshot::Snapshot& snapshot,
                                          const GoroutineFilter& filter);

// What a filter by age could not know, as a sentence; empty when there is no such filter, or every
// age is known.
std::string unknown_ages_note(const snapshot::Snapshot& snapshot, const GoroutineFilter& filter);

// As the runtime prints it: "waiting", "running".
std::string_view status_text(snapshot::Status status);

// The states that a goroutine in a picture can be filtered by. A goroutine that the runtime itself
// has marked as leaked counts as waiting.
const std::vector<std::string_view>& state_names();
std::optional<snapshot::Status> find_state(std::string_view name);
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
