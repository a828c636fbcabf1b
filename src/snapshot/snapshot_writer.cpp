// save(): one section after the other, each cut into blocks that are encoded and compressed in
// parallel. Arrays that others have indices into come first, so that a reader can check every index
// when it meets it; the heap's references, nearly all of the file, come last.
//
// Strings that nothing in the file names are left out (those of labels); the others keep their
// order, so that whatever is sorted by number comes out in the same order from the loaded picture.
#include <algorithm>
#include <cassert>
#include <vector>

#include "snapshot/block_writer.h"
#include "snapshot/edge_codec.h"
#include "snapshot/record_writer.h"
#include "snapshot/records.h"
#include "snapshot/snapshot_file.h"
#include "snapshot/type_codec.h"

namespace goshawk::snapshot {
namespace {

constexpr std::size_t kRecordsABlock = 1 << 14;
constexpr std::size_t kWordsABlock = 1 << 17;
constexpr std::uint32_t kDegreesABlock = 1 << 20;
constexpr std::uint32_t kTypesABlock = 1 << 20;
constexpr std::uint32_t kEdgesABlock = 1 << 18;

// The new number of each string that is named, in the order of the old ones.
class NamedStrings {
 public:
  NamedStrings(const Snapshot& snapshot, bool labels) : numbers_(snapshot.strings.size(), kNone) {
    for (FrameId id = 0; id < snapshot.stacks.frame_count(); ++id) {
      const Frame& frame = snapshot.stacks.frame(id);
      for (StringId name : {frame.function, frame.symbol, frame.file}) note(name);
    }
    for (const Wait& wait : snapshot.waits) note(wait.element_type);
    for (const Goroutine& goroutine : snapshot.goroutines) {
      note(goroutine.wait_reason);
      note(goroutine.doubt);
    }
    for (const Context& context : snapshot.contexts) note(context.type);
    for (const ContextCall& call : snapshot.context_calls)
      for (StringId name : {call.function, call.maker, call.called_by, call.starter, call.leads_by})
        note(name);
    for (const PendingTimer& timer : snapshot.pending_timers) note(timer.function);
    for (const ToldPath& told : snapshot.told_paths) note(told.text);
    for (const ToldLock& told : snapshot.told_locks) note(told.text);
    for (const IoWait& wait : snapshot.io_waits) {
      note(wait.protocol);
      // Else a path or a name: the program's own text.
      bool of_internet =
          wait.protocol != kNone && (snapshot.strings[wait.protocol].starts_with("tcp") ||
                                     snapshot.strings[wait.protocol].starts_with("udp"));
      if (of_internet || labels) note(wait.local), note(wait.remote);
    }
    if (labels)
      for (const Label& label : snapshot.labels) note(label.key), note(label.value);
    for (StringId id = 0; id < numbers_.size(); ++id) {
      if (numbers_[id] == kNone) continue;
      numbers_[id] = static_cast<StringId>(named_.size());
      named_.push_back(id);
    }
  }

  const std::vector<StringId>& named() const { return named_; }  // the old numbers
  StringId number(StringId old) const { return old < numbers_.size() ? numbers_[old] : kNone; }

 private:
  void note(StringId id) {
    if (id < numbers_.size()) numbers_[id] = 0;
  }

  std::vector<StringId> numbers_;
  std::vector<StringId> named_;
};

class Saver {
 public:
  Saver(const Snapshot& snapshot, const SaveOptions& options, BlockWriter& out)
      : snapshot_(snapshot), options_(options), strings_(snapshot, options.labels), out_(out) {
    assert(std::ranges::is_sorted(snapshot.goroutines, {}, &Goroutine::goid));
  }

  Result<void> save() {
    TRY_VOID(out_.write_preamble({.writer = GOSHAWK_VERSION}));
    TRY_VOID(write_facts());
    TRY_VOID(write_names());
    TRY_VOID(write_objects());
    TRY_VOID(write_goroutines());
    TRY_VOID(write_roots());
    TRY_VOID(write_holders());
    TRY_VOID(write_io_waits());
    TRY_VOID(write_allocations());
    TRY_VOID(write_memory());
    if (snapshot_.picture.has_references) TRY_VOID(write_references());
    if (snapshot_.types.were_read()) TRY_VOID(write_types());
    if (snapshot_.fill.known) TRY_VOID(write_fill());
    TRY_VOID(write_pending_timers());
    TRY_VOID(write_sampled_objects());
    TRY_VOID(write_context_calls());
    return out_.write_end();
  }

 private:
  // write(io, near, i) for each i < count.
  template <typename Write>
  Result<void> write_records(BlockKind kind, std::size_t count, Write&& write) {
    std::size_t blocks = (count + kRecordsABlock - 1) / kRecordsABlock;
    return out_.write_blocks(kind, blocks, [&](std::size_t block) {
      std::size_t first = block * kRecordsABlock, last = std::min(count, first + kRecordsABlock);
      RecordWriter io;
      Near near;
      for (std::size_t i = first; i < last; ++i) write(io, near, i);
      return RawBlock{io.take(), static_cast<std::uint32_t>(last - first)};
    });
  }

  Result<void> write_facts() {
    return out_.write_blocks(BlockKind::kFacts, 1, [&](std::size_t) {
      PictureFacts picture = snapshot_.picture;
      picture.labels_left_out |= !options_.labels && !snapshot_.labels.empty();
      RecordWriter io;
      exchange_target(io, snapshot_.target);
      exchange_picture(io, picture);
      io.number(snapshot_.dead_descriptors);
      io.number(snapshot_.doubts.size());
      for (const Doubt& doubt : snapshot_.doubts) exchange_doubt(io, doubt);
      io.number(snapshot_.bindings.size());
      for (const Binding& binding : snapshot_.bindings) exchange_binding(io, binding);
      return RawBlock{io.take(), 1};
    });
  }

  Result<void> write_names() {
    TRY_VOID(write_records(BlockKind::kStrings, strings_.named().size(),
                           [&](RecordWriter& io, Near&, std::size_t i) {
                             io.text(snapshot_.strings[strings_.named()[i]]);
                           }));
    TRY_VOID(write_records(BlockKind::kFrames, snapshot_.stacks.frame_count(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             Frame frame = snapshot_.stacks.frame(static_cast<FrameId>(i));
                             renumber(frame.function, frame.symbol, frame.file);
                             exchange_frame(io, near, {}, frame);
                           }));
    return write_records(BlockKind::kStacks, snapshot_.stacks.size(),
                         [&](RecordWriter& io, Near& near, std::size_t i) {
                           write_ids(io, near, snapshot_.stacks[static_cast<StackId>(i)]);
                         });
  }

  Result<void> write_objects() {
    const std::vector<std::uint64_t>& words = snapshot_.objects.allocated;
    std::size_t blocks = (words.size() + kWordsABlock - 1) / kWordsABlock;
    TRY_VOID(out_.write_blocks(BlockKind::kAllocated, blocks, [&](std::size_t block) {
      std::size_t first = block * kWordsABlock, last = std::min(words.size(), first + kWordsABlock);
      RecordWriter io;
      for (std::size_t i = first; i < last; ++i) io.fixed(words[i]);
      return RawBlock{io.take(), static_cast<std::uint32_t>(last - first)};
    }));
    return write_records(BlockKind::kSpans, snapshot_.objects.spans().size(),
                         [&](RecordWriter& io, Near& near, std::size_t i) {
                           exchange_span(io, near, snapshot_.objects.spans()[i]);
                         });
  }

  Result<void> write_goroutines() {
    TRY_VOID(write_records(BlockKind::kLocks, snapshot_.locks.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             exchange_lock(io, near, {}, snapshot_.locks[i]);
                           }));
    TRY_VOID(write_records(BlockKind::kWaits, snapshot_.waits.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             Wait wait = snapshot_.waits[i];
                             renumber(wait.element_type);
                             exchange_wait(io, near, {}, wait);
                           }));
    TRY_VOID(write_records(BlockKind::kLabels, options_.labels ? snapshot_.labels.size() : 0,
                           [&](RecordWriter& io, Near&, std::size_t i) {
                             Label label = snapshot_.labels[i];
                             renumber(label.key, label.value);
                             exchange_label(io, {}, label);
                           }));
    TRY_VOID(write_records(BlockKind::kAncestors, snapshot_.ancestors.size(),
                           [&](RecordWriter& io, Near&, std::size_t i) {
                             exchange_ancestor(io, {}, snapshot_.ancestors[i]);
                           }));
    return write_records(BlockKind::kGoroutines, snapshot_.goroutines.size(),
                         [&](RecordWriter& io, Near& near, std::size_t i) {
                           Goroutine goroutine = snapshot_.goroutines[i];
                           renumber(goroutine.wait_reason, goroutine.doubt);
                           if (!options_.labels) goroutine.first_label = goroutine.label_count = 0;
                           exchange_goroutine(io, near, {}, goroutine);
                         });
  }

  Result<void> write_roots() {
    const std::vector<std::uint32_t>& rows = snapshot_.goroutine_root_rows;
    TRY_VOID(write_records(
        BlockKind::kGoroutineRoots, rows.empty() ? 0 : rows.size() - 1,
        [&](RecordWriter& io, Near& near, std::size_t i) {
          write_ids(io, near,
                    std::span(snapshot_.goroutine_roots).subspan(rows[i], rows[i + 1] - rows[i]));
        }));
    TRY_VOID(write_records(BlockKind::kRoots, snapshot_.roots.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             exchange_root(io, near, {}, snapshot_.roots[i]);
                           }));
    return write_records(BlockKind::kExtraEdges, snapshot_.references.extra.size(),
                         [&](RecordWriter& io, Near& near, std::size_t i) {
                           exchange_extra(io, near, {}, snapshot_.references.extra[i]);
                         });
  }

  Result<void> write_holders() {
    TRY_VOID(write_records(BlockKind::kContexts, snapshot_.contexts.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             Context context = snapshot_.contexts[i];
                             renumber(context.type);
                             exchange_context(io, near, {}, context);
                           }));
    TRY_VOID(write_records(BlockKind::kToldPaths, snapshot_.told_paths.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             ToldPath told = snapshot_.told_paths[i];
                             renumber(told.text);
                             exchange_told_path(io, near, {}, told);
                           }));
    TRY_VOID(write_records(BlockKind::kLockFrames, snapshot_.lock_frames.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             exchange_lock_frame(io, near, {}, snapshot_.lock_frames[i]);
                           }));
    TRY_VOID(write_records(BlockKind::kHeldLocks, snapshot_.held_locks.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             exchange_held_lock(io, near, {}, snapshot_.held_locks[i]);
                           }));
    TRY_VOID(write_records(BlockKind::kEndlessStacks, snapshot_.endless_stacks.size(),
                           [&](RecordWriter& io, Near&, std::size_t i) {
                             exchange_endless_stack(io, {}, snapshot_.endless_stacks[i]);
                           }));
    TRY_VOID(write_records(BlockKind::kToldLocks, snapshot_.told_locks.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             ToldLock told = snapshot_.told_locks[i];
                             renumber(told.text);
                             exchange_told_lock(io, near, {}, told);
                           }));
    return write_records(BlockKind::kIdleTimers, snapshot_.idle_timers.size(),
                         [&](RecordWriter& io, Near& near, std::size_t i) {
                           exchange_idle_timer(io, near, {}, snapshot_.idle_timers[i]);
                         });
  }

  Result<void> write_io_waits() {
    return write_records(BlockKind::kIoWaits, snapshot_.io_waits.size(),
                         [&](RecordWriter& io, Near& near, std::size_t i) {
                           IoWait wait = snapshot_.io_waits[i];
                           renumber(wait.protocol, wait.local, wait.remote);
                           exchange_io_wait(io, near, {}, wait);
                         });
  }

  Result<void> write_allocations() {
    const Allocations& allocations = snapshot_.allocations;
    TRY_VOID(write_records(
        BlockKind::kAllocations, allocations == Allocations() ? 0 : 1,
        [&](RecordWriter& io, Near&, std::size_t) { exchange_allocations(io, allocations); }));
    return write_records(BlockKind::kAllocationRecords, allocations.records.size(),
                         [&](RecordWriter& io, Near&, std::size_t i) {
                           exchange_allocation_record(io, {}, allocations.records[i]);
                         });
  }

  Result<void> write_memory() {
    TRY_VOID(write_records(
        BlockKind::kMemory, snapshot_.memory.known ? 1 : 0,
        [&](RecordWriter& io, Near&, std::size_t) { exchange_memory(io, snapshot_.memory); }));
    TRY_VOID(write_records(BlockKind::kAbsentPages, snapshot_.memory.absent.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             exchange_absent(io, near, snapshot_.memory.absent[i]);
                           }));
    return write_records(BlockKind::kRuntimeRoots, snapshot_.runtime_roots.size(),
                         [&](RecordWriter& io, Near& near, std::size_t i) {
                           exchange_runtime_root(io, near, {}, snapshot_.runtime_roots[i]);
                         });
  }

  Result<void> write_references() {
    std::uint32_t count = snapshot_.objects.row_count();
    std::size_t blocks = (count + std::size_t{kDegreesABlock} - 1) / kDegreesABlock;
    TRY_VOID(out_.write_blocks(BlockKind::kDegrees, blocks, [&](std::size_t block) {
      ObjectId first = static_cast<ObjectId>(block * kDegreesABlock);
      std::uint32_t items = std::min(count - first, kDegreesABlock);
      Degrees degrees = encode_degrees(snapshot_, first, items);
      return RawBlock{std::move(degrees.payload), items, degrees.sum};
    }));
    std::vector<EdgePart> parts = cut_edges(snapshot_, kEdgesABlock);
    return out_.write_blocks(BlockKind::kEdges, parts.size(), [&](std::size_t i) {
      return RawBlock{encode_edges(snapshot_, parts[i]), parts[i].count};
    });
  }

  Result<void> write_types() {
    const ObjectTypes& types = snapshot_.types;
    TRY_VOID(write_records(
        BlockKind::kTypeNames, types.names.size() - 1,
        [&](RecordWriter& io, Near&, std::size_t i) { io.text(types.names[i + 1]); }));
    std::uint32_t count = snapshot_.objects.count();
    std::size_t blocks = (count + std::size_t{kTypesABlock} - 1) / kTypesABlock;
    return out_.write_blocks(BlockKind::kObjectTypes, blocks, [&](std::size_t block) {
      ObjectId first = static_cast<ObjectId>(block * kTypesABlock);
      std::uint32_t items = std::min(count - first, kTypesABlock);
      return RawBlock{encode_types(std::span(types.of_objects.data() + first, items)), items};
    });
  }

  Result<void> write_fill() {
    const Fill& fill = snapshot_.fill;
    TRY_VOID(
        write_records(BlockKind::kFillPlaces, fill.places.size(),
                      [&](RecordWriter& io, Near&, std::size_t i) { io.text(fill.places[i]); }));
    TRY_VOID(write_records(BlockKind::kArrayFills, fill.arrays.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             exchange_array_fill(io, near, {}, fill.arrays[i]);
                           }));
    TRY_VOID(write_records(BlockKind::kMapFills, fill.maps.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             exchange_map_fill(io, near, {}, fill.maps[i]);
                           }));
    TRY_VOID(write_records(BlockKind::kChannelFills, fill.channels.size(),
                           [&](RecordWriter& io, Near& near, std::size_t i) {
                             exchange_channel_fill(io, near, {}, fill.channels[i]);
                           }));
    return write_records(BlockKind::kPoolFills, fill.pools.size(),
                         [&](RecordWriter& io, Near& near, std::size_t i) {
                           exchange_pool_fill(io, near, {}, fill.pools[i]);
                         });
  }

  Result<void> write_pending_timers() {
    return write_records(BlockKind::kPendingTimers, snapshot_.pending_timers.size(),
                         [&](RecordWriter& io, Near&, std::size_t i) {
                           PendingTimer timer = snapshot_.pending_timers[i];
                           renumber(timer.function);
                           exchange_pending_timer(io, {}, timer);
                         });
  }

  Result<void> write_sampled_objects() {
    const std::vector<SampledObject>& sampled = snapshot_.allocations.sampled;
    return write_records(BlockKind::kSampledObjects, sampled.size(),
                         [&](RecordWriter& io, Near& near, std::size_t i) {
                           exchange_sampled_object(io, near, {}, sampled[i]);
                         });
  }

  Result<void> write_context_calls() {
    return write_records(BlockKind::kContextCalls, snapshot_.context_calls.size(),
                         [&](RecordWriter& io, Near&, std::size_t i) {
                           ContextCall call = snapshot_.context_calls[i];
                           renumber(call.function, call.maker, call.called_by, call.starter,
                                    call.leads_by);
                           exchange_context_call(io, {}, call);
                         });
  }

  static void write_ids(RecordWriter& io, Near& near, std::span<const std::uint32_t> ids) {
    io.number(ids.size());
    for (std::uint32_t id : ids) io.near_id(id, near.object, kNone);
  }

  template <typename... Ids>
  void renumber(Ids&... ids) const {
    ((ids = strings_.number(ids)), ...);
  }

  const Snapshot& snapshot_;
  const SaveOptions& options_;
  NamedStrings strings_;
  BlockWriter& out_;
};

}  // namespace

Result<std::uint64_t> save(const Snapshot& snapshot, int descriptor, const std::string& name,
                           const SaveOptions& options) {
  BlockWriter out(descriptor, name, options.compression);
  TRY_VOID(Saver(snapshot, options, out).save());
  return out.written_bytes();
}

}  // namespace goshawk::snapshot
