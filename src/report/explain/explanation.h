// What a rule teaches: wrong code, right code, why. Each text is data in a file of its own; the Go
// programs in them are complete and are compiled by a test.
#pragma once

#include <span>
#include <string_view>

namespace goshawk::report {

struct Explanation {
  std::string_view rule;       // "goroutine/blocked-send"
  std::string_view why;        // why it leaks
  std::string_view wrong;      // a Go program that leaks
  std::string_view right;      // the same, mended
  std::string_view mend;       // what the difference is
  std::string_view releases;   // since which Go release it matters, what changed
  std::string_view certainty;  // how sure Goshawk can be
};

// One for each rule that an analysis can find, in the order of findings::rules().
std::span<const Explanation* const> explanations();
const Explanation* find_explanation(std::string_view rule_id);

extern const Explanation kBlockedReceiveExplanation;
extern const Explanation kBlockedSendExplanation;
extern const Explanation kBlockedSelectExplanation;
extern const Explanation kAbandonedResultExplanation;
extern const Explanation kLostCancelExplanation;
extern const Explanation kNilChannelExplanation;
extern const Explanation kEmptySelectExplanation;
extern const Explanation kMutexExplanation;
extern const Explanation kRWMutexExplanation;
extern const Explanation kWaitGroupExplanation;
extern const Explanation kCondExplanation;
extern const Explanation kCoroutineExplanation;
extern const Explanation kRunawayExplanation;
extern const Explanation kIoWaitExplanation;
extern const Explanation kRetainedExplanation;
extern const Explanation kPinnedArrayExplanation;
extern const Explanation kGrowingMapExplanation;
extern const Explanation kGrowingSliceExplanation;
extern const Explanation kGrowingTypeExplanation;
extern const Explanation kOversizedMapExplanation;
extern const Explanation kChannelBacklogExplanation;
extern const Explanation kChannelRoomExplanation;
extern const Explanation kDeadGoroutinesExplanation;
extern const Explanation kFinalizerExplanation;
extern const Explanation kAfterInLoopExplanation;
extern const Explanation kUnstoppedTickerExplanation;

}  // namespace goshawk::report
