// What a piece of machine code refers to: the static addresses that its instructions load, store or
// take. amd64 and arm64.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"
#include "binary/elf_file.h"

namespace goshawk::binary {

enum class ReferenceKind : std::uint8_t {
  kAddress,  // its address is taken: lea; adrp and add
  kRead,
  kWrite,  // or both
};

struct Reference {
  Address instruction;
  Address target;
  ReferenceKind kind = ReferenceKind::kAddress;
  std::uint8_t access_bytes = 0;  // of the memory operand; 0 for kAddress
  bool operator==(const Reference&) const = default;
};

// In the order of the instructions. Bytes that are no instruction are stepped over.
// `code` stands at `start` in the target. Calls and jumps are no references.
Result<std::vector<Reference>> find_references(Machine machine, ByteView code, Address start);

// Whether a vector register's present content may still be used: one is read before anything leaves
// the straight run of instructions that begins with `code`. xmm15 does not count: Go keeps zero in
// it. True too where that cannot be told: at bytes that are no instruction, at the end.
bool may_read_vector_registers(Machine machine, ByteView code, Address start);

}  // namespace goshawk::binary
