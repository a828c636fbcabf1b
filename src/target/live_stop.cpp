// How a stopped process goes on, in the order in which the ways are tried: what was read ahead is
// completed, a twin is made, or neither, and it stays stopped until all is read. What it cannot
// have now but may have a moment later is told as passing, a few times; who asked for one way only
// gets that or an error.
#include "target/live_stop.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "target/failure_reason.h"
#include "target/process_access.h"
#include "target/tracked_memory.h"

namespace goshawk::target {

namespace {

constexpr int kPatience = 5;  // what passes has passed by then, or never will

}  // namespace

LiveStop::LiveStop(LiveProcess& process, std::unique_ptr<ProcessStop> stop,
                   std::optional<std::string> no_twin)
    : process_(process), stop_(std::move(stop)), no_twin_(std::move(no_twin)) {
  if (process_.limit_) process_.memory_.expect_end(stop_->stopped_at() + process_.limit_->most);
}

// What was read beside a twin that has ended meanwhile is not all that was asked for; nor what
// was written before it was read.
Result<void> LiveStop::let_go() {
  if (std::exchange(is_over_, true)) return {};
  TrackedMemory* tracked = process_.tracking_.tracked();
  bool lost = process_.has_lost_twin(), lost_track = process_.tracking_.has_lost();
  auto contradiction = tracked != nullptr ? tracked->find_contradiction() : std::nullopt;
  process_.forget_twin();
  stop_->let_go();
  leave_tracking();
  if (contradiction) return fail(Malformed{"the picture that was read ahead", 0, *contradiction});
  if (lost_track)
    return fail(Missing{fmt::format("a picture of {}: it writes faster than it can be read",
                                    name_process(process_.directory_)),
                        "try again; --way twin or --way copy"});
  if (lost) return fail(process_.explain_lost_twin());
  if (!stop_->was_given_up()) return {};
  process_.note_given_up(pause_ns());
  if (tracked != nullptr)
    process_.tracking_.refuse_from_now_on("its stop took longer than --max-pause");
  return fail(*process_.given_up_);
}

std::int64_t LiveStop::pause_ns() const {
  auto end = stop_->went_on_at().value_or(std::chrono::steady_clock::now());
  return std::chrono::nanoseconds(end - stop_->stopped_at()).count();
}

Result<GoneOn> LiveStop::do_without_twin(std::string reason, bool passing) {
  passing = passing && ++process_.refusals_ < kPatience;
  if (!passing && process_.may_read_ahead_instead(reason))
    return GoneOn{.reason = std::move(reason), .passing = true};
  if (process_.way_ != Way::kTwin || passing)
    return GoneOn{.reason = std::move(reason), .passing = passing};
  return fail(Missing{fmt::format("a twin of {}: {}", name_process(process_.directory_), reason),
                      "--way twin; --way copy reads it while it is stopped"});
}

Result<GoneOn> LiveStop::go_on(std::span<const AddressRange> resting) {
  if (process_.tracking_.tracked() != nullptr) return complete(resting);
  if (process_.way_ == Way::kTrack) return fail(process_.explain_no_track());
  if (process_.way_ == Way::kCopy) return GoneOn{};
  if (no_twin_) return do_without_twin(*no_twin_, false);
  auto twin = stop_->go_on_beside_twin(resting);
  if (!twin)
    return do_without_twin(name_reason(twin.error()),
                           !std::holds_alternative<Denied>(twin.error()));
  process_.refusals_ = 0;
  TRY_VOID(process_.read_twin(twin->pid));
  return GoneOn{.way = Way::kTwin, .reason = process_.tracking_.reason_against().value_or("")};
}

// Of what was read ahead. Where that would take longer than another way, it is read ahead once
// more, or the other way is taken at another stop.
Result<GoneOn> LiveStop::complete(std::span<const AddressRange> resting) {
  auto frozen = process_.tracking_.freeze(process_.most_copied_bytes(no_twin_.has_value()));
  if (!frozen) return GoneOn{.reason = name_reason(frozen.error()), .passing = true};
  if (process_.checked_) {
    auto twin = TRY(stop_->go_on_beside_twin(resting));
    std::optional<ProcessDirectory> directory;
    process_.tracking_.tracked()->set_witness(process_.open_twin(twin.pid, directory));
  } else {
    stop_->let_go();
  }
  return GoneOn{.way = Way::kTrack};
}

bool LiveStop::begin_reading_ahead(std::span<const AddressRange> resting) {
  auto descriptor = stop_->borrow_userfaultfd(resting);
  if (!descriptor) {
    bool passing =
        !std::holds_alternative<Denied>(descriptor.error()) && ++process_.refusals_ < kPatience;
    if (!passing) {
      process_.refusals_ = 0;
      process_.tracking_.refuse(name_reason(descriptor.error()));
    }
    return false;
  }
  process_.refusals_ = 0;
  auto begun = process_.tracking_.begin(
      process_.directory_, *std::move(descriptor),
      [&process = process_] { return process.read_mappings_of(process.directory_); },
      process_.most_copied_bytes(no_twin_.has_value()));
  if (!begun) {
    process_.tracking_.refuse(name_reason(begun.error()));
    return false;
  }
  process_.tracking_.tracked()->begin_stop();
  return true;
}

void LiveStop::leave_tracking() {
  TrackedMemory* tracked = process_.tracking_.tracked();
  if (tracked == nullptr) return;
  if (tracked->is_frozen())
    process_.tracking_.end();
  else
    tracked->end_stop();
}

}  // namespace goshawk::target
