// Physical return addresses to the snapshot's frames: names, files, lines and inlined calls. Each
// distinct address is resolved once, each distinct stack is put together once.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "goruntime/stacks/unwinder.h"
#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/traceback_filter.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

class FrameResolver {
 public:
  FrameResolver(const Functions& functions, const GoVersion& version, snapshot::Snapshot& into)
      : functions_(functions), filter_(version), into_(into) {}

  snapshot::StackId resolve_stack(const WalkedStack& walked);
  snapshot::StackId resolve_pcs(std::span<const Address> return_addresses);  // an ancestor's
  snapshot::FrameId resolve_creation(Address gopc);  // kNone when gopc is in no function
  snapshot::FrameId resolve_entry(Address startpc);
  snapshot::StringId resolve_name(std::string_view raw) {
    return into_.strings.intern(filter_.printed_name(raw));
  }

 private:
  // The logical frames at one pc, and, by how Go would show them, their ids as far as given out.
  struct AtPc {
    Address pc;
    FunctionId function = kNoFunction;
    std::vector<SourceFrame> sources;
    std::vector<std::array<snapshot::FrameId, 4>> ids;
  };
  struct Position {
    Address pc, source_pc;
  };

  AtPc& at(const Position& position);
  snapshot::StackId resolve(std::span<const Position> positions);
  snapshot::StackId put_together(std::span<const Position> positions);
  snapshot::Frame make_frame(const SourceFrame& source, Address pc, FunctionId function) const;

  const Functions& functions_;
  TracebackFilter filter_;
  snapshot::Snapshot& into_;
  std::unordered_map<Address, AtPc> at_pc_;  // by source pc
  struct KnownStack {
    std::vector<std::uint64_t> pcs;
    snapshot::StackId id;
  };
  std::unordered_multimap<std::uint64_t, KnownStack> stacks_;
  std::unordered_map<Address, snapshot::FrameId> creations_, entries_;
  std::vector<Position> positions_;
};

}  // namespace goshawk::goruntime
