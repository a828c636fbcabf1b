// Small structures of a stopped target (sudogs, channels, timers ...) read through whole pages,
// kept: neighbours were allocated together, so that a hundred thousand of them cost a few thousand
// reads. What it says is true only as long as the target stands still. Not for several threads.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/address.h"
#include "base/byte_view.h"
#include "target/memory.h"

namespace goshawk::goruntime {

class PageCache {
 public:
  static constexpr std::uint64_t kPageBytes = 4096;

  explicit PageCache(const target::Memory& memory, std::size_t max_pages = 8192)
      : memory_(memory), max_pages_(max_pages) {}

  // False when any part is unreadable.
  bool read(Address from, std::span<std::byte> into);

  template <typename T>
  std::optional<T> value(Address from) {
    T value;
    if (!read(from, std::as_writable_bytes(std::span(&value, 1)))) return std::nullopt;
    return value;
  }

  // A pointer-sized word as an address; null when it cannot be read.
  Address pointer(Address from) { return Address(value<std::uint64_t>(from).value_or(0)); }

 private:
  using Page = std::array<std::byte, kPageBytes>;
  const Page* find_page(std::uint64_t number);

  const target::Memory& memory_;
  std::size_t max_pages_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;  // null: unreadable
  std::uint64_t last_number_ = ~std::uint64_t{0};
  const Page* last_page_ = nullptr;
};

}  // namespace goshawk::goruntime
