// From the few objects whose types are seen to all that they lead to: what a known type's fields
// point to has the type that the field says, if it can be that.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/reserved_array.h"
#include "goruntime/heap/type_sightings.h"
#include "goruntime/typing/views.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

// An object said to be something, by what is not in the heap: a global variable, a wait.
struct Said {
  snapshot::ObjectId object = snapshot::kNone;
  ViewId view = kNoView;
  bool sure = false;  // it is this, and not only what begins like it
};

struct SpreadInput {
  const snapshot::Objects& objects;
  const snapshot::References& references;
  const TypeSightings& sightings;
  const SightedPlaces& places;
  std::span<const std::uint8_t> header_bytes;          // by span
  const std::vector<std::uint64_t>* wanted = nullptr;  // as of the sightings
};

struct Spread {
  ReservedArray<ViewId> of_objects;
  std::uint64_t contradicted = 0;  // objects that were said to be two things that cannot both be
};

Spread spread_types(const SpreadInput& input, Views& views, StructCatalog& catalog,
                    const std::vector<Said>& said);

}  // namespace goshawk::goruntime
