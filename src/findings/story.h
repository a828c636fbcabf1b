// What was decided of one goroutine, and why; what it does is in the picture.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "findings/finding.h"

namespace goshawk::findings {

enum class Fate : std::uint8_t { kAlive, kLeaked, kLikelyLeaked, kParked, kUndecided };
std::string_view to_text(Fate fate);

struct Story {
  std::uint64_t goid = 0;
  Fate fate = Fate::kAlive;
  bool by_growth = false;  // kLikelyLeaked: several pictures told so

  struct Wait {
    std::string what;  // "to receive from an unbuffered channel of *main.job"
    std::uint64_t address = 0;
    std::vector<std::uint64_t> others;  // goroutines that wait on it too, ascending
    std::string what_others_do = "so does";
  };
  std::vector<Wait> waits;
  // Sentences, from the goroutine to the root of what holds it: what could wake it, or why nothing.
  std::vector<std::string> reasons;
  std::optional<Finding> group;  // that it belongs to
  std::size_t pictures = 1;      // that were taken
};

}  // namespace goshawk::findings
