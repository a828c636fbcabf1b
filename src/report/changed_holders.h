// Which of the holders that have changed a reader is told: where in the tree something grew, in few
// lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "findings/difference.h"

namespace goshawk::report {

enum class Direction : std::uint8_t { kGrew, kShrank };

struct HolderLine {
  const findings::HolderChange* change = nullptr;
  std::uint32_t depth = 0;  // of the line: 0 stands for itself
  std::string text = {};    // "main.shop", ".sessions[...]: +40,000 × main.session"
  std::string whole = {};   // the same by itself: "main.shop.sessions[...]: +40,000 × main.session"
};

// All that changed by so many bytes, those that changed most first, each with where it did below
// it. `types`: of all the heap, to tell what is new from what only changed hands.
std::vector<HolderLine> tell_changed_holders(const std::vector<findings::HolderChange>& holders,
                                             const std::vector<findings::TypeChange>& types,
                                             Direction direction, std::uint64_t least_bytes);

// What holds each, from outside inwards, and itself: "main.shop", "main.server", "[]main.session".
std::vector<std::vector<std::string>> holder_steps(
    const std::vector<findings::HolderChange>& holders);

}  // namespace goshawk::report
