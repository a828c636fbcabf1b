// Structures by a program's type descriptors: names, fields, embedded structs and arrays, arrays
// and structs that hold themselves. The input is what is changed in a sound set of them
// (patches.h).
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/patches.h"
#include "goruntime/layout/descriptor_layout.h"
#include "goruntime/testing/synthetic_descriptors.h"

namespace goshawk::fuzz {
namespace {

using namespace goruntime;

class SoundDescriptors : public SyntheticDescriptors {
 public:
  SoundDescriptors() {
    Address inner = add_struct("runtime.inner", 16, {{"a", word, 0}, {"b", word, 8}});
    Address array = add_array(inner, 32);
    Address outer =
        add_struct("*runtime.outer", 72,
                   {{"inner", inner, 0, true}, {"both", array, 16}, {"again", array, 40}});
    places_ = {{kTypes, kTypes + 0x400}};
    for (Address type : {inner, array, outer, add_g()}) places_.push_back({type, type + 160});
  }
  std::span<const AddressRange> places() const { return places_; }

 private:
  std::vector<AddressRange> places_;
};

}  // namespace

void run(ByteView bytes) {
  static const SoundDescriptors sound;
  constexpr Address kTypes = SoundDescriptors::kTypes;
  Input input(bytes);
  PatchedMemory memory(sound.memory);
  patch(input, sound.places(), memory);
  auto layout = descriptor_layout(memory, {kTypes, kTypes + SoundDescriptors::kBytes});
  if (!layout) return use(describe(layout.error()));
  for (const char* type : {"runtime.g", "runtime.gobuf", "runtime.inner", "runtime.outer"}) {
    std::uint64_t size = (*layout)->size_of(type).value_or(0);
    for (const char* path : {"goid", "sched.pc", "b", "both.b", "again.inner.a", "inner.inner.b"}) {
      auto field = (*layout)->field(type, path);
      if (field && path != std::string_view("inner.inner.b") &&
          std::uint64_t{field->offset} + field->size_bytes > size)
        __builtin_trap();  // a field that leaves its structure
      if (field) use(field->offset);
    }
  }
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  return {Bytes().u8(0).str(), Bytes().u8(4).u8(1).u16(56).str(),
          Bytes().u8(0).u8(3).u16(8).u8(3).u16(0).str()};
}

}  // namespace goshawk::fuzz
