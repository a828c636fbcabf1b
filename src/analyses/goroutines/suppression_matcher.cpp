// An entry sees of a goroutine what a reader sees of it: the frames that a report shows (not those
// that the runtime hides), the one that it is said to be blocked at, and its creator.
#include "analyses/goroutines/suppression_matcher.h"

#include "analyses/goroutines/rules.h"
#include "findings/function_name.h"

namespace goshawk::analyses::goroutines {

using findings::normalize_function;

std::size_t SuppressionMatcher::find(std::string_view rule, const snapshot::Goroutine& goroutine) {
  if (suppressions_.empty()) return kNoEntry;
  Kind kind(rule, goroutine.stack, goroutine.created_by);
  auto known = known_.find(kind);
  if (known == known_.end()) known = known_.emplace(kind, compare(rule, goroutine)).first;
  return known->second;
}

std::size_t SuppressionMatcher::compare(std::string_view rule,
                                        const snapshot::Goroutine& goroutine) {
  auto name_of = [&](snapshot::FrameId frame) {
    return normalize_function(function_of(snapshot_, frame));
  };
  findings::SuppressionSubject subject{.rule = rule,
                                       .top = name_of(find_blocking_frame(snapshot_, goroutine)),
                                       .created_by = name_of(goroutine.created_by),
                                       .stack = {}};
  for (snapshot::FrameId frame : snapshot_.stacks[goroutine.stack])
    if (!snapshot_.stacks.frame(frame).hidden) subject.stack.push_back(name_of(frame));
  std::size_t first = kNoEntry;
  for (std::size_t entry = 0; entry < suppressions_.size(); ++entry) {
    if (!findings::matches(suppressions_[entry], subject)) continue;
    matched_[entry] = true;
    if (first == kNoEntry) first = entry;
  }
  return first;
}

}  // namespace goshawk::analyses::goroutines
