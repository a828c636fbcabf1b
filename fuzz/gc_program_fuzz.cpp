// The compressed pointer masks of large types. The input is how many words are wanted, and the
// program.
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/input.h"
#include "goruntime/heap/gc_program.h"

namespace goshawk::fuzz {

void run(ByteView bytes) {
  Input input(bytes);
  std::uint64_t words = input.take<std::uint32_t>() % (1U << 24);
  auto mask = goruntime::expand_gc_program(input.take_rest(), words);
  if (mask) use(std::as_bytes(std::span(*mask)));
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  return {Bytes().u32(64).u8(9).u8(0xaa).u8(1).u8(0x84).u8(5).u8(0).str(),
          Bytes().u32(1 << 20).u8(2).u8(1).u8(0x80).uleb(2).uleb(1 << 19).u8(0).str(),
          Bytes()
              .u32(1000)
              .u8(0x7f)
              .raw(std::string(16, '\x55'))
              .u8(0x80)
              .uleb(127)
              .uleb(6)
              .u8(0)
              .str()};
}

}  // namespace goshawk::fuzz
