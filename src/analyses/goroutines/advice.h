// How to mend what made a group of goroutines leak. One line each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Of those that wait for a timer or ticker that was stopped, or has fired.
std::string advise_of_idle_timer();

// A headline for goroutines of a library that never run again, which says what its user left
// undone; empty: there is none.
std::string_view title_by_library(std::string_view rule, const snapshot::Snapshot& snapshot,
                                  const snapshot::Goroutine& member);

// member speaks for its group.
std::string advise(std::string_view rule, const snapshot::Snapshot& snapshot,
                   const snapshot::Goroutine& member,
                   const std::vector<const snapshot::Goroutine*>& group);

}  // namespace goshawk::analyses::goroutines
