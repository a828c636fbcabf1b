// How much of what is allocated is in use: of large arrays by the slices and strings that lead
// there, of maps by their entries, of channels by what is queued in them; and what lies in pools
// for reuse. Sizes in bytes; what is behind the last element counts as room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "snapshot/objects.h"

namespace goshawk::snapshot {

// An array of which less than half is used, and nobody refers to it of whom it is not known how
// much he uses: no stack, no word of unknown type.
struct ArrayFill {
  ObjectId array = kNone;
  ObjectId holder = kNone;    // the first of those that refer to it; kNone: a global variable
  std::uint32_t place = 0;    // in Fill::places: where in its holder
  std::uint32_t holders = 0;  // how many words refer to it
  bool read_only = false;     // strings and pointers only: nothing is ever appended
  std::uint64_t room_bytes = 0;
  std::uint64_t used_bytes = 0;       // by the lengths, each byte once; at most the next one
  std::uint64_t reachable_bytes = 0;  // by the capacities: what lies outside nobody can get at

  bool operator==(const ArrayFill&) const = default;
};

// A map whose tables are large: what counts is one table of a kilobyte or more.
struct MapFill {
  ObjectId header = kNone;
  std::uint64_t entries = 0;
  std::uint64_t table_bytes = 0;   // of those tables
  std::uint64_t needed_bytes = 0;  // of a new map's with as many entries; may be more

  bool operator==(const MapFill&) const = default;
};

// A slice of a large array, in a variable or a field.
struct SliceFill {
  ObjectId array = kNone;
  ObjectId holder = kNone;   // kNone: a global variable
  std::uint32_t place = 0;   // in Fill::places
  std::uint64_t length = 0;  // in elements

  bool operator==(const SliceFill&) const = default;
};

// A channel whose buffer is large: ChannelFill::kLeastBytes or more.
struct ChannelFill {
  static constexpr std::uint64_t kLeastBytes = 4096;

  ObjectId channel = kNone;  // its hchan
  ObjectId buffer = kNone;   // that the elements lie in; without pointers, the hchan itself
  std::uint64_t length = 0, capacity = 0;  // in elements, of element_bytes each
  std::uint64_t element_bytes = 0;
  bool closed = false;

  bool operator==(const ChannelFill&) const = default;
};

// A sync.Pool that has been used since the last collection but one. Each collection frees what is
// in its victims, and what is in its locals becomes the victims.
struct PoolFill {
  Address pool;
  ObjectId local = kNone, victim = kNone;  // an array each, of a part for each p; kNone: none
  std::uint64_t values = 0, victim_values = 0;
  std::uint32_t place = 0;    // in Fill::places: where the pool is
  std::uint32_t made_by = 0;  // there: the function New
  std::uint32_t type = 0;     // there: of most of the values, "*bytes.Buffer"

  bool operator==(const PoolFill&) const = default;
};

struct Fill {
  bool known = false;
  // Names: "main.record.key", a type's field or a variable; a function; a type. The first is "",
  // of what cannot be told.
  std::vector<std::string> places;
  std::vector<ArrayFill> arrays;      // by array
  std::vector<MapFill> maps;          // by header
  std::vector<SliceFill> slices;      // whatever part is used; saved pictures have none
  std::vector<ChannelFill> channels;  // by channel
  std::vector<PoolFill> pools;        // by pool

  bool operator==(const Fill&) const = default;
};

}  // namespace goshawk::snapshot
