// What a fuzzer is made of: run() reads one input and must come back, quickly and without harm,
// whatever is in it; seeds() are inputs to begin with. One fuzzer for each reader of foreign bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/byte_view.h"

namespace goshawk::fuzz {

void run(ByteView input);
std::vector<std::string> seeds();

// What was computed from an input must not be optimized away, and was not if it is written here.
inline volatile std::uint64_t sink = 0;
inline void use(std::uint64_t value) { sink = sink + value; }
// Every byte is read: a view that leaves its buffer is seen.
inline void use(ByteView bytes) {
  for (std::byte byte : bytes) use(std::to_integer<std::uint64_t>(byte));
}
inline void use(std::string_view text) { use(std::as_bytes(std::span(text.data(), text.size()))); }

}  // namespace goshawk::fuzz
