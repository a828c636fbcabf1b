// The semaphore table (sync.Mutex, RWMutex, WaitGroup wait there) and sync.Cond's notifyList.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime::facts {

struct SemtableFact {
  static constexpr std::uint32_t kRoots = 251;  // semTabSize, the same in every release
  std::uint32_t stride_bytes = 0;
  std::uint32_t treap = 0;
  static Result<SemtableFact> bind(const LayoutSource& layout, const GoVersion& version,
                                   std::string_view arch);
};

struct NotifyListFact {
  std::uint32_t size_bytes = 0, wait = 0, notify = 0, head = 0, tail = 0;
  std::uint32_t in_cond = 0;  // sync.Cond.notify
  static Result<NotifyListFact> bind(const LayoutSource& layout);
};

}  // namespace goshawk::goruntime::facts
