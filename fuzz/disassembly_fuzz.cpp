// Machine code and the addresses that it refers to, or may. The input is the machine, then the
// code.
#include "binary/address_mentions.h"
#include "binary/disassembly.h"
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/input.h"

namespace goshawk::fuzz {

void run(ByteView bytes) {
  using namespace binary;
  Input input(bytes);
  Machine machine = (input.take() & 1) != 0 ? Machine::kArm64 : Machine::kX86_64;
  ByteView code = input.take_rest();
  // At either end of what addresses there are, too.
  for (std::uint64_t start : {std::uint64_t{0x401000}, std::uint64_t{0}, ~std::uint64_t{0} - 64}) {
    if (auto found = find_references(machine, code, Address(start)))
      for (const Reference& one : *found) use(one.target.value() + one.access_bytes);
    AddressRange targets{Address(start), Address(start + (1 << 20))};
    for (const AddressMention& one : find_mentions(machine, code, Address(start), 7, targets)) {
      if (one.target >= targets.size_bytes() || one.code < 7 || one.code - 7 > code.size())
        __builtin_trap();
      use(one.target + one.code);
    }
  }
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  Bytes amd64, arm64;
  amd64.u8(0).u8(0x48).u8(0x8d).u8(0x05).u32(16).u8(0x48).u8(0x8b).u8(0x0d).u32(32);
  amd64.u8(0x83).u8(0x3d).u32(1).u8(2).u8(0xe8).u32(0).u8(0xc3);
  arm64.u8(1).u32(0x90000000).u32(0x91010001).u32(0xf9400422).u32(0xb9000c02).u32(0x39400403);
  arm64.u32(0x94000001).u32(0x14000001).u32(0x54000040).u32(0xd65f03c0);
  return {amd64.str(), arm64.str()};
}

}  // namespace goshawk::fuzz
