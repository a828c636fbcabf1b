// The heap of a stopped target: its spans and their objects, and every pointer between them,
// decoded span by span as the bytes stream in (no copy of the heap is kept).
// Follows runtime/mheap.go, runtime/mbitmap.go, runtime/malloc.go, runtime/mgcmark.go
// (markrootSpans).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "base/stages.h"
#include "goruntime/heap/type_sightings.h"
#include "goruntime/layout/layout.h"
#include "goruntime/symbols/globals.h"
#include "goruntime/symbols/modules.h"
#include "snapshot/snapshot.h"
#include "target/reading_ahead.h"
#include "target/target.h"

namespace goshawk::goruntime {

// Objects whose words are not what their pointer mask says to us: a g's row is empty, a waiting
// sudog's g, c and elem are cut, a p's timer heap is cut.
struct RowOverride {
  bool cut_all = false;
  std::vector<std::uint32_t> cut_offsets;  // bytes from the slot's start, which may be a header
};
using RowOverrides = std::unordered_map<snapshot::ObjectId, RowOverride>;

// A pointer that a special holds, or that makes its object special. runtime/mheap.go special*.
struct SpecialRecord {
  enum class Kind : std::uint8_t { kFinalizer, kCleanup, kWeakHandle, kPinCounter, kProfile };
  Kind kind = Kind::kProfile;
  snapshot::ObjectId object = snapshot::kNone;  // the one it is attached to
  Address target;                               // fn, handle, bucket; null for a pin counter
  std::vector<Address> more;                    // cleanup since 1.26: call and arg
};

// What waits in a queue to be run. Cleanups have one of their own since 1.25.
struct QueuedPointer {
  Address pointer;
  Address finalizer;  // the word of the finalizers' queue; null: of the cleanups'
};

struct HeapPlaces;  // heap_places.h
struct DecodedAhead;

class Heap {
 public:
  // Reads all spans (not yet their objects' contents). Facts that fail their checks against the
  // target are Missing. Doubts (unreadable or contradictory spans) are added to `doubts`.
  // What was checked is added to `bindings`.
  // mappings are the stopped target's: spans outside of them are not believed. `ahead`: as for
  // decode_references().
  static Result<Heap> read(const target::Target& target,
                           const std::vector<target::Mapping>& mappings, const Modules& modules,
                           const Globals& globals, const LayoutSource& layout,
                           std::vector<snapshot::Doubt>& doubts,
                           std::vector<snapshot::Binding>& bindings,
                           const DecodedAhead* ahead = nullptr);
  Heap(Heap&&) noexcept;
  Heap& operator=(Heap&&) noexcept;
  ~Heap();

  // The object that an address points into: any slot of an in-use span, allocated or not.
  std::optional<snapshot::ObjectId> find(Address address) const;  // O(1), by the page table
  const snapshot::Objects& objects() const;
  bool in_stack_span(Address address) const;  // memory the heap lends to stacks (mSpanManual)

  // Every pointer of every allocated, pointer-bearing object, in parallel; extra edges are the
  // caller's (read_specials has the weak handles). What overrides cut goes to `cut`, if there is
  // one, sorted by source. It is a stage of its own. What was decoded `ahead` and still holds is
  // taken from there, and what is decoded ahead of a later call is added to it.
  Result<snapshot::References> decode_references(
      const RowOverrides& overrides, std::vector<snapshot::Doubt>& doubts,
      std::vector<snapshot::References::Extra>* cut = nullptr, Stages* stages = nullptr,
      DecodedAhead* ahead = nullptr) const;
  // A test of ours: how many objects have other references than `references` says, by what `truth`
  // has of the same instant.
  Result<std::uint64_t> count_contradictions(const RowOverrides& overrides,
                                             const snapshot::References& references,
                                             const target::Memory& truth) const;
  // Whose the pages are, for a target that is read ahead of its stop.
  target::HeapPages pages() const;

  // All but profile records, of which there can be one for each object, unless asked for.
  // Who proves something from them: what a finalizer's object points to (not the object) is a root,
  // so is its fn; so are a cleanup's target and more, and a weak handle.
  Result<std::vector<SpecialRecord>> read_specials(std::vector<snapshot::Doubt>& doubts,
                                                   bool with_profile = false) const;
  // The pointers of one object by its mask, without overrides (what a live goroutine's own g
  // holds): the words themselves, nil ones left out. One thread; cheap when asked in the order of
  // objects, for then a span is read once. For many that are cut anyway, see `cut` above.
  std::vector<Address> read_object_pointers(snapshot::ObjectId object) const;
  // Words that may be heap pointers in finalizers and cleanups that wait to be run: roots.
  Result<std::vector<QueuedPointer>> read_queued_pointers(
      std::vector<snapshot::Doubt>& doubts) const;

  // Where all of this is; reads the spans' descriptors once more.
  Result<HeapPlaces> read_places() const;

  // See there. The objects are those of this heap.
  TypeSightings read_type_sightings(const SightingRequest& request) const;
  std::vector<std::uint8_t> header_bytes_of_spans() const;

 private:
  struct State;
  explicit Heap(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The references of a heap as it was a moment ago.
struct DecodedAhead {
  std::optional<Heap> heap;         // none: nothing was decoded yet
  snapshot::References references;  // of it; taken by the call that makes use of them
  std::uint64_t edges_end = 0;      // of the part of the array that is in use
  std::vector<bool> of_no_use;      // spans of it: they will be decoded again in any case
  target::PageRanges changed;       // memory, since then
  bool is_last = false;             // what is asked for now is not asked for again
  // Asked once all spans are known and before any object is read: whether that is in vain.
  std::function<bool(const Heap&)> is_in_vain = {};
};

}  // namespace goshawk::goruntime
