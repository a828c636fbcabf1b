// Calls by a distance in a function's machine code, found by their encoding only (amd64: E8 and a
// distance; arm64: BL), without following the code. That another instruction's bytes name the very
// beginning of one of a few functions is as good as impossible.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>

#include "base/address.h"
#include "base/byte_view.h"

namespace goshawk::goruntime {

// `code` stands at `start`. `found`: where a call may stand, and what it calls.
template <std::invocable<Address, Address> Found>
void find_direct_calls(ByteView code, Address start, bool is_arm64, Found&& found) {
  constexpr std::uint64_t kCallBytes = 5;  // amd64
  if (is_arm64) {
    for (std::uint64_t at = 0; fits(code, at, 4); at += 4) {
      auto word = load_unchecked<std::uint32_t>(code.data() + at);
      if (word >> 26 != 0b100101) continue;
      std::int64_t distance = static_cast<std::int32_t>(word << 6) >> 4;
      found(start + at, start + (at + static_cast<std::uint64_t>(distance)));
    }
    return;
  }
  for (std::uint64_t at = 0; fits(code, at, kCallBytes); ++at) {
    const void* next = std::memchr(code.data() + at, 0xe8, code.size() - kCallBytes + 1 - at);
    if (next == nullptr) return;
    at = static_cast<std::uint64_t>(static_cast<const std::byte*>(next) - code.data());
    std::int64_t distance = load_unchecked<std::int32_t>(code.data() + at + 1);
    found(start + at, start + (at + kCallBytes + static_cast<std::uint64_t>(distance)));
  }
}

}  // namespace goshawk::goruntime
