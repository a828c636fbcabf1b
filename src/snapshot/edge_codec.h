// References in a snapshot file: rows as degrees, edges as differences to the object that they
// start from. Both are cut into parts that are encoded and decoded by themselves, in parallel.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/byte_view.h"
#include "base/result.h"
#include "snapshot/snapshot.h"

namespace goshawk::snapshot {

// Edges that follow each other in object order, beginning `skip` edges into the row of `first`.
struct EdgePart {
  ObjectId first = 0;
  std::uint32_t skip = 0;
  std::uint32_t count = 0;
};
// All of them, no part with more than `most` edges.
std::vector<EdgePart> cut_edges(const Snapshot& snapshot, std::uint32_t most);

struct Degrees {
  std::string payload;
  std::uint64_t sum = 0;
};
// Of the objects [first, first + count).
Degrees encode_degrees(const Snapshot& snapshot, ObjectId first, std::uint32_t count);
std::string encode_edges(const Snapshot& snapshot, const EdgePart& part);

// Fills rows[0 .. count) with where each row begins, the first one at `begin`. False: the payload
// does not hold `count` degrees that add up to `sum`.
bool decode_degrees(ByteView payload, std::uint64_t sum, std::uint64_t begin,
                    std::span<std::uint32_t> rows);
// Fills into[0 .. count), which is what is at `begin` of all edges. `rows` has all objects' rows
// and where the last one ends. False: the payload does not hold so many, or one leads to an object
// >= object_count.
bool decode_edges(ByteView payload, std::uint64_t begin, std::span<const std::uint32_t> rows,
                  std::uint32_t object_count, std::span<ObjectId> into);

}  // namespace goshawk::snapshot
