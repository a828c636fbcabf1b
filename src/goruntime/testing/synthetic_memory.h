// For tests: a target's memory that is written down in the test. What was not written cannot be
// read.
#pragma once

#include <cstring>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "target/memory.h"

namespace goshawk::goruntime {

class SyntheticMemory : public target::Memory {
 public:
  // Zeros, from then on readable. Ranges that are added must not overlap.
  void map(Address start, std::uint64_t size_bytes) { ranges_[start].resize(size_bytes); }

  template <typename T>
  void write(Address at, T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memcpy(find(at, sizeof value), &value, sizeof value);
  }
  void write_pointer(Address at, Address value) { write(at, value.value()); }
  void write_text(Address at, std::string_view text) {
    std::memcpy(find(at, text.size()), text.data(), text.size());
  }

  Result<void> read(Address from, std::span<std::byte> into) const override {
    const std::byte* bytes = find(from, into.size());
    if (bytes == nullptr) return fail(Fault{from, into.size(), "not written by the test"});
    if (!into.empty()) std::memcpy(into.data(), bytes, into.size());
    return {};
  }

  std::uint64_t bytes_read() const override { return 0; }

 private:
  const std::byte* find(Address at, std::uint64_t size_bytes) const {
    auto after = ranges_.upper_bound(at);
    if (after == ranges_.begin()) return nullptr;
    const auto& [start, bytes] = *std::prev(after);
    return fits(bytes, at - start, size_bytes) ? bytes.data() + (at - start) : nullptr;
  }
  std::byte* find(Address at, std::uint64_t size_bytes) {
    return const_cast<std::byte*>(std::as_const(*this).find(at, size_bytes));
  }

  std::map<Address, std::vector<std::byte>> ranges_;
};

}  // namespace goshawk::goruntime
