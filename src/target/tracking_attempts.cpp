// What is written too fast once may not be a moment later, so each failure is borne a few times:
// more written than a short stop can copy (the stop is left, and it is read ahead once more), a
// page read too late (the picture is lost, and the next one has that page copied in its stop).
// Where there is another way, less often.
#include "target/tracking_attempts.h"

#include <system_error>
#include <utility>

#include "target/failure_reason.h"

namespace goshawk::target {

bool TrackingAttempts::ask(bool only) {
  asked_ = true;
  only_ = only;
  if (!reason_against_) reason_against_ = find_reason_against_tracking();
  return !reason_against_;
}

Result<void> TrackingAttempts::begin(const ProcessDirectory& directory, FileDescriptor descriptor,
                                     TrackedMemory::MappingsReader read_mappings,
                                     std::uint64_t most_bytes) {
  ending_ = {};  // what is tracked still could not be tracked anew
  auto tracking = TRY(WriteTracking::begin(directory, std::move(descriptor)));
  tracked_ = std::make_unique<TrackedMemory>(memory_.own(), std::move(tracking),
                                             std::move(read_mappings), lost_pages_,
                                             only_ ? std::nullopt : std::optional(most_bytes));
  memory_.turn_to_tracked(tracked_.get());
  return {};
}

void TrackingAttempts::refuse_from_now_on(std::string reason) {
  if (tracked_) tracked_->give_up(reason);
  refuse(std::move(reason));
}

void TrackingAttempts::reconsider() {
  if (std::exchange(was_given_up_, false)) reason_against_.reset();
}

void TrackingAttempts::end() {
  memory_.turn_to_tracked(nullptr);
  too_much_written_ = 0;
  if (!tracked_) return;
  try {
    ending_ = std::jthread([ended = std::move(tracked_)]() mutable { ended.reset(); });
  } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch)
    // A limit on processes: it ended with the thread that could not be.
  }
}

void TrackingAttempts::end_if_given_up() {
  if (tracked_ && tracked_->given_up()) {
    std::string reason = *tracked_->given_up();
    end();
    was_given_up_ = !reason.empty();
    if (was_given_up_) reason_against_ = std::move(reason);
  }
  ending_ = {};
}

Result<void> TrackingAttempts::freeze(std::uint64_t most_bytes) {
  const int patience = only_ ? 5 : 2;
  auto frozen = tracked_->freeze(most_bytes);
  if (frozen)
    too_much_written_ = 0;
  else if (++too_much_written_ >= patience)
    tracked_->give_up(name_reason(frozen.error()));
  return frozen;
}

bool TrackingAttempts::has_lost() {
  if (!is_frozen()) return false;
  was_lost_ = !tracked_->validate();
  if (!was_lost_) return false;
  const int patience = only_ ? 3 : 2;
  constexpr std::size_t kMostPages = 1 << 16;
  const std::vector<std::uint64_t>& lost = tracked_->lost_pages();
  lost_pages_.insert(lost_pages_.end(), lost.begin(), lost.end());
  if (++lost_ >= patience || lost_pages_.size() > kMostPages)
    reason_against_ = "it writes faster than it can be read";
  return true;
}

bool TrackingAttempts::may_try_again() {
  return std::exchange(was_lost_, false) && (!only_ || !reason_against_);
}

}  // namespace goshawk::target
