// Which entry of a suppression file a goroutine falls under.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "findings/suppressions.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

constexpr std::size_t kNoEntry = std::numeric_limits<std::size_t>::max();

class SuppressionMatcher {
 public:
  SuppressionMatcher(const snapshot::Snapshot& snapshot,
                     std::span<const findings::Suppression> suppressions)
      : snapshot_(snapshot), suppressions_(suppressions), matched_(suppressions.size()) {}

  // The first that fits; kNoEntry for none. `rule` is one of the table of rules.
  std::size_t find(std::string_view rule, const snapshot::Goroutine& goroutine);

  // Those that fitted any goroutine so far, also where another one came first.
  bool has_matched(std::size_t entry) const { return matched_[entry]; }

 private:
  std::size_t compare(std::string_view rule, const snapshot::Goroutine& goroutine);

  using Kind = std::tuple<std::string_view, snapshot::StackId, snapshot::FrameId>;

  const snapshot::Snapshot& snapshot_;
  std::span<const findings::Suppression> suppressions_;
  std::vector<bool> matched_;
  std::map<Kind, std::size_t> known_;  // goroutines of one kind look alike to every entry
};

}  // namespace goshawk::analyses::goroutines
