// The whole story of one goroutine (goshawk leaks --goroutine), of a picture that was judged.
#pragma once

#include <cstdint>
#include <optional>

#include "analyses/goroutines/judgement.h"
#include "findings/story.h"
#include "snapshot/holding_path.h"

namespace goshawk::analyses::goroutines {

// Absent: there is no such goroutine. `verdict` is of the same judgement; without a describer the
// holders are told by their addresses. Costs a breadth-first walk of the heap.
std::optional<findings::Story> tell_story(const Judgement& judgement,
                                          const findings::Verdict& verdict, std::uint64_t goid,
                                          snapshot::PathDescriber* describer);

}  // namespace goshawk::analyses::goroutines
