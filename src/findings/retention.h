// What is said of objects that somebody asks for: how they are held, and what they hold.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "findings/type_table.h"

namespace goshawk::findings {

// What may be asked for: an object by an address in it, all objects of a type, what one goroutine's
// stack leads to.
struct OfType {
  std::string name;  // as a TypeTable has it
};
struct OfGoroutine {
  std::uint64_t goid = 0;
};
using Asked = std::variant<Address, OfType, OfGoroutine>;

// A way from outside of the heap to objects that were asked for, or several ways through the same
// types.
struct RetentionPath {
  std::string path;  // of the nearest
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
};

// Objects of one type beside the one that was asked for.
struct Neighbours {
  std::string type;  // "": not known
  std::uint64_t objects = 0;
  std::uint64_t address = 0;  // of the only one; 0: there are several
};

struct Retention {
  std::string asked = {};  // "0xc000012340", "main.Session", "goroutine 12"
  std::string type = {};   // of an object that was asked for by its address; "": not known
  bool is_goroutine = false;
  std::uint64_t address = 0;        // of an object that was asked for: where it begins
  bool live = true;                 // else it is garbage: nothing leads to it
  bool noscan = false;              // an object without pointers
  std::uint64_t objects = 0;        // that were asked for, and live
  std::uint64_t shallow_bytes = 0;  // of these
  std::uint64_t live_bytes = 0;     // of the whole heap
  // What would be freed if they were gone, themselves included.
  std::uint64_t retained_bytes = 0;
  std::uint64_t retained_objects = 0;
  TypeTable retained_types = {};           // of that
  std::vector<RetentionPath> paths = {};   // most objects first
  std::uint64_t more_paths = 0;            // that are not told
  std::vector<Neighbours> referrers = {};  // who refers to them directly, of what lives
  std::vector<Neighbours> referents = {};  // what they refer to directly
};

}  // namespace goshawk::findings
