// What the heap's objects are, in Go's words, made when it is asked for.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/reserved_array.h"

namespace goshawk::snapshot {

struct ObjectTypes {
  static constexpr std::uint32_t kUnknown = 0;

  std::vector<std::string> names;  // by number; that of kUnknown is empty
  // By number: its descriptor in the target, of what is a value of the type (or several, one behind
  // the other) or a map of it; null: something else, or several types of one name. Not saved.
  std::vector<Address> descriptors;
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

// Keeps what another one tells, for a picture that is to be saved.
class TypeRecorder final : public TypeTeller {
 public:
  explicit TypeRecorder(TypeTeller& asked) : asked_(asked) {}
  const ObjectTypes* tell(const std::vector<std::uint64_t>& wanted) override {
    const ObjectTypes* types = asked_.tell(wanted);
    if (types == nullptr) return nullptr;
    told_.names = types->names;
    told_.of_objects = ReservedArray<std::uint32_t>(types->of_objects.capacity());
    for (std::uint64_t word = 0; word < wanted.size(); ++word)
      for (std::uint64_t bits = wanted[word]; bits != 0; bits &= bits - 1) {
        std::uint64_t object = word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits));
        told_.of_objects[object] = types->of_objects[object];
      }
    return types;
  }
  void write_to(ObjectTypes& types) && { types = std::move(told_); }

 private:
  TypeTeller& asked_;
  ObjectTypes told_;
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
