// The heap's objects, numbered by span: scannable spans first, then noscan ones, each part in
// address order. Slot i of a span is object first + i whether it is allocated or not; one number
// after the last slot of a span is nobody's, it ends the last row of references.
//
//   span A (3 slots)   span B (2 slots)
//   0  1  2  [3]       4  5  [6]       references.rows[k] .. rows[k + 1] are the edges of object k
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/reserved_array.h"
#include "snapshot/strings.h"

namespace goshawk::snapshot {

using ObjectId = std::uint32_t;

struct Span {
  Address base;
  std::uint64_t element_size_bytes = 0;
  std::uint32_t slots = 0;
  ObjectId first = 0;
  bool noscan = false;
  bool tiny = false;  // 16-byte slots shared by several small pointer-free values

  bool operator==(const Span&) const = default;
};

class Objects {
 public:
  Objects() = default;
  // Sorted as above by the maker; firsts are given out here.
  explicit Objects(std::vector<Span> spans);

  const std::vector<Span>& spans() const { return spans_; }
  std::uint32_t count() const { return count_; }          // numbers given out, dummies included
  std::uint32_t row_count() const { return row_count_; }  // numbers below have a row of references

  const Span& span_of(ObjectId object) const;  // object < count()
  Address address(ObjectId object) const;
  std::uint64_t size_bytes(ObjectId object) const { return span_of(object).element_size_bytes; }
  // The object that `address` points into, interior pointers too.
  std::optional<ObjectId> find(Address address) const;

  std::vector<std::uint64_t> allocated;  // a bit for each number

  bool is_allocated(ObjectId object) const {
    return object < count_ && object / 64 < allocated.size() &&
           (allocated[object / 64] >> (object % 64) & 1) != 0;
  }

 private:
  std::vector<Span> spans_;
  std::size_t scannable_ = 0;  // how many of spans_ are
  std::uint32_t count_ = 0;
  std::uint32_t row_count_ = 0;
};

// Edges in compressed rows; see the picture above. Objects without a row (noscan) have none here.
struct References {
  ReservedArray<std::uint32_t> rows;  // row_count entries: where the edges of an object begin
  ReservedArray<ObjectId> edges;      // rows of one span lie together; spans may lie anywhere
  std::uint64_t edge_count = 0;

  // Rare ones that no row holds, sorted by source: a weak handle to its target.
  struct Extra {
    ObjectId from = kNone;
    ObjectId to = kNone;
    auto operator<=>(const Extra&) const = default;
  };
  std::vector<Extra> extra;
};

}  // namespace goshawk::snapshot
