// Pointer masks of types: bits, programs, masks that are built by walking arrays and structs. The
// input is which release's types they are, and what is changed in them (patches.h).
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/patches.h"
#include "goruntime/heap/heap_test_image.h"
#include "goruntime/heap/type_mask.h"

namespace goshawk::fuzz {
namespace {

using namespace goruntime;
using goruntime::testing::Era;
using goruntime::testing::SyntheticHeap;

constexpr std::uint8_t kOnDemand = 16;
constexpr Address kParts{0x900000};

// Types that are made of each other: bits, a program, an array of pairs, a struct of all.
class SoundTypes : public SyntheticHeap {
 public:
  explicit SoundTypes(Era of) : SyntheticHeap(of) {
    memory.map(kParts, 0x400);
    Address pair = keep(add_type(16, 16, {0b11}));
    if (of != Era::kGreenTea)
      keep(add_type(64, 64, {5, 0, 0, 0, 0x02, 0b01, 0x82, 3, 0}, kKindStruct | 0x40));
    Address array = keep(add_type(48, 48, {}, kKindArray, kOnDemand));
    memory.put_word(array + 32, kParts.value());  // not built
    memory.put_word(array + 48, pair.value());
    memory.put_word(array + 64, 3);
    Address all = keep(add_type(64, 64, {}, kKindStruct, kOnDemand));
    memory.put_word(all + 32, kParts.value());
    memory.put_word(all + 56, (kParts + 64).value());
    memory.put_word(all + 64, 2);
    for (std::uint64_t i = 0; i < 2; ++i) {
      memory.put_word(kParts + 64 + i * 24 + 8, i == 0 ? pair.value() : array.value());
      memory.put_word(kParts + 64 + i * 24 + 16, i * 16);
    }
    Address built = keep(add_type(1024, 1024, {}, kKindStruct, kOnDemand));
    memory.put_word(built + 32, (kParts + 8).value());
    memory.put_word(kParts + 8, (kParts + 0x200).value());
    places_ = {{kTypes, kTypes + 0x700}, {kParts, kParts + 0x300}};
    for (Address type : types_) places_.push_back({type, type + 80});
  }
  std::span<const AddressRange> places() const { return places_; }
  std::span<const Address> types() const { return types_; }

 private:
  Address keep(Address type) {
    types_.push_back(type);
    return type;
  }
  std::vector<Address> types_;
  std::vector<AddressRange> places_;
};

}  // namespace

void run(ByteView bytes) {
  static const SoundTypes all[] = {SoundTypes(Era::kTwoBit), SoundTypes(Era::kHeaders),
                                   SoundTypes(Era::kGreenTea)};
  Input input(bytes);
  const SoundTypes& sound = all[input.take() % std::size(all)];
  PatchedMemory memory(sound.memory);
  patch(input, sound.places(), memory);
  auto fact = TypeDescriptorFact::bind(sound.layout);
  TypeMasks masks(memory, *fact, SyntheticHeap::kInProgress, [](Address) { return true; });
  for (Address type : sound.types()) {
    constexpr std::uint64_t kRoomBytes = 1 << 28;
    const TypeMask* mask = masks.find(type, kRoomBytes);
    if (mask == nullptr) continue;
    use(std::as_bytes(std::span(mask->bits)));
    mask->for_each_pointer(1, 4 * mask->size_words, [](std::uint64_t word) { use(word); });
  }
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  return {Bytes().u8(0).str(), Bytes().u8(1).str(), Bytes().u8(2).str(),
          Bytes().u8(2).u8(0).u8(1).u16(72).u8(0).u16(256).str()};
}

}  // namespace goshawk::fuzz
