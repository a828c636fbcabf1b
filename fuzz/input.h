// The bytes of one input, taken from the front. What is over yields zeros: every input is a whole
// one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/byte_view.h"

namespace goshawk::fuzz {

class Input {
 public:
  explicit Input(ByteView bytes) : rest_(bytes) {}

  template <typename T = std::uint8_t>
  T take() {
    T value{};
    ByteView from = take_bytes(sizeof value);
    if (!from.empty()) std::memcpy(&value, from.data(), from.size());
    return value;
  }
  // Fewer when there are no more.
  ByteView take_bytes(std::uint64_t size_bytes) {
    ByteView taken = rest_.first(std::min<std::uint64_t>(size_bytes, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  ByteView take_rest() { return take_bytes(rest_.size()); }
  std::string take_text(std::uint64_t size_bytes) {
    return std::string(as_text(take_bytes(size_bytes)));
  }
  bool empty() const { return rest_.empty(); }

 private:
  ByteView rest_;
};

}  // namespace goshawk::fuzz
