// What an object can be: a value of a type, an array of them, or one of the runtime's own things
// that a type leads to (the parts of a map, a channel, a closure). For each, what its pointers lead
// to, word by word.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/address.h"
#include "goruntime/symbols/functions.h"
#include "goruntime/types/type_reader.h"
#include "goruntime/typing/struct_catalog.h"

namespace goshawk::goruntime {

enum class Shape : std::uint8_t {
  kValue,          // of `type`
  kArray,          // of `type`, one value behind the other
  kText,           // the bytes of a string
  kMap,            // the header of a map of `type`
  kMapDirectory,   // of a Swiss map of `type`: pointers to its tables
  kMapTable,       // of a Swiss map of `type`
  kMapExtra,       // of a map of buckets: what leads to its overflow buckets
  kOverflowSlice,  // the slice header in which mapextra has them
  kOverflowList,   // pointers to them
  kMapStorage,     // groups of a Swiss map's slots, or buckets: values of the map's storage type
  kChannel,        // the hchan of a channel with elements of `type`
  kFunction,       // a func value of `type`, whose code is not known
  kClosure,        // one whose code begins at `type`
  kSmall,          // a block that several small values without pointers share
  kItabTable,      // the runtime's table of itabs, whose last field grows
};

using ViewId = std::uint32_t;
inline constexpr ViewId kNoView = 0;

struct View {
  Shape shape = Shape::kValue;
  Address type;
  std::uint64_t size_bytes = 0;  // of one of its values; 0: of any size
  bool noscan = false;
  bool repeats = false;  // one value behind the other

  // places[word] of one value; of what has too many words for a table, none.
  bool has_places = false;
  std::vector<ViewId> places;
  static constexpr ViewId kNoPointer = 0;  // the word is none
  static constexpr ViewId kAnywhere = 1;   // it is one, to what cannot be told from here
};

class Views {
 public:
  Views(TypeReader& types, const StructCatalog& catalog);

  // Of a closure's code: how far from its start a closure keeps what, as far as it is known.
  using Captured = std::function<std::vector<std::pair<std::uint64_t, ViewId>>(Address)>;
  void tell_captured(Captured captured) { captured_ = std::move(captured); }

  // kNoView when there is no such thing, or there are more than can be kept.
  ViewId find(Shape shape, Address type);
  // What the pointer in an interface of this dynamic type leads to; kNoView when that cannot be
  // told. `is_box`: the interface holds the value in a box of its own.
  ViewId find_behind_interface(Address type, bool& is_box);
  // What was allocated as a value of the type, or as `many` of them.
  ViewId find_allocated(Address type, bool many);
  // `views[id]`, its places known.
  const View& placed(ViewId id);
  const View& operator[](ViewId id) const { return views_[id]; }
  std::size_t size() const { return views_.size(); }

  // Whether a value of `whole` begins with one of `part`.
  bool begins_with(Address whole, Address part);
  // Whether `special` says of a part of a map what `general` is, and of which map.
  bool refines(const View& special, const View& general);
  // What is at the very start of a value, neither an array nor a struct.
  Address first_scalar(Address type);
  bool is_swiss(Address map);  // a map's type
  bool is_bytes(Address type) { return types_.size_bytes(type) == 1; }
  std::uint64_t channel_bytes() { return types_.size_bytes(runtime_.hchan); }
  TypeReader& types() { return types_; }
  std::string name(ViewId id, const Functions* functions);

 private:
  bool describe(View& view);
  bool describe_value(View& view);
  void place(View& view);
  void place_type(std::vector<ViewId>& places, Address type, std::uint64_t offset, int depth);
  void place_array(std::vector<ViewId>& places, Address type, std::uint64_t offset, int depth);
  void place_struct(std::vector<ViewId>& places, Address type, std::uint64_t offset, int depth);
  void place_fields(View& view, Address structure);
  void place_captured(View& view);
  void put(std::vector<ViewId>& places, std::uint64_t offset, ViewId id);
  bool is_map_storage(Address type);
  Address first_part(Address type);
  std::string storage_name(Address storage);

  struct RuntimeTypes {
    Address hmap, mapextra, swiss_map, swiss_table, hchan;
  };

  TypeReader& types_;
  RuntimeTypes runtime_;
  Captured captured_;
  std::deque<View> views_;
  std::unordered_map<std::uint64_t, ViewId> ids_;
  std::uint64_t placed_words_ = 0, steps_ = 0;
};

}  // namespace goshawk::goruntime
