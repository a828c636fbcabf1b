// Where the runtime keeps its allocation records. Apart from the other variables (globals.h):
// nothing else asks for them.
#pragma once

#include <optional>
#include <vector>

#include "binary/elf_file.h"
#include "goruntime/facts/memory_bucket.h"
#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/globals.h"
#include "goruntime/symbols/modules.h"
#include "snapshot/binding.h"
#include "target/memory.h"

namespace goshawk::goruntime {

struct AllocationGlobals {
  std::optional<GlobalVariable> mbuckets;          // *bucket: the newest; null: there is none yet
  std::optional<GlobalVariable> mem_profile_rate;  // int
};

// How each was found is added to `bindings`. `symbols` as for find_globals().
AllocationGlobals find_allocation_globals(const target::Memory& memory,
                                          const binary::ElfFile* symbols, const Modules& modules,
                                          const Functions& functions,
                                          const facts::MemoryBucketFact& fact,
                                          std::vector<snapshot::Binding>& bindings);

}  // namespace goshawk::goruntime
