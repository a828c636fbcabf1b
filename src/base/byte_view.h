// Foreign bytes are touched only through these: a view that knows its length, and a cursor that
// never leaves it. A cursor that was asked for more than there is stays failed and yields zeros, so
// that a parser checks once at its end (or wherever a wrong value would steer it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace goshawk {

using ByteView = std::span<const std::byte>;

// Little-endian, unaligned; the caller has checked the bounds. For hot loops.
template <typename T>
T load_unchecked(const std::byte* from) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value{};
  std::memcpy(&value, from, sizeof value);
  return value;
}

constexpr bool fits(ByteView view, std::uint64_t offset, std::uint64_t size_bytes) {
  return offset <= view.size() && size_bytes <= view.size() - offset;
}

template <typename T>
std::optional<T> load(ByteView view, std::uint64_t offset) {
  if (!fits(view, offset, sizeof(T))) return std::nullopt;
  return load_unchecked<T>(view.data() + offset);
}

// The part that exists of [offset, offset + size); empty when there is none.
constexpr ByteView slice(ByteView view, std::uint64_t offset, std::uint64_t size_bytes) {
  if (offset >= view.size()) return {};
  std::uint64_t there = view.size() - offset;
  return view.subspan(offset, size_bytes < there ? size_bytes : there);
}

inline std::string_view as_text(ByteView view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

class Cursor {
 public:
  explicit Cursor(ByteView bytes, std::uint64_t position = 0)
      : bytes_(bytes), position_(position), failed_(position > bytes.size()) {}

  std::uint8_t u8() { return fixed<std::uint8_t>(); }
  std::uint16_t u16() { return fixed<std::uint16_t>(); }
  std::uint32_t u32() { return fixed<std::uint32_t>(); }
  std::uint64_t u64() { return fixed<std::uint64_t>(); }
  std::int32_t i32() { return fixed<std::int32_t>(); }

  // Unsigned LEB128, which is also Go's binary.Uvarint; over 64 bits fails.
  std::uint64_t uvarint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      std::uint8_t byte = u8();
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (failed_) return 0;
      if ((byte & 0x80) == 0) return value;
    }
    failed_ = true;
    return 0;
  }

  ByteView bytes(std::uint64_t size_bytes) {
    if (!take(size_bytes)) return {};
    return bytes_.subspan(position_ - size_bytes, size_bytes);
  }

  // Up to the terminating zero, which is consumed.
  std::string_view c_string() {
    if (failed_) return {};
    ByteView rest = bytes_.subspan(position_);
    const void* zero = rest.empty() ? nullptr : std::memchr(rest.data(), 0, rest.size());
    if (zero == nullptr) {
      failed_ = true;
      return {};
    }
    std::size_t length = static_cast<const std::byte*>(zero) - rest.data();
    position_ += length + 1;
    return as_text(rest.first(length));
  }

  void skip(std::uint64_t size_bytes) { take(size_bytes); }
  void seek(std::uint64_t position) {
    if (position > bytes_.size())
      failed_ = true;
    else
      position_ = position;
  }

  std::uint64_t position() const { return position_; }
  std::uint64_t remaining() const { return failed_ ? 0 : bytes_.size() - position_; }
  bool failed() const { return failed_; }
  bool at_end() const { return remaining() == 0; }

 private:
  bool take(std::uint64_t size_bytes) {
    if (failed_ || size_bytes > bytes_.size() - position_) {
      failed_ = true;
      return false;
    }
    position_ += size_bytes;
    return true;
  }

  template <typename T>
  T fixed() {
    if (!take(sizeof(T))) return 0;
    return load_unchecked<T>(bytes_.data() + position_ - sizeof(T));
  }

  ByteView bytes_;
  std::uint64_t position_;
  bool failed_;
};

}  // namespace goshawk
