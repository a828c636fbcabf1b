// The sync.Pools that the program has used lately, and what is in them: read while the target
// stands still.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "base/address.h"
#include "goruntime/program.h"
#include "goruntime/types/type_reader.h"
#include "snapshot/fill.h"
#include "snapshot/objects.h"
#include "target/memory.h"

namespace goshawk::goruntime {

struct UsedPool {
  snapshot::PoolFill fill;  // without names
  Address made_by;          // where the code of its function New begins; null: it has none
  Address type;             // the dynamic type of most values; null: there are none
};

struct UsedPools {
  std::vector<UsedPool> pools;  // by address
  // What the interfaces that lie in them point to, with their dynamic types.
  std::vector<std::pair<snapshot::ObjectId, Address>> values;
};

UsedPools read_pools(const target::Memory& memory, const Program& program,
                     const snapshot::Objects& objects, TypeReader& types);

// Those that slices of pointers to pools name; what is no such slice names none.
UsedPools read_listed_pools(const target::Memory& memory, const snapshot::Objects& objects,
                            TypeReader& types, std::span<const Address> slices);

}  // namespace goshawk::goruntime
