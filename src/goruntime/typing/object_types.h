// The types of the heap's objects, in two steps: what the target says, which touches it, and what
// follows from that, which does not touch what changes while it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/address.h"
#include "goruntime/heap/heap.h"
#include "goruntime/heap/type_sightings.h"
#include "goruntime/program.h"
#include "goruntime/stacks/stack_slot.h"
#include "goruntime/typing/large_channels.h"
#include "goruntime/typing/pools.h"
#include "goruntime/typing/static_objects.h"
#include "snapshot/fill.h"
#include "snapshot/object_types.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct TypeEvidence {
  TypeSightings sightings;
  SightedPlaces places;
  std::vector<std::uint8_t> header_bytes;  // by span
  // Channels that goroutines wait on, with their element types; the sudogs in their queues.
  std::vector<std::pair<snapshot::ObjectId, Address>> channels;
  std::vector<snapshot::ObjectId> sudogs;
  // What interfaces in global variables point to, with their dynamic types.
  std::vector<std::pair<snapshot::ObjectId, Address>> in_globals;
  // What a value points to that a goroutine waits to send: by which word of its type.
  struct Sent {
    snapshot::ObjectId object = snapshot::kNone;
    Address type;
    std::uint64_t word = 0;
    Address before;  // the word before that one, which names a type if the two are an interface
  };
  std::vector<Sent> sent;
  // References of global variables to objects of TypeSightings::kLargeBytes or more.
  struct GlobalAround {
    snapshot::ObjectId to = snapshot::kNone;
    bool known = false;
    Address source;
    std::uint64_t value = 0, next = 0, after = 0;  // the word there, and the two behind it
  };
  // Whose finalizers are given them whole; known to who has read the specials.
  std::vector<snapshot::ObjectId> with_finalizers;
  // A p's references have been cut, so that its own type would not be believed; known to who has
  // read the scheduler.
  std::vector<snapshot::ObjectId> ps;
  // What stacks lead to; known to who has walked them.
  std::vector<StackSlot> stack_slots;
  // Of all objects' types only:
  std::vector<StaticPointer> static_pointers;
  std::vector<Address> into_the_middle;      // words of global variables, sorted: of an object
  std::vector<GlobalAround> around_globals;  // by `to`
  std::vector<LargeChannel> large_channels;
  UsedPools pools;
};

struct Concluded {
  snapshot::ObjectTypes types;
  snapshot::Fill fill;  // of all objects' types only
};

// `picture` has references and roots. `wanted` as in TypeTeller; null: all. Where the target has
// run on since the picture was taken, what has changed is left out.
TypeEvidence read_type_evidence(const target::Target& target, const Program& program,
                                const Heap& heap, const snapshot::Snapshot& picture,
                                const std::vector<std::uint64_t>* wanted = nullptr);

Concluded conclude_types(const target::Target& target, const Program& program,
                         const snapshot::Snapshot& picture, const TypeEvidence& evidence,
                         const std::vector<std::uint64_t>* wanted = nullptr);

// All must outlive it.
std::unique_ptr<snapshot::TypeTeller> make_type_teller(const target::Target& target,
                                                       const Program& program, const Heap& heap,
                                                       const snapshot::Snapshot& picture);

}  // namespace goshawk::goruntime
