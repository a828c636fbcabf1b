// The compiler's tables of live stack words: bitmaps by stack map index, and the records of stack
// objects.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "goruntime/symbols/image_bytes.h"

namespace goshawk::goruntime {

// One bitmap: bit i set means that word i holds a live pointer.
struct StackBits {
  std::uint32_t count = 0;
  ByteView bytes;

  bool operator[](std::uint32_t i) const {
    return (std::to_integer<unsigned>(bytes[i / 8]) >> (i % 8) & 1) != 0;
  }
};

// Row `index` of a runtime.stackmap; nothing when there is no such row or the table is cut off.
std::optional<StackBits> find_stack_bits(ByteView stackmap, std::int32_t index);

// A variable whose address is taken: alive only when a live pointer into the stack reaches it.
struct StackObject {
  std::int32_t offset = 0;  // negative: from varp, else from argp
  std::uint32_t size_bytes = 0;
  std::vector<std::uint32_t> pointer_offsets;  // bytes from its start, ascending
  bool exact = true;  // false: no usable mask, every word is taken for a pointer
};

// FUNCDATA_StackObjects; nothing when the table is broken. `rodata` is moduledata.rodata.
std::optional<std::vector<StackObject>> parse_stack_objects(ByteView table, const ImageBytes& image,
                                                            Address rodata);

// The abi.RegArgs in a frame of reflect.makeFuncStub or reflect.methodValueCall, which has no
// record in any table.
const StackObject& reflect_stack_object(bool arm64);

}  // namespace goshawk::goruntime
