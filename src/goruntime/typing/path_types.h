// Which types the objects on a path have where nothing that leads there says so, as in a stripped
// program, of whose global variables nobody knows the types: what is known is what they lead to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/address.h"
#include "goruntime/page_cache.h"
#include "goruntime/typing/struct_catalog.h"
#include "goruntime/typing/views.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

// What must be known of the program.
struct PathFacts {
  std::function<bool(Address)> is_function_entry;
  std::span<const target::Mapping> mappings;
  std::uint32_t element_type = 0;  // where a runtime.hchan has it
};

class PathTypes {
 public:
  // Reads all type descriptors once. All must outlive it. `header_bytes`: by span.
  PathTypes(const target::Memory& memory, PathFacts facts, const snapshot::Snapshot& picture,
            std::span<const std::uint8_t> header_bytes, TypeReader& types);

  // What the first of these objects is, each of which leads to the next one: the only thing that
  // it can be. nullopt: it cannot be told.
  std::optional<View> find(std::span<const snapshot::ObjectId> path);

 private:
  // An object as it lies there.
  struct Held {
    std::uint64_t slot_bytes = 0, header_bytes = 0;
    bool noscan = false, is_read = false;
    std::vector<std::uint64_t> words;  // behind the header, as many as are looked at
    // Those that lead to objects, with these, where the pointer is one to the object's start.
    struct Pointer {
      std::uint64_t word = 0;
      snapshot::ObjectId to = snapshot::kNone;
      bool is_to_start = false;
    };
    std::vector<Pointer> pointers;
    Address channel_element;  // of a channel that somebody waits on
    std::uint64_t room() const { return slot_bytes - header_bytes; }
  };

  Held outline(snapshot::ObjectId object) const;  // its slot only
  const Held& read(snapshot::ObjectId object);
  std::optional<View> by_header(snapshot::ObjectId object, const Held& held);
  void read_pointers(snapshot::ObjectId object, Held& held);
  Address waited_channel_element(snapshot::ObjectId object);
  bool may_be(ViewId id, std::span<const snapshot::ObjectId> path);
  bool decide(ViewId id, std::span<const snapshot::ObjectId> path);
  bool is_allocated_alone(Address type);
  bool names_types_where(const View& view, const Held& held);
  ViewId behind(const Held& held, std::uint64_t word, ViewId place);
  bool fills(const View& view, const Held& held) const;
  bool fits(ViewId id, const Held& held);
  bool may_be_plain_array(const Held& held);
  bool has_pointers_where(const View& view, const Held& held) const;
  bool leads_somewhere(std::uint64_t word) const;
  const std::vector<ViewId>& candidates_for(const Held& held);
  bool may_be_channel(const Held& held);

  const target::Memory& memory_;
  PathFacts facts_;
  const snapshot::Snapshot& picture_;
  std::span<const std::uint8_t> header_bytes_;
  TypeReader& types_;
  StructCatalog catalog_;
  Views views_;
  PageCache cache_;                                         // of channels and what lies around
  std::vector<std::pair<std::uint64_t, Address>> structs_;  // by size
  std::vector<Address> maps_;
  std::vector<snapshot::ObjectId> channels_;  // that somebody waits on, sorted
  std::uint64_t tried_ = 0;
  std::unordered_map<snapshot::ObjectId, Held> held_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<ViewId>> candidates_;  // by slot
  std::map<std::pair<ViewId, snapshot::ObjectId>, bool> decided_;  // of one path
};

}  // namespace goshawk::goruntime
