// The parts of maps to which nothing leads that says so: a header in a global variable of a
// stripped program, whose entries' own type is known from their allocation.
#pragma once

#include <vector>

#include "base/reserved_array.h"
#include "goruntime/heap/type_sightings.h"
#include "goruntime/typing/object_slots.h"
#include "goruntime/typing/struct_catalog.h"
#include "goruntime/typing/type_spread.h"
#include "goruntime/typing/views.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

struct PlacedReferences {
  const snapshot::Objects& objects;
  const snapshot::References& references;
  const TypeSightings& sightings;  // of all objects
};

struct KnownViews {
  const ReservedArray<ViewId>& of_objects;
  ViewId mask = 0;  // of the bits that are the view's

  ViewId operator[](snapshot::ObjectId object) const { return of_objects[object] & mask; }
};

// What objects are of which `known` says kNoView, as far as it follows from what they lead to. What
// was found must be said before more follows: first tables, then directories, then headers.
std::vector<Said> find_map_parts(const PlacedReferences& placed, const Slots& slots, Views& views,
                                 const StructCatalog& catalog, KnownViews known);

}  // namespace goshawk::goruntime
