// Channels whose buffers are large, with what their headers say: read while the target stands
// still.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"
#include "goruntime/facts/sudog.h"
#include "goruntime/heap/type_sightings.h"
#include "goruntime/types/type_reader.h"
#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace goshawk::goruntime {

struct LargeChannel {
  Address element;  // its elements' type
  snapshot::ChannelFill fill;
};

struct LargeChannelRequest {
  const snapshot::Objects& objects;
  std::span<const TypeSightings::Around> around;
  std::span<const std::uint8_t> header_bytes;  // by span
};

// By channel, each once. Sightings::around has all those with pointers in their elements.
std::vector<LargeChannel> read_large_channels(const target::Memory& memory, TypeReader& types,
                                              const facts::HchanFact& fact,
                                              const LargeChannelRequest& request);

}  // namespace goshawk::goruntime
