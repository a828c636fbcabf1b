// How to mend what made a group of goroutines leak. One line each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyses/goroutines/context_makers.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Of those that wait for a timer or ticker that was stopped, or has fired.
std::string advise_of_idle_timer();

std::string advise_of_endless_loop();

// Of what nobody can reach any more to end it (unstoppable_loops.h).
std::string advise_of_what_cannot_be_stopped(const snapshot::Snapshot& snapshot,
                                             const snapshot::Goroutine& member);

// A headline for goroutines of a library that never run again, which says what its user left
// undone; empty: there is none.
std::string_view title_by_library(std::string_view rule, const snapshot::Snapshot& snapshot,
                                  const snapshot::Goroutine& member);

// member speaks for its group. makers: who may have made the context that it waits for.
std::string advise(std::string_view rule, const snapshot::Snapshot& snapshot,
                   const snapshot::Goroutine& member,
                   const std::vector<const snapshot::Goroutine*>& group,
                   const std::vector<ContextMaker>& makers = {});

}  // namespace goshawk::analyses::goroutines
