// All of a picture that another one is compared by: tables that are small beside it, in words that
// another picture has too. Nothing in them is told apart by an address or an id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "findings/balance.h"
#include "findings/finding.h"
#include "findings/type_table.h"

namespace goshawk::findings {

struct Amount {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;

  void add(const Amount& other) {
    objects += other.objects;
    bytes += other.bytes;
  }
  bool operator==(const Amount&) const = default;
};

// Things of one kind below the same holder, which are told by all that holds them: a holder from
// outside of the heap, then types. Dominators hold here: what is below goes when they go.
struct HeldKind {
  std::uint32_t parent = 0;  // index of who holds them; the first, the whole heap, has itself
  std::string name = {};   // "main.shop", "stacks of goroutines in main.work"; a type; "": unknown
  bool is_object = false;  // of the heap
  std::uint64_t slot_bytes = 0;  // of unknown type; 0: larger than the largest slot
  bool noscan = false;           // of unknown type
  std::uint64_t address = 0;     // of a global variable that no symbol names; 0: anything else
  std::uint64_t count = 0;       // of them themselves
  Amount retained = {};          // with themselves and all below them
  std::string path = {};         // how the largest is held, in a reader's words; "": not told
};

// Goroutines that do the same, started by the same statement.
struct GoroutineKind {
  struct Count {
    std::uint64_t all = 0;
    std::uint64_t proven = 0, likely = 0, suspected = 0;  // of them, by their findings
    bool operator==(const Count&) const = default;
  };

  std::string state = {};     // the wait reason; "": they run, sleep or are in a system call
  CodePlace at = {};          // where they wait; of those at work their own function
  CodePlace created_by = {};  // no function: nobody, or not known
  std::vector<CodePlace> stack = {};  // of one of them, innermost first
  Count count = {};
};

// What came by one stack, estimated from the runtime's samples.
struct AllocatedKind {
  std::vector<CodePlace> stack = {};  // innermost first; empty: not known
  Amount in_use = {};
  Amount allocated = {};  // since the program's start
};

struct Allocated {
  std::uint64_t rate_bytes = 0;  // runtime.MemProfileRate
  std::vector<AllocatedKind> kinds;
};

struct Inventory {
  std::string name = {};                // as the user named the target
  std::int64_t taken_unix_ns = 0;       // 0: not known
  std::optional<Balance> balance = {};  // none: whose its memory is was not read
  std::optional<Amount> live = {};      // of the heap; none: it was not read
  std::optional<TypeTable> types = {};  // none: see `no_types`; so the holders
  std::vector<HeldKind> holders = {};   // parents first
  std::string no_types = {};     // two sentences for a reader: what is missing, and the remedy
  std::uint64_t goroutines = 0;  // without the runtime's own
  std::vector<GoroutineKind> kinds_of_goroutines = {};
  std::optional<Allocated> allocated = {};  // none: see `no_allocations`
  std::string no_allocations = {};
};

}  // namespace goshawk::findings
