// Whether a frame is shown depends on its neighbours (a wrapper is left out unless it calls what
// must be seen), so one pc can stand for frames that differ in that alone.
#include "goruntime/stacks/frame_resolver.h"

#include <algorithm>

namespace goshawk::goruntime {

using snapshot::FrameId;
using snapshot::kNone;
using snapshot::StackId;

snapshot::Frame FrameResolver::make_frame(const SourceFrame& source, Address pc,
                                          FunctionId function) const {
  snapshot::Frame frame;
  frame.function = into_.strings.intern(filter_.function_name(source.function));
  frame.symbol = into_.strings.intern(source.function);
  frame.file = into_.strings.intern(source.file);
  frame.line = source.line;
  frame.pc = pc;
  frame.entry_offset = function == kNoFunction ? 0 : pc - functions_.entry(function);
  frame.inlined = source.inlined;
  return frame;
}

FrameResolver::AtPc& FrameResolver::at(const Position& position) {
  auto [entry, is_new] = at_pc_.try_emplace(position.source_pc);
  AtPc& known = entry->second;
  if (!is_new) return known;
  known.pc = position.pc;
  known.function = functions_.find(position.source_pc);
  if (known.function != kNoFunction)
    known.sources = functions_.source_frames(known.function, position.source_pc);
  else
    known.sources = {SourceFrame{.function = "?", .file = "?"}};
  known.ids.assign(known.sources.size(), {kNone, kNone, kNone, kNone});
  return known;
}

StackId FrameResolver::put_together(std::span<const Position> positions) {
  std::vector<SourceFrame> sources;
  for (const Position& position : positions)
    std::ranges::copy(at(position).sources, std::back_inserter(sources));
  std::vector<bool> shown = filter_.compute_shown(sources);
  std::vector<bool> called = filter_.compute_called(sources);
  std::vector<FrameId> frames;
  std::size_t index = 0;
  for (const Position& position : positions) {
    AtPc& known = at(position);
    for (std::size_t k = 0; k < known.sources.size(); ++k, ++index) {
      bool hidden = !shown[index], elided = !called[index];
      FrameId& id = known.ids[k][hidden + 2 * elided];
      if (id == kNone) {
        snapshot::Frame frame = make_frame(known.sources[k], known.pc, known.function);
        frame.hidden = hidden;
        frame.elided = elided;
        id = into_.stacks.add_frame(frame);
      }
      frames.push_back(id);
    }
  }
  return into_.stacks.intern(frames);
}

StackId FrameResolver::resolve(std::span<const Position> positions) {
  std::uint64_t hash = positions.size();
  for (const Position& position : positions) {
    hash = (hash ^ position.source_pc.value()) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 32;
  }
  auto same = [&](const KnownStack& known) {
    return std::ranges::equal(known.pcs, positions, {}, {},
                              [](const Position& p) { return p.source_pc.value(); });
  };
  for (auto [it, end] = stacks_.equal_range(hash); it != end; ++it)
    if (same(it->second)) return it->second.id;
  KnownStack known{{}, put_together(positions)};
  for (const Position& position : positions) known.pcs.push_back(position.source_pc.value());
  StackId id = known.id;
  stacks_.emplace(hash, std::move(known));
  return id;
}

StackId FrameResolver::resolve_stack(const WalkedStack& walked) {
  positions_.clear();
  for (std::size_t i = 0; i < walked.pcs.size(); ++i)
    positions_.push_back({walked.pcs[i], walked.source_pc(i)});
  return resolve(positions_);
}

StackId FrameResolver::resolve_pcs(std::span<const Address> return_addresses) {
  positions_.clear();
  for (Address pc : return_addresses) positions_.push_back({pc, pc - 1});
  return resolve(positions_);
}

FrameId FrameResolver::resolve_creation(Address gopc) {
  if (gopc.is_null()) return kNone;
  auto [entry, is_new] = creations_.try_emplace(gopc, kNone);
  if (!is_new) return entry->second;
  if (auto source = functions_.creation_frame(gopc)) {
    snapshot::Frame frame = make_frame(*source, gopc, functions_.find(gopc - 1));
    frame.hidden = !filter_.shows_creator(*source);
    entry->second = into_.stacks.add_frame(frame);
  }
  return entry->second;
}

FrameId FrameResolver::resolve_entry(Address startpc) {
  if (startpc.is_null()) return kNone;
  auto [entry, is_new] = entries_.try_emplace(startpc, kNone);
  if (!is_new) return entry->second;
  FunctionId function = functions_.find(startpc);
  if (function == kNoFunction) return kNone;
  std::vector<SourceFrame> sources = functions_.source_frames(function, startpc);
  if (!sources.empty())
    entry->second = into_.stacks.add_frame(make_frame(sources.back(), startpc, function));
  return entry->second;
}

}  // namespace goshawk::goruntime
