// The addresses of the runtime's own variables that a reader needs. Unstripped binaries name them
// in their symbol table; in stripped ones they are found by their shape in the target's memory
// first, by the code that refers to them second (go functions are known by name from the pclntab).
// Each is checked against the target before it is believed; what is not found is absent, and says
// which feature is off.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "binary/elf_file.h"
#include "goruntime/layout/layout.h"
#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/modules.h"
#include "snapshot/binding.h"
#include "target/target.h"

namespace goshawk::goruntime {

enum class BoundBy : std::uint8_t { kSymbol, kShape, kCode };

struct GlobalVariable {
  Address address;
  BoundBy by = BoundBy::kSymbol;
};

struct Globals {
  // Without these there is no reading a process: their absence is an error of find_globals.
  GlobalVariable allgs;  // []*g
  GlobalVariable mheap;  // runtime.mheap_
  // The others may be absent.
  std::optional<GlobalVariable> semtable;     // no waiter on any semaphore and no symbol: absent
  std::optional<GlobalVariable> allm;         // *m
  std::optional<GlobalVariable> allp;         // []*p
  std::optional<GlobalVariable> sched;        // runtime.sched
  std::optional<GlobalVariable> allglock;     // mutex
  std::optional<GlobalVariable> gcphase;      // uint32
  std::optional<GlobalVariable> allfin;       // *finBlock: every block of the finalizer queue
  std::optional<GlobalVariable> finq;         // *finBlock: queued, not yet run
  std::optional<GlobalVariable> gc_cleanups;  // runtime.gcCleanups (1.25+)
  std::optional<GlobalVariable> wait_reason_strings;
  std::optional<GlobalVariable> in_progress;  // runtime.inProgress (1.24+, GCMaskOnDemand)
  std::optional<GlobalVariable> iscgo;        // bool
};

// How each was found, and its check, is added to `bindings`, also when a needed one is not there.
// `symbols` has the symbol table, of the image or split off it; nullptr: there is none.
Result<Globals> find_globals(const target::Target& target, const binary::ElfFile* symbols,
                             const Modules& modules, const Functions& functions,
                             const LayoutSource& layout, std::vector<snapshot::Binding>& bindings);

}  // namespace goshawk::goruntime
