// Many small structs of the target, anywhere and in any order, read with few system calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/address.h"
#include "base/byte_view.h"
#include "target/memory.h"

namespace goshawk::goruntime {

struct GatherRequest {
  Address from;
  std::uint32_t size_bytes = 0;  // at most kLargestGather
  std::uint32_t index = 0;       // what the visitor is told
};

inline constexpr std::uint32_t kLargestGather = 1 << 16;

// Whether the same bytes will be asked for once more, in this picture or a later one: then the
// target's memory may keep a copy of what it would have to read twice.
enum class Asking : std::uint8_t { kAgain, kForTheLastTime };

// Sorts the requests by address, joins what lies close together, and shows each one's bytes in that
// order. An empty view: it could not be read. At most about a megabyte is held at a time.
void gather(const target::Memory& memory, std::span<GatherRequest> requests,
            const std::function<void(std::uint32_t index, ByteView bytes)>& visit,
            Asking asking = Asking::kAgain);

}  // namespace goshawk::goruntime
