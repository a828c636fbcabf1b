// Which dumps of a log are of one process: only those can be compared with each other, and what an
// earlier process had leaked, a later one's dump does not tell.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dumps/dumps.h"

namespace goshawk::analyses::profile {

// What tells whether two dumps can be of one process. Of dumps of different files too.
struct LifeSigns {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> creators;  // by goid: a hash of who made it
  std::vector<std::uint64_t> endless;  // goids that can never end, ascending
  bool is_whole = true;                // nothing of the dump was cut or garbled
  bool is_last = false;                // its process prints no other one

  std::uint64_t highest() const { return creators.empty() ? 0 : creators.back().first; }
};

LifeSigns find_life_signs(const dumps::Dumps& dumps, const dumps::Dump& dump);

// Whether `after` cannot be of the process of `before`, which came earlier.
bool is_another_process(const LifeSigns& before, const LifeSigns& after);

struct Life {
  std::string writer;              // as the log calls it; empty: it does not
  std::vector<std::size_t> dumps;  // their numbers, in the order of the file
};

// Of these dumps of a file; in the order in which they ended.
std::vector<Life> find_lives(const dumps::Dumps& dumps, std::span<const std::size_t> numbers);

}  // namespace goshawk::analyses::profile
