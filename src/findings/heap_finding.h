// Heap that need not be in use: held and not used, held until a timer fires, kept for reuse; and
// what of it grows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "findings/finding.h"
#include "findings/heap_holders.h"

namespace goshawk::findings {

// Goroutines that wait to send, or to receive.
struct ChannelWaiters {
  std::uint64_t count = 0;
  std::string function = {};  // in which one of them waits; "": not known, or there are none
};

struct ChannelUse {
  std::uint64_t queued = 0, capacity = 0;  // elements
  std::uint64_t held_bytes = 0;            // by what is queued, and by nothing else
  std::uint64_t closed = 0;                // of the channels
  ChannelWaiters senders = {}, receivers = {};
};

// Things of one kind in one place. Its `finding` has rule, confidence, count, advice, fingerprint
// and as cost.retained_bytes what mending it would give back; of what grows that is what came since
// the first picture, and `finding.growth` has its entries, elements or objects; bytes where
// finding.count is 0.
struct HeapFinding {
  Finding finding = {};
  std::string place = {};         // where they are held: "main.record.key", a variable, a function
  std::string type = {};          // "[]uint8", "map[string]*main.session"; "": not known
  std::uint64_t total_bytes = 0;  // of all of them
  std::uint64_t used_bytes = 0;   // of these, by whoever refers to them
  std::optional<std::uint64_t> entries = {};       // of maps
  std::uint64_t address = 0;                       // of the largest; 0: it is no object
  std::string path = {};                           // how that is held; "": not told
  std::optional<std::int64_t> longest_ns = {};     // timers: until the last one fires
  std::optional<std::uint64_t> unreferenced = {};  // timers: that nobody can stop or receive from
  std::uint64_t slot_bytes = 0;              // of objects of unknown type that grow; 0: too large
  std::vector<TypeCost> came_with = {};      // what came below a map or slices that grow
  std::optional<ChannelUse> channels = {};   // of channels
  std::vector<AllocatedIn> created_in = {};  // timers: by those that were sampled
};

}  // namespace goshawk::findings
