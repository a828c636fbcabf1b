// Reads what RecordWriter wrote, out of hostile bytes: whatever is no sound value (an index past
// its array, an unknown kind, a number too large for its field) makes the reader fail, with the
// first reason kept; from then on everything is zero.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/byte_view.h"
#include "snapshot/strings.h"

namespace goshawk::snapshot {

constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
}

class RecordReader {
 public:
  static constexpr bool kReads = true;

  explicit RecordReader(ByteView bytes) : cursor_(bytes) {}

  template <typename T>
  void number(T& value) {
    std::uint64_t read = cursor_.uvarint();
    if (read > std::numeric_limits<T>::max()) fail("a number is too large");
    value = failed() ? T{} : static_cast<T>(read);
  }
  template <typename T>
  void signed_number(T& value) {
    std::int64_t read = unzigzag(cursor_.uvarint());
    if (read < std::numeric_limits<T>::min() || read > std::numeric_limits<T>::max())
      fail("a number is too large");
    value = failed() ? T{} : static_cast<T>(read);
  }
  void text(std::string& text) {
    std::uint64_t size_bytes = cursor_.uvarint();
    text = as_text(cursor_.bytes(size_bytes));
  }
  template <typename Enum>
  void enumeration(Enum& value, bool (*is_known)(Enum)) {
    Enum read = static_cast<Enum>(cursor_.u8());
    if (!is_known(read)) return fail("a kind is not known");
    value = read;
  }
  template <typename... Flags>
  void flags(Flags&... flags) {
    unsigned byte = cursor_.u8();
    if (byte >> sizeof...(flags) != 0) return fail("a flag is not known");
    unsigned bit = 0;
    ((flags = (byte >> bit++ & 1U) != 0), ...);
  }
  void id(std::uint32_t& id, std::uint64_t limit) {
    std::uint64_t read = cursor_.uvarint();
    if (read > std::min<std::uint64_t>(limit, kNone)) return fail("an index is past its array");
    id = read == 0 ? kNone : static_cast<std::uint32_t>(read - 1);
  }
  void near_id(std::uint32_t& id, std::uint32_t& before, std::uint64_t limit) {
    before += static_cast<std::uint32_t>(unzigzag(cursor_.uvarint()));
    id = before;
    if (id >= limit) fail("an index is past its array");
  }
  void near_address(Address& address, Address& before) {
    before = before + static_cast<std::uint64_t>(unzigzag(cursor_.uvarint()));
    address = before;
  }

  // A count of things that take a byte each, or more: never more than there are bytes.
  std::uint32_t count() {
    std::uint64_t read = cursor_.uvarint();
    if (read > cursor_.remaining()) fail("more is promised than there is");
    return failed() ? 0 : static_cast<std::uint32_t>(read);
  }

  void fail(std::string_view why) {
    if (why_.empty()) why_ = why;
  }
  bool failed() const { return !why_.empty() || cursor_.failed(); }
  std::string_view why() const { return why_.empty() ? "a record ends early" : why_; }
  bool at_end() const { return cursor_.at_end(); }
  std::uint64_t position() const { return cursor_.position(); }

 private:
  Cursor cursor_;
  std::string_view why_;
};

}  // namespace goshawk::snapshot
