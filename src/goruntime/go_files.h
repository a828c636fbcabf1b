// Which of the files that processes have mapped may be Go's: told from the files alone, each looked
// into once, whoever maps it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "target/target.h"

namespace goshawk::goruntime {

// For several threads.
class GoFiles {
 public:
  // False: no Go runtime is in this process. True: one may be, or a file could not be looked into.
  bool may_be_among(const target::Target& target, const std::vector<target::Mapping>& mappings);

 private:
  using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device, inode

  bool is_maybe_go(const target::Target& target, const target::Mapping& mapping);

  std::mutex mutex_;
  std::map<FileId, bool> known_;
};

}  // namespace goshawk::goruntime
