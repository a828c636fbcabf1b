// The fields of each record of a snapshot file, named once: exchange(io, near, record) writes with
// a RecordWriter and reads with a RecordReader. Changing anything here changes the format:
// snapshot_file_test.cpp has its bytes, file_blocks.h its version.
//
// `Near` is what differences are taken to, the record before in the same block. `Sizes` are those
// of the arrays that indices lead into; a reader refuses what is past them.
#pragma once

#include <cstdint>

#include "snapshot/snapshot.h"

namespace goshawk::snapshot {

struct Sizes {
  std::uint64_t strings = kNone;
  std::uint64_t frames = kNone;
  std::uint64_t stacks = kNone;
  std::uint64_t objects = kNone;
  std::uint64_t waits = kNone;
  std::uint64_t locks = kNone;
  std::uint64_t labels = kNone;
  std::uint64_t ancestors = kNone;
  std::uint64_t places = kNone;
};

struct Near {
  Address address;
  std::uint64_t goid = 0;
  std::uint32_t object = 0;
  std::uint32_t first_wait = 0, first_label = 0, first_ancestor = 0;
};

inline bool is_known(Status status) {
  auto number = static_cast<std::uint8_t>(status);  // 5 and 7: unused by the runtime
  return status <= Status::kDeadExtra && number != 5 && number != 7;
}
inline bool is_known(WaitKind kind) { return kind <= WaitKind::kUnknown; }
inline bool is_known(WaitOperation operation) { return operation <= WaitOperation::kCoroutine; }
inline bool is_known(Place place) { return place <= Place::kElsewhere; }
inline bool is_known(LockHold hold) { return hold <= LockHold::kRead; }
inline bool is_known(LockKind kind) { return kind <= LockKind::kCond; }
inline bool is_known(Deadline deadline) { return deadline <= Deadline::kPassed; }
inline bool is_known(Standing standing) { return standing <= Standing::kMissing; }
inline bool is_known(RootKind kind) { return kind <= RootKind::kRuntime; }

template <typename Io, typename Doubt>
void exchange_doubt(Io& io, Doubt& doubt) {
  io.text(doubt.what);
  io.flags(doubt.spoils_proof);
}

template <typename Io, typename Binding>
void exchange_binding(Io& io, Binding& binding) {
  io.text(binding.fact);
  io.text(binding.how);
  io.text(binding.check);
  io.number(binding.passed);
  io.number(binding.checked);
  io.enumeration(binding.standing, is_known);
}

template <typename Io, typename Target>
void exchange_target(Io& io, Target& target) {
  io.text(target.kind);
  io.signed_number(target.pid);
  io.text(target.executable);
  io.text(target.go_version);
  io.text(target.arch);
  io.text(target.build_id);
  io.text(target.debug_file);
}

template <typename Io, typename Picture>
void exchange_picture(Io& io, Picture& picture) {
  io.text(picture.way);
  io.text(picture.way_reason);
  io.signed_number(picture.pause_ns);
  io.signed_number(picture.longest_pause_ns);
  io.number(picture.bytes_read);
  io.number(picture.stops);
  io.flags(picture.quiet, picture.has_references, picture.labels_left_out, picture.has_all_types);
  io.signed_number(picture.taken_unix_ns);
}

template <typename Io, typename Frame>
void exchange_frame(Io& io, Near& near, const Sizes& sizes, Frame& frame) {
  io.id(frame.function, sizes.strings);
  io.id(frame.symbol, sizes.strings);
  io.id(frame.file, sizes.strings);
  io.number(frame.line);
  io.near_address(frame.pc, near.address);
  io.number(frame.entry_offset);
  io.flags(frame.inlined, frame.hidden, frame.elided);
}

// Its first number follows from the spans before.
template <typename Io, typename Span>
void exchange_span(Io& io, Near& near, Span& span) {
  io.near_address(span.base, near.address);
  io.number(span.element_size_bytes);
  io.number(span.slots);
  io.flags(span.noscan, span.tiny);
}

template <typename Io, typename Wait>
void exchange_wait(Io& io, Near& near, const Sizes& sizes, Wait& wait) {
  io.near_address(wait.address, near.address);
  io.id(wait.object, sizes.objects);
  io.enumeration(wait.place, is_known);
  io.enumeration(wait.operation, is_known);
  io.flags(wait.linked, wait.closed, wait.is_timer_channel, wait.is_context_done);
  io.number(wait.length);
  io.number(wait.capacity);
  io.id(wait.element_type, sizes.strings);
  io.id(wait.lock, sizes.locks);
}

template <typename Io, typename Lock>
void exchange_lock(Io& io, Near& near, const Sizes& sizes, Lock& lock) {
  io.enumeration(lock.kind, is_known);
  io.flags(lock.known);
  io.near_address(lock.address, near.address);
  io.id(lock.object, sizes.objects);
  io.signed_number(lock.state);
  io.signed_number(lock.more);
}

template <typename Io, typename LockFrame>
void exchange_lock_frame(Io& io, Near& near, const Sizes& sizes, LockFrame& frame) {
  io.number(frame.goid);
  io.near_id(frame.object, near.object, sizes.objects);
  io.number(frame.mutexes);
  io.number(frame.writes);
  io.number(frame.reads);
  io.flags(frame.alone);
}

template <typename Io, typename IoWait>
void exchange_io_wait(Io& io, Near& near, const Sizes& sizes, IoWait& wait) {
  io.number(wait.goid);
  io.near_address(wait.poll_desc, near.address);
  io.number(wait.descriptor);
  io.flags(wait.writes, wait.listens);
  io.id(wait.owner, sizes.objects);
  io.enumeration(wait.deadline, is_known);
  io.signed_number(wait.deadline_in_ns);
  io.id(wait.protocol, sizes.strings);
  io.id(wait.local, sizes.strings);
  io.id(wait.remote, sizes.strings);
}

template <typename Io, typename HeldLock>
void exchange_held_lock(Io& io, Near& near, const Sizes& sizes, HeldLock& held) {
  io.number(held.goid);
  io.near_address(held.lock, near.address);
  io.enumeration(held.hold, is_known);
  io.flags(held.certain, held.unlocks_ahead);
  io.id(held.frame, sizes.frames);
}

template <typename Io, typename EndlessStack>
void exchange_endless_stack(Io& io, const Sizes& sizes, EndlessStack& endless) {
  io.id(endless.stack, sizes.stacks);
  io.id(endless.frame, sizes.frames);
}

template <typename Io, typename ToldLock>
void exchange_told_lock(Io& io, Near& near, const Sizes& sizes, ToldLock& told) {
  io.near_address(told.lock, near.address);
  io.id(told.text, sizes.strings);
}

template <typename Io, typename Label>
void exchange_label(Io& io, const Sizes& sizes, Label& label) {
  io.id(label.key, sizes.strings);
  io.id(label.value, sizes.strings);
}

template <typename Io, typename Ancestor>
void exchange_ancestor(Io& io, const Sizes& sizes, Ancestor& ancestor) {
  io.number(ancestor.goid);
  io.id(ancestor.created_by, sizes.frames);
  io.id(ancestor.stack, sizes.stacks);
}

// [first, first + count) of an array; firsts mostly follow each other.
template <typename Io, typename Number>
void exchange_range(Io& io, Number& first, Number& count, std::uint32_t& near, std::uint64_t size) {
  io.near_id(first, near, size + 1);
  io.number(count);
  if constexpr (Io::kReads)
    if (std::uint64_t{first} + count > size) io.fail("a range leaves its array");
  near += count;
}

template <typename Io, typename Goroutine>
void exchange_goroutine(Io& io, Near& near, const Sizes& sizes, Goroutine& goroutine) {
  if constexpr (Io::kReads) {
    std::uint64_t more = 0;
    io.number(more);
    if (__builtin_add_overflow(near.goid, more, &near.goid)) io.fail("a number is too large");
    goroutine.goid = near.goid;
  } else {
    io.number(goroutine.goid - std::exchange(near.goid, goroutine.goid));
  }
  io.number(goroutine.creator_goid);
  io.near_address(goroutine.descriptor, near.address);
  io.id(goroutine.descriptor_object, sizes.objects);
  io.enumeration(goroutine.status, is_known);
  io.enumeration(goroutine.wait_kind, is_known);
  io.flags(goroutine.scanning, goroutine.parked, goroutine.system, goroutine.locked_to_thread,
           goroutine.in_cgo_callback);
  io.flags(goroutine.stack_complete, goroutine.stack_exact, goroutine.waits_complete,
           goroutine.select_done);
  io.id(goroutine.wait_reason, sizes.strings);
  io.id(goroutine.doubt, sizes.strings);
  io.signed_number(goroutine.wait_ns);
  io.id(goroutine.stack, sizes.stacks);
  io.id(goroutine.created_by, sizes.frames);
  io.id(goroutine.started_at, sizes.frames);
  io.number(goroutine.stack_bytes);
  io.number(goroutine.descriptor_bytes);
  exchange_range(io, goroutine.first_wait, goroutine.wait_count, near.first_wait, sizes.waits);
  exchange_range(io, goroutine.first_label, goroutine.label_count, near.first_label, sizes.labels);
  exchange_range(io, goroutine.first_ancestor, goroutine.ancestor_count, near.first_ancestor,
                 sizes.ancestors);
}

template <typename Io, typename Root>
void exchange_root(Io& io, Near& near, const Sizes& sizes, Root& root) {
  io.near_id(root.object, near.object, sizes.objects);
  io.enumeration(root.kind, is_known);
  io.near_address(root.source, near.address);
}

template <typename Io, typename Extra>
void exchange_extra(Io& io, Near& near, const Sizes& sizes, Extra& edge) {
  io.near_id(edge.from, near.object, sizes.objects);
  io.id(edge.to, sizes.objects);
}

template <typename Io, typename Context>
void exchange_context(Io& io, Near& near, const Sizes& sizes, Context& context) {
  io.near_id(context.object, near.object, sizes.objects);
  io.id(context.done, sizes.objects);
  io.id(context.parent, sizes.objects);
  io.id(context.children, sizes.objects);
  io.id(context.type, sizes.strings);
}

template <typename Io, typename ContextCall>
void exchange_context_call(Io& io, const Sizes& sizes, ContextCall& call) {
  io.id(call.function, sizes.strings);
  io.id(call.place, sizes.frames);
  io.id(call.maker, sizes.strings);
  io.id(call.called_by, sizes.strings);
  io.id(call.starter, sizes.strings);
  io.id(call.leads_by, sizes.strings);
  io.flags(call.of_standard_library, call.parent_is_root);
}

template <typename Io, typename IdleTimer>
void exchange_idle_timer(Io& io, Near& near, const Sizes& sizes, IdleTimer& timer) {
  io.near_id(timer.object, near.object, sizes.objects);
  io.id(timer.channel, sizes.objects);
  io.flags(timer.ticks, timer.may_be_set_again);
}

template <typename Io, typename PendingTimer>
void exchange_pending_timer(Io& io, const Sizes& sizes, PendingTimer& timer) {
  io.id(timer.object, sizes.objects);
  io.id(timer.argument, sizes.objects);
  io.id(timer.function, sizes.strings);
  io.flags(timer.sends_time);
  io.signed_number(timer.period_ns);
  io.signed_number(timer.fires_in_ns);
}

template <typename Io, typename ToldPath>
void exchange_told_path(Io& io, Near& near, const Sizes& sizes, ToldPath& told) {
  io.near_id(told.object, near.object, sizes.objects);
  io.id(told.text, sizes.strings);
}

template <typename Io, typename Allocations>
void exchange_allocations(Io& io, Allocations& allocations) {
  io.flags(allocations.known);
  io.text(allocations.why_unknown);
  io.text(allocations.remedy);
  io.number(allocations.rate_bytes);
}

template <typename Io, typename Record>
void exchange_allocation_record(Io& io, const Sizes& sizes, Record& record) {
  io.id(record.stack, sizes.stacks);
  io.number(record.size_bytes);
  io.number(record.allocated);
  io.number(record.freed);
}

template <typename Io, typename Sampled>
void exchange_sampled_object(Io& io, Near& near, const Sizes& sizes, Sampled& sampled) {
  io.near_id(sampled.object, near.object, sizes.objects);
  io.number(sampled.record);
}

template <typename Io, typename ArrayFill>
void exchange_array_fill(Io& io, Near& near, const Sizes& sizes, ArrayFill& fill) {
  io.near_id(fill.array, near.object, sizes.objects);
  io.id(fill.holder, sizes.objects);
  io.id(fill.place, sizes.places);
  io.number(fill.holders);
  io.flags(fill.read_only);
  io.number(fill.room_bytes);
  io.number(fill.used_bytes);
  io.number(fill.reachable_bytes);
}

template <typename Io, typename MapFill>
void exchange_map_fill(Io& io, Near& near, const Sizes& sizes, MapFill& fill) {
  io.near_id(fill.header, near.object, sizes.objects);
  io.number(fill.entries);
  io.number(fill.table_bytes);
  io.number(fill.needed_bytes);
}

template <typename Io, typename ChannelFill>
void exchange_channel_fill(Io& io, Near& near, const Sizes& sizes, ChannelFill& fill) {
  io.near_id(fill.channel, near.object, sizes.objects);
  io.id(fill.buffer, sizes.objects);
  io.number(fill.length);
  io.number(fill.capacity);
  io.number(fill.element_bytes);
  io.flags(fill.closed);
}

template <typename Io, typename PoolFill>
void exchange_pool_fill(Io& io, Near& near, const Sizes& sizes, PoolFill& fill) {
  io.near_address(fill.pool, near.address);
  io.id(fill.local, sizes.objects);
  io.id(fill.victim, sizes.objects);
  io.number(fill.values);
  io.number(fill.victim_values);
  io.id(fill.place, sizes.places);
  io.id(fill.made_by, sizes.places);
  io.id(fill.type, sizes.places);
}

template <typename Io, typename Memory>
void exchange_memory(Io& io, Memory& memory) {
  io.flags(memory.known, memory.by_kernel);
  io.number(memory.kernel_rss_bytes);
  io.number(memory.swapped_bytes);
  io.number(memory.page_table_bytes);
  for (auto& bytes : memory.bytes) io.number(bytes);
}

template <typename Io, typename Range>
void exchange_absent(Io& io, Near& near, Range& range) {
  io.near_address(range.start, near.address);
  io.near_address(range.end, near.address);
}

template <typename Io, typename Object>
void exchange_runtime_root(Io& io, Near& near, const Sizes& sizes, Object& object) {
  io.near_id(object, near.object, sizes.objects);
}

}  // namespace goshawk::snapshot
