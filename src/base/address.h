// An address in the target: never a pointer of ours, never a bare integer.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace goshawk {

class Address {
 public:
  constexpr Address() = default;
  constexpr explicit Address(std::uint64_t value) : value_(value) {}

  constexpr std::uint64_t value() const { return value_; }
  constexpr bool is_null() const { return value_ == 0; }
  constexpr bool is_aligned(std::uint64_t alignment) const { return value_ % alignment == 0; }

  // Wraps around like the target's own arithmetic; who reads there finds out.
  constexpr Address operator+(std::uint64_t bytes) const { return Address(value_ + bytes); }
  constexpr Address operator-(std::uint64_t bytes) const { return Address(value_ - bytes); }
  constexpr std::uint64_t operator-(Address other) const { return value_ - other.value_; }
  constexpr auto operator<=>(const Address&) const = default;

 private:
  std::uint64_t value_ = 0;
};

// [start, end)
struct AddressRange {
  Address start;
  Address end;

  constexpr bool contains(Address address) const { return start <= address && address < end; }
  constexpr std::uint64_t size_bytes() const { return end > start ? end - start : 0; }
  constexpr bool operator==(const AddressRange&) const = default;
};

}  // namespace goshawk

template <>
struct std::hash<goshawk::Address> {
  std::size_t operator()(goshawk::Address address) const noexcept {
    return std::hash<std::uint64_t>{}(address.value());
  }
};
