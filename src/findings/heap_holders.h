// Who holds the heap: each with what would be freed if it let go.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "findings/finding.h"

namespace goshawk::findings {

// One, or several alike that are held by the same one.
struct HeapHolder {
  std::string path = {};   // "main.sessions[...].buf", "120 goroutines in main.work": the first's
  bool is_plural = false;  // the path names several: "the stacks of 3 goroutines", "finalizers"
  std::string type = {};   // "main.Session"; "": not known, or no object
  bool is_object = false;  // of the heap; else a variable, goroutines ...
  // An object that no holder alone keeps: all of them would have to let go. The path is one of
  // them.
  bool is_shared = false;
  std::vector<std::string> held_by = {};  // paths by different ones of its holders, if is_shared
  std::uint64_t slot_bytes = 0;  // of objects of unknown type; 0: larger than the largest slot
  std::uint64_t count = 1;       // of those alike
  bool is_chain = false;         // the first of them retains the others
  std::uint64_t address = 0;     // of an object; 0: none, or several
  std::uint64_t shallow_bytes = 0;
  std::uint64_t retained_bytes = 0;    // with its own
  std::uint64_t retained_objects = 0;  // with itself, if it is one
  std::uint32_t depth = 0;             // in the tree: below the last one before that is less deep
};

// A line of code that allocated what a holder has, by samples.
struct AllocatedIn {
  CodePlace place;
  CodePlace on_behalf_of = {};  // the line in a module, where `place` is in Go's own library
  std::uint64_t bytes = 0;      // estimated
  std::uint64_t samples = 0;
};

// A holder that has so much that it is suspected to hold more than it should.
struct HeapSuspect {
  Finding finding;  // heap/retained; with goroutines if these are the holder
  HeapHolder holder;
  HeapHolder accumulation;  // below it, where what it holds spreads out; the same if it does there
  std::vector<HeapHolder> contents;            // of that, the largest
  std::optional<std::uint64_t> entries = {};   // of the accumulation, if it is a large map
  std::vector<AllocatedIn> allocated_in = {};  // what the holder has; the largest first
};

// What things of one kind below one holder have themselves: all of them sum up to the live heap.
struct HeldPart {
  std::uint32_t parent = 0;  // index of who holds them; the first, the whole heap, has itself
  std::string name;          // a type, a holder; "": objects of unknown type, small holders
  bool is_object = false;
  std::uint64_t slot_bytes = 0;  // of unknown type: 0 is larger than the largest slot
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
};

struct HeapHolders {
  bool known = true;  // else the lists are empty because a saved picture has not kept them
  std::uint64_t live_bytes = 0;  // of all objects that a holder keeps
  std::uint64_t live_objects = 0;
  std::vector<HeapSuspect> suspects;  // the largest first
  std::vector<HeapHolder> tree;       // depth first, the largest first
  std::vector<HeldPart> parts = {};   // holders before what they hold
};

// The same for the same holder in another build of the program.
std::string compute_holder_fingerprint(std::string_view rule, std::string_view path);

}  // namespace goshawk::findings
