// Where machine code may mention addresses of a range: in one pass over all of it, a hundred times
// quicker than disassembling. What is found is a guess; find_references() of the function around it
// tells.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "binary/elf_file.h"

namespace goshawk::binary {

struct AddressMention {
  std::uint32_t target = 0;  // bytes from the range's start
  std::uint32_t code = 0;    // bytes from the code's start to the instruction, or into it
  auto operator<=>(const AddressMention&) const = default;
};

// The real target may lie up to so many bytes behind the one that is found.
inline constexpr std::uint64_t kMostBehindMention = 4;

// Of code at `start`, which is a piece of what begins `code_offset` bytes before it; ranges and
// code of 4 GB and more have none. In the order of the code.
std::vector<AddressMention> find_mentions(Machine machine, ByteView code, Address start,
                                          std::uint32_t code_offset, AddressRange targets);

}  // namespace goshawk::binary
