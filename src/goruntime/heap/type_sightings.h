// What the heap's contents say of its objects' types, read span by span beside the references that
// were decoded before: where in its object each reference lies, and what headers and interfaces
// name.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/reserved_array.h"
#include "goruntime/heap/heap_span_table.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

// Places of memory that types or functions lie in, numbered: each 8 bytes of them.
class SightedPlaces {
 public:
  SightedPlaces(std::vector<AddressRange> types, std::vector<AddressRange> text);

  static constexpr std::uint32_t kNone = 0xffffffff;
  std::uint32_t number_of_type(Address at) const { return number(types_, at); }
  std::uint32_t number_of_code(Address at) const { return number(text_, at); }
  Address type(std::uint32_t number) const { return address(types_, number); }
  Address code(std::uint32_t number) const { return address(text_, number); }

 private:
  static std::uint32_t number(const std::vector<AddressRange>& ranges, Address at);
  static Address address(const std::vector<AddressRange>& ranges, std::uint32_t number);
  std::vector<AddressRange> types_, text_;
};

// One word: what was seen, and the number of the type or the function.
struct Sighting {
  enum class By : std::uint32_t {
    kNothing = 0,
    kHeader = 1u << 30,     // the allocation's own type
    kInterface = 2u << 30,  // the dynamic type of an interface that points to the object
    kCode = 3u << 30,       // the object's first word is a function's entry
  };
  static constexpr std::uint32_t kByBits = 3u << 30;

  static By by(std::uint32_t word) { return static_cast<By>(word & kByBits); }
  static std::uint32_t number(std::uint32_t word) { return word & ~kByBits; }
};

struct TypeSightings {
  // Beside References::edges: the word of the object in which the reference lies, and whether it
  // leads to the middle of its target.
  static constexpr std::uint16_t kInterior = 0x8000, kWordBits = 0x7fff;
  // Of an object's first reference: where they lie is not known.
  static constexpr std::uint16_t kUnplaced = 0xffff;

  ReservedArray<std::uint16_t> places;
  ReservedArray<std::uint32_t> of_objects;  // Sighting words
  struct More {
    snapshot::ObjectId object = snapshot::kNone;
    std::uint32_t word = 0;
    auto operator<=>(const More&) const = default;
  };
  std::vector<More> more;  // second sightings of an object, sorted

  // A reference to an object of kLargeBytes or more, and the words around it, which may be those of
  // a slice, a string or the header of a map.
  static constexpr std::uint64_t kLargeBytes = 1024;
  struct Around {
    snapshot::ObjectId from = snapshot::kNone, to = snapshot::kNone;
    std::uint32_t word = 0;                        // where it lies: of the value, behind a header
    bool known = false;                            // else nothing but `from` and `to` is
    std::uint64_t value = 0, next = 0, after = 0;  // itself, and the two words behind it
    std::uint64_t first = 0;                       // of the value
  };
  std::vector<Around> around;  // by `to`; all there are, unless they were too many: none then
  bool around_complete = true;
  // Of an object below kLargeBytes, without pointers, that some slice has all of as its capacity:
  // the size of an element, up to 255 bytes; else 0.
  ReservedArray<std::uint8_t> filling_elements;
  bool has_headers = false;  // pointers to objects above 512 bytes lead behind a header
};

struct SightingRequest {
  const snapshot::References& references;
  const SightedPlaces& places;
  // The dynamic type that an interface's first word names; null when it is no such word. Called
  // from several threads.
  std::function<Address(Address)> type_of_interface;
  std::function<bool(Address)> is_function_entry;
  const std::vector<std::uint64_t>* wanted = nullptr;  // a bit for each object; null: all
};

// The target may have run on since the references were decoded: an object whose pointers do not
// lead where its row says is unplaced, and nothing that it says is believed.
TypeSightings read_type_sightings(const HeapSpanTable& table, const SightingRequest& request);

}  // namespace goshawk::goruntime
