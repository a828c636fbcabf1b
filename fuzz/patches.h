// Changes to memory that was sound: from a whole picture of a program, an input leads to one that
// is odd in a few places, which reaches further than bytes that are odd everywhere. An input is a
// sequence of them, each {kind u8, place u8, offset u16, ...}:
//   kind % 8   0     the address {place u8, offset u16}: a link to somewhere
//              1..4  a number of 1, 2, 4 or 8 bytes
//              5     a run of bytes {length u8, bytes}
//              6     what stands at {place u8, offset u16} now, 8 bytes
//              7     page number `offset` of the place goes away
#pragma once

#include <map>
#include <set>
#include <span>
#include <vector>

#include "base/address.h"
#include "fuzz/input.h"
#include "target/memory.h"

namespace goshawk::fuzz {

// Reads through to other memory, but for what was changed since.
class PatchedMemory : public target::Memory {
 public:
  explicit PatchedMemory(const target::Memory& sound) : sound_(sound) {}

  void write(Address at, ByteView bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) changed_[(at + i).value()] = bytes[i];
  }
  template <typename T>
  void put(Address at, T value) {
    write(at, std::as_bytes(std::span(&value, 1)));
  }
  void remove_page(Address page) { removed_.insert(page.value() / kPageBytes); }

  Result<void> read(Address from, std::span<std::byte> into) const override {
    if (into.empty()) return {};
    std::uint64_t last = from.value() + (into.size() - 1);
    auto gone = removed_.lower_bound(from.value() / kPageBytes);
    if (gone != removed_.end() && *gone <= last / kPageBytes)
      return fail(Fault{from, into.size(), "taken away"});
    TRY_VOID(sound_.read(from, into));
    for (auto at = changed_.lower_bound(from.value()); at != changed_.end() && at->first <= last;
         ++at)
      into[at->first - from.value()] = at->second;
    return {};
  }
  std::uint64_t bytes_read() const override { return 0; }

 private:
  static constexpr std::uint64_t kPageBytes = 4096;

  const target::Memory& sound_;
  std::map<std::uint64_t, std::byte> changed_;
  std::set<std::uint64_t> removed_;
};

inline Address take_address(Input& input, std::span<const AddressRange> places) {
  const AddressRange& place = places[input.take() % places.size()];
  return place.start + input.take<std::uint16_t>() % place.size_bytes();
}

inline void patch(Input& input, std::span<const AddressRange> places, PatchedMemory& memory) {
  while (!input.empty()) {
    unsigned kind = input.take() % 8;
    Address at = take_address(input, places);
    if (kind == 0) memory.put(at, take_address(input, places).value());
    if (kind >= 1 && kind <= 4) memory.write(at, input.take_bytes(std::size_t{1} << (kind - 1)));
    if (kind == 5) memory.write(at, input.take_bytes(input.take()));
    if (kind == 6)
      if (auto word = memory.read_value<std::uint64_t>(take_address(input, places)))
        memory.put(at, *word);
    if (kind == 7) memory.remove_page(at);
  }
}

}  // namespace goshawk::fuzz
