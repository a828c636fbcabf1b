// What the heap's objects are, in Go's words, made when it is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/reserved_array.h"

namespace goshawk::snapshot {

struct ObjectTypes {
  static constexpr std::uint32_t kUnknown = 0;

  std::vector<std::string> names;           // by number; that of kUnknown is empty
  ReservedArray<std::uint32_t> of_objects;  // a number for each object

  bool were_read() const { return of_objects.capacity() > 0; }
};

// Answers once the picture is taken: goruntime of a process or a core, a saved picture of what was
// read when it was saved.
class TypeTeller {
 public:
  virtual ~TypeTeller() = default;
  // Of the objects with a bit in `wanted`, which must be all to which nothing else leads but what
  // is wanted too; of the others nothing is said. Null: they cannot be told.
  virtual const ObjectTypes* tell(const std::vector<std::uint64_t>& wanted) = 0;
};

// Those that a picture has.
class ToldTypes final : public TypeTeller {
 public:
  explicit ToldTypes(const ObjectTypes& types) : types_(types) {}
  const ObjectTypes* tell(const std::vector<std::uint64_t>&) override {
    return types_.were_read() ? &types_ : nullptr;
  }

 private:
  const ObjectTypes& types_;
};

}  // namespace goshawk::snapshot
