// Values without a name that the compiler laid out among the global variables: what `var x = &T{}`
// points to. No symbol and no debug information tells of them; variables lead to them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/address.h"
#include "goruntime/symbols/modules.h"
#include "goruntime/types/place_in_type.h"
#include "goruntime/types/type_reader.h"
#include "goruntime/typing/global_variables.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// A word of data or bss that is a pointer into these.
struct StaticPointer {
  Address source;
  std::uint64_t value = 0;
  std::uint64_t before = 0, next = 0, after = 0;  // the word before it, and the two behind it
};

// By source. What cannot be read has none.
std::vector<StaticPointer> read_static_pointers(const target::Memory& memory,
                                                const Modules& modules);

class StaticObjects {
 public:
  // Follows them from the variables whose types are known. `pointers` must outlive it.
  StaticObjects(std::span<const StaticPointer> pointers, GlobalVariables& variables,
                TypeReader& types);

  // What lies at a word of such a value. Several: pointers of several types lead there.
  std::vector<PlaceInType> find(Address word);
  // How a word of such a value is reached, in Go's words: "main.config.limits". nullopt: no
  // variable leads there.
  struct Named {
    std::string name;
    PlaceInType place;
  };
  std::optional<Named> find_named(Address word);

 private:
  static constexpr std::uint32_t kVariable = 0xffffffff;
  // What a pointer leads to: a type that has a descriptor, or one of the debug information only.
  struct Target {
    Address descriptor;      // null: the other one
    std::uint64_t type = 0;  // the offset of its entry
    bool is_slice = false;
  };
  struct Object {
    AddressRange range;
    Target target;
    std::uint64_t size_bytes = 0;      // of one value of it
    std::uint32_t parent = kVariable;  // that a pointer lies in
    Address source;                    // of that pointer
    std::uint8_t depth = 0;
  };
  struct Step {
    std::string path;
    Target target;
  };

  std::optional<Step> find_step(const StaticPointer& pointer, std::uint32_t from);
  std::optional<Step> find_step_of_place(const StaticPointer& pointer, PlaceInType place);
  void lead(const StaticPointer& pointer, const Target& target, std::uint32_t parent);
  void follow(std::uint32_t object);
  PlaceInType place_in(const Object& object, Address word);
  template <typename Visit>
  void visit_covering(Address word, Visit visit);
  std::string name_of(const Object& object);

  std::span<const StaticPointer> pointers_;
  GlobalVariables& variables_;
  TypeReader& types_;
  std::vector<Object> objects_;
  std::vector<std::uint32_t> by_start_;
  std::unordered_set<std::uint64_t> seen_;  // hashes
  std::uint64_t steps_left_ = 1 << 24;
};

}  // namespace goshawk::goruntime
