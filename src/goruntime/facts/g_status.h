// What g.atomicstatus says.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "goruntime/layout/layout.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime::facts {

struct GStatus {
  snapshot::Status status;
  bool scanning;  // _Gscan: the collector owns the stack, and the status stands still
};

// nullopt for a word that no release writes.
std::optional<GStatus> parse_g_status(std::uint32_t word);

// The target's own constants, as far as it has any, mean what parse_g_status takes them for.
Result<void> check_g_statuses(const LayoutSource& layout);

}  // namespace goshawk::goruntime::facts
