// Who looks stuck though it is reachable, by one picture: what is only `suspected`, and may be
// wrong. Five rules, each of which a program that works is not to meet:
//   - many of a site: goroutines by the hundred that were started and block at one place, each on
//     something of its own; no goroutine has what they wait on at hand (at_hand.h), they wait for
//     long. Workers of a pool wait on one queue for all of them, or are in the hands of who started
//     them: main, or one that lives if they are in a select (one case of it may end them).
//   - their parent has returned: ten goroutines or more of a site that want to send, each on a
//   channel
//     of its own; who started them has ended, and again nobody has that channel at hand.
//   - senders for long: goroutines by the hundred want to send to one channel, for so long that it
//     cannot be the backlog of a receiver at work.
//   - a lock for long.
//   - a stopped ticker: the goroutine waits for nothing but its channel, or for such as nobody who
//     lives can reach without it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "analyses/goroutines/holding_paths.h"
#include "analyses/goroutines/judgement.h"
#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

enum class Suspicion : std::uint8_t {
  kNone,
  kManyOfASite,
  kParentReturned,
  kSendersForLong,
  kLockForLong,
  kStoppedTicker
};

inline constexpr std::size_t kManyAtOneSite = 100;
// Where the runtime has not noted how long anybody waits (no collection yet, a core): a burst that
// is just being worked off may have hundreds.
inline constexpr std::size_t kManyOfUnknownAge = 1000;
// Of those whose parent has returned.
inline constexpr std::size_t kManyWithoutParent = 10, kManyWithoutParentOfUnknownAge = 100;
inline constexpr std::int64_t kLongWaitNs = 600'000'000'000;
inline constexpr std::int64_t kLongLockWaitNs = 60'000'000'000;
// Go counts a wait from the end of the collection before the one that first saw it (mgcmark.go:
// waitsince = work.tstart), which may be so much too long: two minutes from one to the next where
// nothing is allocated (proc.go: forcegcperiod), and one that sysmon may sleep.
inline constexpr std::int64_t kCountedTooLongNs = 180'000'000'000;

class Suspicions {
 public:
  // `told`: of the picture's goroutines, those of whom something is told already. The judgement
  // must outlive it.
  Suspicions(const Judgement& judgement, const WaiterCounts& waiters, std::vector<bool> told);

  Suspicion of(std::size_t goroutine) const { return suspicions_[goroutine]; }
  // To what such a goroutine waits on.
  snapshot::HoldingPath path_to(std::size_t goroutine) const;
  // To what keeps all of these: a map, a list; without objects when it is not one place.
  snapshot::HoldingPath path_to_keeper_of(const std::vector<std::size_t>& goroutines) const;
  // Whether the runtime has noted of anybody how long it waits.
  bool knows_times() const { return knows_times_; }

 private:
  using SiteKey = std::tuple<snapshot::WaitKind, snapshot::FrameId, snapshot::FrameId>;
  using Groups = std::map<SiteKey, std::vector<std::size_t>>;

  bool is_asked(std::size_t goroutine) const;
  Suspicion judge_alone(const snapshot::Goroutine& goroutine) const;
  bool waits_long_enough(const snapshot::Goroutine& goroutine) const;
  bool may_be_one_of_many(const snapshot::Goroutine& goroutine) const;
  bool is_of_its_own(const snapshot::Goroutine& goroutine) const;
  bool is_private(const snapshot::Wait& wait) const;
  bool has_lost_its_parent(const snapshot::Goroutine& goroutine) const;
  bool is_in_hands_of_its_creator(const snapshot::Goroutine& goroutine) const;
  bool is_channel_of_stopped_ticker(snapshot::ObjectId channel) const;
  SiteKey site_of(const snapshot::Goroutine& goroutine) const;
  void find_senders(const std::vector<std::size_t>& asked);
  void find_behind_stopped_tickers(const std::vector<std::size_t>& asked);
  using Question = bool (Suspicions::*)(const snapshot::Goroutine&) const;
  void find_at_one_site(const std::vector<std::size_t>& asked, Suspicion suspicion,
                        std::size_t least, Question fits);
  void leave_out_what_is_at_hand(std::vector<std::size_t>& members) const;
  std::size_t least_of_many() const { return knows_times_ ? kManyAtOneSite : kManyOfUnknownAge; }
  std::size_t least_without_parent() const {
    return knows_times_ ? kManyWithoutParent : kManyWithoutParentOfUnknownAge;
  }

  const Judgement& judgement_;
  const snapshot::Snapshot& snapshot_;
  const WaiterCounts& waiters_;
  std::vector<bool> told_;
  bool knows_times_ = false;
  std::vector<Suspicion> suspicions_;
  std::unique_ptr<HoldingPaths> own_paths_;  // where the holders have needed none
  const HoldingPaths* paths_ = nullptr;      // null: nobody is suspected
};

// Why, in one sentence.
std::string describe_suspicion(Suspicion suspicion, bool knows_times);

}  // namespace goshawk::analyses::goroutines
