// load(): the sections in the order in which save() wrote them. Every index is checked when it is
// met, against arrays that are whole by then; what an analysis takes for granted (goroutines by
// goid, spans by address, rows that never decrease, distinct strings) is checked too.
//
// The rows of references are laid out one after the other here, wherever they lay when they were
// saved.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/in_parallel.h"
#include "snapshot/edge_codec.h"
#include "snapshot/record_reader.h"
#include "snapshot/records.h"
#include "snapshot/snapshot_file.h"
#include "snapshot/type_codec.h"

namespace goshawk::snapshot {
namespace {

class Loader {
 public:
  explicit Loader(BlockReader& in) : in_(in) {}

  Result<Snapshot> load(const std::string& name) {
    TRY_VOID(check_version(name));
    TRY_VOID(read_facts());
    TRY_VOID(read_names());
    TRY_VOID(read_objects());
    TRY_VOID(read_goroutines());
    TRY_VOID(read_roots());
    TRY_VOID(read_holders());
    TRY_VOID(read_io_waits());
    TRY_VOID(read_allocations());
    TRY_VOID(read_memory());
    TRY_VOID(read_rows());
    TRY_VOID(read_edges());
    TRY_VOID(read_types());
    TRY_VOID(read_fill());
    TRY_VOID(read_pending_timers());
    TRY_VOID(read_sampled_objects());
    TRY_VOID(read_context_calls());
    TRY_VOID(in_.read_end());
    return std::move(picture_);
  }

 private:
  Result<void> check_version(const std::string& name) {
    Preamble preamble = TRY(in_.read_preamble());
    if (preamble.version == 0) return in_.malformed("there is no format 0");
    if (preamble.version != kFormatVersion)
      return fail(Missing{
          fmt::format("{} is a snapshot of format {}, written by Goshawk {}; this "
                      "Goshawk {} reads format {}",
                      name, preamble.version, preamble.writer, GOSHAWK_VERSION, kFormatVersion),
          preamble.version > kFormatVersion ? "use the Goshawk that wrote it, or a newer one"
                                            : "use the Goshawk that wrote it"});
    return {};
  }

  // read(io, near) for each record of this kind; each takes `memory_bytes` or so, and a field or
  // an id in it up to 4 for a byte. All of a kind together have fewer bytes than 32 bits can count,
  // and so fewer of anything.
  template <typename Read>
  Result<void> read_records(BlockKind kind, std::size_t memory_bytes, Read&& read) {
    for (;;) {
      std::vector<Block> blocks = TRY(in_.read_blocks(kind));
      if (blocks.empty()) return {};
      for (const Block& block : blocks) {
        if (block.header.items > block.payload.size())
          return in_.malformed(block.offset, "more is promised than there is");
        TRY_VOID(
            in_.charge(block.payload.size() + std::uint64_t{block.header.items} * memory_bytes));
        RecordReader io(block.payload);
        Near near;
        for (std::uint32_t i = 0; i < block.header.items && !io.failed(); ++i) read(io, near);
        if (!io.failed() && !io.at_end()) io.fail("something follows the last record");
        if (io.failed())
          return in_.malformed(block.offset, fmt::format("{} (byte {} of the block's payload)",
                                                         io.why(), io.position()));
      }
    }
  }

  // The same, each record becoming one more of `into`.
  template <typename Record, typename Exchange>
  Result<void> read_array(BlockKind kind, std::vector<Record>& into, Exchange&& exchange) {
    return read_records(kind, sizeof(Record), [&](RecordReader& io, Near& near) {
      exchange(io, near, into.emplace_back());
    });
  }

  Result<void> read_facts() {
    int seen = 0;
    TRY_VOID(read_records(BlockKind::kFacts, 0, [&](RecordReader& io, Near&) {
      ++seen;
      exchange_target(io, picture_.target);
      exchange_picture(io, picture_.picture);
      io.number(picture_.dead_descriptors);
      for (std::uint32_t count = io.count(); count > 0 && !io.failed(); --count)
        exchange_doubt(io, picture_.doubts.emplace_back());
      for (std::uint32_t count = io.count(); count > 0 && !io.failed(); --count)
        exchange_binding(io, picture_.bindings.emplace_back());
    }));
    if (seen != 1) return in_.malformed(Preamble::kBytes, "it does not begin with its facts");
    return {};
  }

  Result<void> read_names() {
    TRY_VOID(read_records(BlockKind::kStrings, sizeof(std::string), [&](RecordReader& io, Near&) {
      std::string text;
      io.text(text);
      picture_.strings.append_distinct(std::move(text));
    }));
    TRY_VOID(check_strings());
    sizes_.strings = picture_.strings.size();
    TRY_VOID(read_records(BlockKind::kFrames, sizeof(Frame), [&](RecordReader& io, Near& near) {
      Frame frame;
      exchange_frame(io, near, sizes_, frame);
      picture_.stacks.add_frame(frame);
    }));
    sizes_.frames = picture_.stacks.frame_count();
    std::vector<FrameId> frames;
    TRY_VOID(read_records(BlockKind::kStacks, 8, [&](RecordReader& io, Near& near) {
      read_ids(io, near, sizes_.frames, frames);
      picture_.stacks.append_distinct(frames);
      frames.clear();
    }));
    sizes_.stacks = picture_.stacks.size();
    return {};
  }

  // Equal numbers mean equal texts everywhere, and unequal ones unequal texts.
  Result<void> check_strings() {
    if (picture_.strings.size() >= kNone) return in_.malformed("it has too many strings");
    std::vector<std::string_view> texts;
    for (StringId id = 0; id < picture_.strings.size(); ++id) texts.push_back(picture_.strings[id]);
    std::ranges::sort(texts);
    if (std::ranges::adjacent_find(texts) != texts.end())
      return in_.malformed("a string is there twice");
    return {};
  }

  Result<void> read_objects() {
    std::vector<std::uint64_t> allocated;
    TRY_VOID(read_words(allocated));
    std::vector<Span> spans;
    TRY_VOID(read_array(BlockKind::kSpans, spans, [](RecordReader& io, Near& near, Span& span) {
      exchange_span(io, near, span);
    }));
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < spans.size(); ++i) {
      count += spans[i].slots + std::uint64_t{1};
      if (i > 0 && std::pair(spans[i].noscan, spans[i].base) <
                       std::pair(spans[i - 1].noscan, spans[i - 1].base))
        return in_.malformed("its spans are not in their order");
    }
    if (count >= kNone || (count + 63) / 64 != allocated.size())
      return in_.malformed("its spans and its allocated objects contradict each other");
    picture_.objects = Objects(std::move(spans));
    picture_.objects.allocated = std::move(allocated);
    sizes_.objects = count;
    return {};
  }

  Result<void> read_words(std::vector<std::uint64_t>& words) {
    for (;;) {
      std::vector<Block> blocks = TRY(in_.read_blocks(BlockKind::kAllocated));
      if (blocks.empty()) return {};
      for (const Block& block : blocks) {
        TRY_VOID(in_.charge(block.payload.size()));
        if (block.payload.size() != block.header.items * std::uint64_t{8})
          return in_.malformed(block.offset, "a block of bits has not its size");
        Cursor cursor(block.payload);
        while (!cursor.at_end()) words.push_back(cursor.u64());
      }
    }
  }

  Result<void> read_goroutines() {
    TRY_VOID(read_array(
        BlockKind::kLocks, picture_.locks,
        [&](RecordReader& io, Near& near, Lock& lock) { exchange_lock(io, near, sizes_, lock); }));
    sizes_.locks = picture_.locks.size();
    TRY_VOID(read_array(
        BlockKind::kWaits, picture_.waits,
        [&](RecordReader& io, Near& near, Wait& wait) { exchange_wait(io, near, sizes_, wait); }));
    TRY_VOID(read_array(
        BlockKind::kLabels, picture_.labels,
        [&](RecordReader& io, Near&, Label& label) { exchange_label(io, sizes_, label); }));
    TRY_VOID(read_array(BlockKind::kAncestors, picture_.ancestors,
                        [&](RecordReader& io, Near&, Ancestor& ancestor) {
                          exchange_ancestor(io, sizes_, ancestor);
                        }));
    sizes_.waits = picture_.waits.size();
    sizes_.labels = picture_.labels.size();
    sizes_.ancestors = picture_.ancestors.size();
    TRY_VOID(read_array(BlockKind::kGoroutines, picture_.goroutines,
                        [&](RecordReader& io, Near& near, Goroutine& goroutine) {
                          exchange_goroutine(io, near, sizes_, goroutine);
                        }));
    if (!std::ranges::is_sorted(picture_.goroutines, {}, &Goroutine::goid))
      return in_.malformed("its goroutines are not in their order");
    if (picture_.goroutines.size() + sizes_.objects >= kNone)
      return in_.malformed("it has more objects and goroutines than can be numbered");
    return {};
  }

  Result<void> read_roots() {
    std::vector<std::uint32_t>& rows = picture_.goroutine_root_rows;
    TRY_VOID(read_records(BlockKind::kGoroutineRoots, 4, [&](RecordReader& io, Near& near) {
      if (rows.empty()) rows.push_back(0);
      read_ids(io, near, sizes_.objects, picture_.goroutine_roots);
      rows.push_back(static_cast<std::uint32_t>(picture_.goroutine_roots.size()));
    }));
    bool has_rows = !rows.empty() || picture_.picture.has_references;
    if (rows.empty() && has_rows) rows.push_back(0);
    if (has_rows && rows.size() != picture_.goroutines.size() + 1)
      return in_.malformed("it has not what each goroutine refers to");
    TRY_VOID(read_array(
        BlockKind::kRoots, picture_.roots,
        [&](RecordReader& io, Near& near, Root& root) { exchange_root(io, near, sizes_, root); }));
    TRY_VOID(read_array(BlockKind::kExtraEdges, picture_.references.extra,
                        [&](RecordReader& io, Near& near, References::Extra& edge) {
                          exchange_extra(io, near, sizes_, edge);
                          if (edge.to == kNone) io.fail("a weak handle leads nowhere");
                        }));
    if (!std::ranges::is_sorted(picture_.references.extra))
      return in_.malformed("its extra references are not in their order");
    return {};
  }

  Result<void> read_holders() {
    TRY_VOID(read_array(BlockKind::kContexts, picture_.contexts,
                        [&](RecordReader& io, Near& near, Context& context) {
                          exchange_context(io, near, sizes_, context);
                          if (context.object == kNone) io.fail("a context is no object");
                        }));
    TRY_VOID(read_array(BlockKind::kToldPaths, picture_.told_paths,
                        [&](RecordReader& io, Near& near, ToldPath& told) {
                          exchange_told_path(io, near, sizes_, told);
                          if (told.object == kNone || told.text == kNone)
                            io.fail("what holds an object is told of none");
                        }));
    TRY_VOID(read_array(BlockKind::kLockFrames, picture_.lock_frames,
                        [&](RecordReader& io, Near& near, LockFrame& frame) {
                          exchange_lock_frame(io, near, sizes_, frame);
                          if (frame.object == kNone) io.fail("a lock is held in no object");
                        }));
    TRY_VOID(read_array(BlockKind::kHeldLocks, picture_.held_locks,
                        [&](RecordReader& io, Near& near, HeldLock& held) {
                          exchange_held_lock(io, near, sizes_, held);
                        }));
    TRY_VOID(read_array(BlockKind::kEndlessStacks, picture_.endless_stacks,
                        [&](RecordReader& io, Near&, EndlessStack& endless) {
                          exchange_endless_stack(io, sizes_, endless);
                          if (endless.stack == kNone || endless.frame == kNone)
                            io.fail("what never ends is no stack");
                        }));
    if (!std::ranges::is_sorted(picture_.endless_stacks, {}, &EndlessStack::stack))
      return in_.malformed("its stacks that never end are not in their order");
    TRY_VOID(read_array(BlockKind::kToldLocks, picture_.told_locks,
                        [&](RecordReader& io, Near& near, ToldLock& told) {
                          exchange_told_lock(io, near, sizes_, told);
                          if (told.text == kNone) io.fail("where a lock lies is told of none");
                        }));
    TRY_VOID(read_array(BlockKind::kIdleTimers, picture_.idle_timers,
                        [&](RecordReader& io, Near& near, IdleTimer& timer) {
                          exchange_idle_timer(io, near, sizes_, timer);
                          if (timer.object == kNone || timer.channel == kNone)
                            io.fail("a timer is no object or has no channel");
                        }));
    if (!std::ranges::is_sorted(picture_.idle_timers, {}, &IdleTimer::object))
      return in_.malformed("its timers are not in their order");
    if (!std::ranges::is_sorted(picture_.contexts, {}, &Context::object) ||
        !std::ranges::is_sorted(picture_.told_paths, {}, &ToldPath::object) ||
        !std::ranges::is_sorted(picture_.told_locks, {}, &ToldLock::lock))
      return in_.malformed("its contexts or what holds its objects are not in their order");
    return {};
  }

  Result<void> read_io_waits() {
    TRY_VOID(read_array(BlockKind::kIoWaits, picture_.io_waits,
                        [&](RecordReader& io, Near& near, IoWait& wait) {
                          exchange_io_wait(io, near, sizes_, wait);
                        }));
    if (!std::ranges::is_sorted(picture_.io_waits, {}, &IoWait::goid))
      return in_.malformed("its network waits are not in their order");
    return {};
  }

  Result<void> read_allocations() {
    Allocations& allocations = picture_.allocations;
    int seen = 0;
    TRY_VOID(read_records(BlockKind::kAllocations, 0, [&](RecordReader& io, Near&) {
      ++seen;
      exchange_allocations(io, allocations);
    }));
    TRY_VOID(read_array(BlockKind::kAllocationRecords, allocations.records,
                        [&](RecordReader& io, Near&, AllocationRecord& record) {
                          exchange_allocation_record(io, sizes_, record);
                          if (record.stack == kNone || record.freed > record.allocated)
                            io.fail("an allocation has no stack, or was freed too often");
                        }));
    if (seen > 1 || (!allocations.known && !allocations.records.empty()))
      return in_.malformed("its allocations contradict each other");
    return {};
  }

  Result<void> read_memory() {
    MemoryUse& memory = picture_.memory;
    TRY_VOID(read_records(BlockKind::kMemory, 1,
                          [&](RecordReader& io, Near&) { exchange_memory(io, memory); }));
    Address end;
    TRY_VOID(read_array(BlockKind::kAbsentPages, memory.absent,
                        [&](RecordReader& io, Near& near, AddressRange& range) {
                          exchange_absent(io, near, range);
                          if (range.start < end || range.start >= range.end)
                            io.fail("its pages that are not in memory are not in their order");
                          end = range.end;
                        }));
    return read_array(BlockKind::kRuntimeRoots, picture_.runtime_roots,
                      [&](RecordReader& io, Near& near, ObjectId& object) {
                        exchange_runtime_root(io, near, sizes_, object);
                      });
  }

  static void read_ids(RecordReader& io, Near& near, std::uint64_t limit,
                       std::vector<std::uint32_t>& into) {
    for (std::uint32_t count = io.count(); count > 0 && !io.failed(); --count)
      io.near_id(into.emplace_back(), near.object, limit);
  }

  Result<void> read_rows() {
    if (!picture_.picture.has_references) return {};
    std::uint64_t count = picture_.objects.row_count(), done = 0, edges = 0;
    ReservedArray<std::uint32_t> rows(count + 1);
    for (;;) {
      std::vector<Block> blocks = TRY(in_.read_blocks(BlockKind::kDegrees));
      if (blocks.empty()) break;
      std::vector<std::uint64_t> first, begin;
      for (const Block& block : blocks) {
        first.push_back(done);
        begin.push_back(edges);
        done += block.header.items;
        if (done > count || __builtin_add_overflow(edges, block.header.edges, &edges) ||
            edges >= kNone)
          return in_.malformed(block.offset, "it has more references than can be");
        TRY_VOID(in_.charge(block.payload.size() + std::uint64_t{block.header.items} * 4));
      }
      TRY_VOID(for_each_block(blocks, [&](std::size_t i) {
        const BlockHeader& header = blocks[i].header;
        return decode_degrees(blocks[i].payload, header.edges, begin[i],
                              std::span(rows.data() + first[i], header.items));
      }));
    }
    if (done != count) return in_.malformed("it has not the references of every object");
    rows[count] = static_cast<std::uint32_t>(edges);
    picture_.references.rows = std::move(rows);
    picture_.references.edge_count = edges;
    return {};
  }

  Result<void> read_edges() {
    if (!picture_.picture.has_references) return {};
    std::uint64_t count = picture_.references.edge_count, done = 0;
    std::span rows(picture_.references.rows.data(), picture_.references.rows.capacity());
    ReservedArray<ObjectId> edges(count);
    for (;;) {
      std::vector<Block> blocks = TRY(in_.read_blocks(BlockKind::kEdges));
      if (blocks.empty()) break;
      std::vector<std::uint64_t> begin;
      for (const Block& block : blocks) {
        begin.push_back(done);
        done += block.header.items;
        if (done > count) return in_.malformed(block.offset, "it has references of no object");
        TRY_VOID(in_.charge(block.payload.size()));
      }
      TRY_VOID(for_each_block(blocks, [&](std::size_t i) {
        return decode_edges(blocks[i].payload, begin[i], rows, picture_.objects.count(),
                            std::span(edges.data() + begin[i], blocks[i].header.items));
      }));
    }
    if (done != count) return in_.malformed("it has not all references");
    picture_.references.edges = std::move(edges);
    return {};
  }

  // None at all, where they were not read.
  Result<void> read_types() {
    ObjectTypes types;
    types.names.emplace_back();
    TRY_VOID(read_records(BlockKind::kTypeNames, sizeof(std::string), [&](RecordReader& io, Near&) {
      io.text(types.names.emplace_back());
      if (types.names.back().empty()) io.fail("a type has no name");
    }));
    std::uint64_t count = picture_.objects.count(), done = 0;
    auto type_count = static_cast<std::uint32_t>(types.names.size());
    for (;;) {
      std::vector<Block> blocks = TRY(in_.read_blocks(BlockKind::kObjectTypes));
      if (blocks.empty()) break;
      if (done == 0) types.of_objects = ReservedArray<std::uint32_t>(count);
      std::vector<std::uint64_t> first;
      for (const Block& block : blocks) {
        first.push_back(done);
        done += block.header.items;
        if (done > count) return in_.malformed(block.offset, "it has types of no object");
        TRY_VOID(in_.charge(block.payload.size() + std::uint64_t{block.header.items} * 4));
      }
      TRY_VOID(for_each_block(blocks, [&](std::size_t i) {
        return decode_types(blocks[i].payload, type_count,
                            std::span(types.of_objects.data() + first[i], blocks[i].header.items));
      }));
    }
    if (done != count && (done != 0 || type_count > 1))
      return in_.malformed("it has not the types of all objects");
    // Who has all types at hand asks for them by object without another look.
    bool promised = picture_.picture.has_all_types;
    if (promised && (done != count || !picture_.picture.has_references))
      return in_.malformed("it promises the types of all objects, and has none");
    if (done != 0 || promised) picture_.types = std::move(types);
    return {};
  }

  // What they say of sizes is believed of nobody: who adds up takes care.
  Result<void> read_fill() {
    Fill& fill = picture_.fill;
    TRY_VOID(read_records(BlockKind::kFillPlaces, sizeof(std::string),
                          [&](RecordReader& io, Near&) { io.text(fill.places.emplace_back()); }));
    fill.known = !fill.places.empty();
    sizes_.places = fill.places.size();
    TRY_VOID(read_array(
        BlockKind::kArrayFills, fill.arrays, [&](RecordReader& io, Near& near, ArrayFill& array) {
          exchange_array_fill(io, near, sizes_, array);
          if (array.place == kNone || array.array == kNone) io.fail("an array is nowhere");
          if (array.used_bytes > array.reachable_bytes ||
              array.reachable_bytes > array.room_bytes ||
              (!io.failed() && array.room_bytes > picture_.objects.size_bytes(array.array)))
            io.fail("more of an array is used than there is");
        }));
    TRY_VOID(read_array(BlockKind::kMapFills, fill.maps,
                        [&](RecordReader& io, Near& near, MapFill& map) {
                          exchange_map_fill(io, near, sizes_, map);
                          if (map.header == kNone) io.fail("a map has no header");
                        }));
    TRY_VOID(read_array(BlockKind::kChannelFills, fill.channels,
                        [&](RecordReader& io, Near& near, ChannelFill& channel) {
                          exchange_channel_fill(io, near, sizes_, channel);
                          if (channel.channel == kNone || channel.buffer == kNone)
                            io.fail("a channel is nowhere");
                          if (!io.failed() && !fits_in_its_buffer(channel))
                            io.fail("more is in a channel than its buffer holds");
                        }));
    TRY_VOID(read_array(BlockKind::kPoolFills, fill.pools,
                        [&](RecordReader& io, Near& near, PoolFill& pool) {
                          exchange_pool_fill(io, near, sizes_, pool);
                          if (pool.place == kNone || pool.made_by == kNone || pool.type == kNone)
                            io.fail("a pool has no name");
                        }));
    if (fill.known && !picture_.types.were_read())
      return in_.malformed("it says how full objects are and not what they are");
    if (!std::ranges::is_sorted(fill.arrays, {}, &ArrayFill::array) ||
        !std::ranges::is_sorted(fill.maps, {}, &MapFill::header) ||
        !std::ranges::is_sorted(fill.channels, {}, &ChannelFill::channel) ||
        !std::ranges::is_sorted(fill.pools, {}, &PoolFill::pool))
      return in_.malformed("what it says of how full objects are is not in its order");
    return {};
  }

  bool fits_in_its_buffer(const ChannelFill& channel) const {
    std::uint64_t bytes = 0;
    return channel.length <= channel.capacity &&
           !__builtin_mul_overflow(channel.capacity, channel.element_bytes, &bytes) &&
           bytes <= picture_.objects.size_bytes(channel.buffer);
  }

  Result<void> read_pending_timers() {
    return read_array(BlockKind::kPendingTimers, picture_.pending_timers,
                      [&](RecordReader& io, Near&, PendingTimer& timer) {
                        exchange_pending_timer(io, sizes_, timer);
                        if (timer.period_ns < 0 || timer.fires_in_ns < 0)
                          io.fail("a timer goes back in time");
                      });
  }

  Result<void> read_sampled_objects() {
    Allocations& allocations = picture_.allocations;
    TRY_VOID(read_array(BlockKind::kSampledObjects, allocations.sampled,
                        [&](RecordReader& io, Near& near, SampledObject& sampled) {
                          exchange_sampled_object(io, near, sizes_, sampled);
                          if (sampled.record >= allocations.records.size())
                            io.fail("an object was allocated by a record that is not there");
                        }));
    if (!std::ranges::is_sorted(allocations.sampled, {}, &SampledObject::object))
      return in_.malformed("its sampled objects are not in their order");
    return {};
  }

  Result<void> read_context_calls() {
    return read_array(BlockKind::kContextCalls, picture_.context_calls,
                      [&](RecordReader& io, Near&, ContextCall& call) {
                        exchange_context_call(io, sizes_, call);
                        if (call.function == kNone || call.place == kNone || call.maker == kNone ||
                            (call.starter == kNone) != (call.leads_by == kNone))
                          io.fail("a call that makes a context lacks its function");
                      });
  }

  // decode(i) in parallel; false: that block is not what it should be.
  template <typename Decode>
  Result<void> for_each_block(const std::vector<Block>& blocks, Decode&& decode) {
    std::vector<char> sound(blocks.size());
    in_parallel(blocks.size(), [&](std::size_t i) { sound[i] = decode(i); });
    auto bad = std::ranges::find(sound, 0);
    if (bad == sound.end()) return {};
    return in_.malformed(blocks[bad - sound.begin()].offset,
                         "a block of references or types does not hold what it promises");
  }

  BlockReader& in_;
  Snapshot picture_;
  Sizes sizes_;
};

}  // namespace

bool is_snapshot_file(ByteView first_bytes) { return as_text(first_bytes).starts_with(kMagic); }

Result<Snapshot> load(int descriptor, const std::string& name, const LoadLimits& limits) {
  BlockReader in(descriptor, name, limits);
  return Loader(in).load(name);
}

Result<Snapshot> load(const std::string& path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    std::string action = fmt::format("cannot read {}: {}", path, std::strerror(errno));
    if (errno == EACCES || errno == EPERM) return fail(Denied{action, "run it as its owner"});
    return fail(Missing{action, ""});
  }
  auto picture = load(descriptor, path);
  ::close(descriptor);
  return picture;
}

}  // namespace goshawk::snapshot
