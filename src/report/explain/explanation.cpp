// The list of explanations. Adding one: copy a neighbour's file, name it here and in the header.
#include "report/explain/explanation.h"

#include <array>

namespace goshawk::report {

std::span<const Explanation* const> explanations() {
  static constexpr std::array kAll = {
      &kBlockedReceiveExplanation,  &kBlockedSendExplanation,    &kBlockedSelectExplanation,
      &kAbandonedResultExplanation, &kLostCancelExplanation,     &kNilChannelExplanation,
      &kEmptySelectExplanation,     &kMutexExplanation,          &kRWMutexExplanation,
      &kWaitGroupExplanation,       &kCondExplanation,           &kCoroutineExplanation,
      &kRunawayExplanation,         &kIoWaitExplanation,         &kRetainedExplanation,
      &kPinnedArrayExplanation,     &kOversizedMapExplanation,   &kGrowingMapExplanation,
      &kGrowingSliceExplanation,    &kGrowingTypeExplanation,    &kChannelBacklogExplanation,
      &kChannelRoomExplanation,     &kDeadGoroutinesExplanation, &kFinalizerExplanation,
      &kAfterInLoopExplanation,     &kUnstoppedTickerExplanation};
  return kAll;
}

const Explanation* find_explanation(std::string_view rule_id) {
  for (const Explanation* explanation : explanations())
    if (explanation->rule == rule_id) return explanation;
  return nullptr;
}

}  // namespace goshawk::report
