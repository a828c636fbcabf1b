// The one way in which anything above reads the target: a range of its memory, now. What stands
// behind it (a live process, a core file, a synthetic image in a test) does not matter to the
// reader. Implementations are safe to use from several threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"

namespace goshawk::target {

class Memory {
 public:
  // One range to read, and where to; ok says afterwards whether all of it was read.
  struct Piece {
    Address address;
    std::byte* into = nullptr;
    std::uint64_t size_bytes = 0;
    bool ok = false;
  };

  virtual ~Memory() = default;

  // All of it, or a Fault that names the first address that could not be read.
  virtual Result<void> read(Address from, std::span<std::byte> into) const = 0;

  // Many ranges with few system calls. A piece that could not be read whole is zero-filled and has
  // ok == false; the others are not affected. Returns the number of such pieces.
  // This one reads them one by one.
  virtual std::size_t read_pieces(std::span<Piece> pieces) const {
    std::size_t failed = 0;
    for (Piece& piece : pieces) {
      std::span<std::byte> into(piece.into, piece.size_bytes);
      piece.ok = read(piece.address, into).has_value();
      if (piece.ok) continue;
      if (!into.empty()) std::memset(into.data(), 0, into.size());
      ++failed;
    }
    return failed;
  }

  // Bytes copied out of the target so far, for picture.bytes_read.
  virtual std::uint64_t bytes_read() const = 0;

  // As read_pieces(), of bytes that are decoded at once and not asked for again: no copy is kept.
  virtual std::size_t read_contents(std::span<Piece> pieces) const { return read_pieces(pieces); }

  template <typename T>
  Result<T> read_value(Address from) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    TRY_VOID(read(from, std::as_writable_bytes(std::span(&value, 1))));
    return value;
  }

  // Both: a count may be a foreign word, so that no more is allocated than has been found to be
  // there. Callers bound it all the same.
  template <typename T>
  Result<std::vector<T>> read_array(Address from, std::uint64_t count) const {
    static_assert(std::is_trivially_copyable_v<T>);
    constexpr std::uint64_t kStep = (std::uint64_t{4} << 20) / sizeof(T);
    std::vector<T> values;
    for (std::uint64_t done = 0; done < count; done = values.size()) {
      values.resize(done + std::min(count - done, std::max(done, kStep)));
      TRY_VOID(
          read(from + done * sizeof(T), std::as_writable_bytes(std::span(values).subspan(done))));
    }
    return values;
  }
  Result<std::vector<std::byte>> read_bytes(Address from, std::uint64_t size_bytes) const {
    return read_array<std::byte>(from, size_bytes);
  }
};

}  // namespace goshawk::target
