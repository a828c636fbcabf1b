// Writes the fields of records: numbers as unsigned LEB128, so that a small one takes one byte;
// signed ones and differences zigzag. RecordReader is its mirror: records.h names each record's
// fields once, for both.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/address.h"
#include "snapshot/strings.h"

namespace goshawk::snapshot {

constexpr std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

class RecordWriter {
 public:
  static constexpr bool kReads = false;

  // Little-endian, of its own size.
  template <typename T>
  void fixed(T value) {
    static_assert(std::is_unsigned_v<T>);
    for (unsigned shift = 0; shift < 8 * sizeof value; shift += 8)
      out_.push_back(static_cast<char>(value >> shift & 0xff));
  }
  void bytes(std::string_view bytes) { out_ += bytes; }

  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  void signed_number(std::int64_t value) { number(zigzag(value)); }
  void text(std::string_view text) {
    number(text.size());
    bytes(text);
  }
  template <typename Enum>
  void enumeration(Enum value, bool (*)(Enum)) {
    out_.push_back(static_cast<char>(value));
  }
  // Up to eight; the first is the lowest bit.
  template <typename... Flags>
  void flags(const Flags&... flags) {
    static_assert(sizeof...(flags) <= 8);
    unsigned byte = 0;
    unsigned bit = 0;
    ((byte |= static_cast<unsigned>(flags) << bit++), ...);
    out_.push_back(static_cast<char>(byte));
  }
  // An index into an array of `limit`, or kNone.
  void id(std::uint32_t id, std::uint64_t) { number(id == kNone ? 0 : id + std::uint64_t{1}); }
  // The same, told by its difference to the one before.
  void near_id(std::uint32_t id, std::uint32_t& before, std::uint64_t) {
    signed_number(static_cast<std::int32_t>(id - before));
    before = id;
  }
  void near_address(Address address, Address& before) {
    signed_number(static_cast<std::int64_t>(address - before));
    before = address;
  }

  const std::string& written() const { return out_; }
  std::string take() { return std::exchange(out_, {}); }

 private:
  std::string out_;
};

}  // namespace goshawk::snapshot
