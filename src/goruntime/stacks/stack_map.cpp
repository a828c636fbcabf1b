// runtime.stackmap is {n int32, nbit int32, then n rows of nbit bits}. FUNCDATA_StackObjects is a
// count and records {off int32, size int32, ptrBytes int32, gcdataoff uint32}; the mask of a record
// is at moduledata.rodata + gcdataoff, a GC program (4 bytes length, then the program) when
// ptrBytes is negative, which ended with Go 1.24. A record whose mask cannot be read counts with
// all its words: too many pointers keep too much alive, never too little. Follows runtime/stack.go
// stackmapdata, stackObjectRecord; runtime/stkframe.go stkobjinit.
#include "goruntime/stacks/stack_map.h"

#include <ranges>
#include <span>

#include "goruntime/heap/gc_program.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint32_t kMaxObjectBytes = 16 << 20;  // the compiler puts nothing larger on a stack
constexpr std::uint64_t kMaxObjects = 1 << 16;
constexpr std::uint64_t kMaxAllObjectsBytes = 64 << 20;  // of one frame
constexpr std::uint64_t kRecordBytes = 16;

void take_every_word(StackObject& object) {
  object.exact = false;
  object.pointer_offsets.clear();
  for (std::uint32_t offset = 0; offset + 8 <= object.size_bytes; offset += 8)
    object.pointer_offsets.push_back(offset);
}

bool take_mask(StackObject& object, ByteView mask, std::uint32_t words) {
  if (mask.size() < (words + 7) / 8) return false;
  for (StackBits bits{words, mask}; std::uint32_t i : std::views::iota(0U, words))
    if (bits[i]) object.pointer_offsets.push_back(i * 8);
  return true;
}

bool take_program(StackObject& object, ByteView program, std::uint32_t words) {
  constexpr std::uint64_t kLengthBytes = 4;
  if (program.size() < kLengthBytes) return false;
  auto mask = expand_gc_program(program.subspan(kLengthBytes), words);
  return mask && take_mask(object, std::as_bytes(std::span(*mask)), words);
}

StackObject parse_record(Cursor& cursor, const ImageBytes& image, Address rodata) {
  StackObject object;
  object.offset = cursor.i32();
  object.size_bytes = cursor.u32();
  std::int64_t pointer_bytes = cursor.i32();
  Address mask = rodata + cursor.u32();
  std::uint64_t words =
      static_cast<std::uint64_t>(pointer_bytes < 0 ? -pointer_bytes : pointer_bytes) / 8;
  if (object.size_bytes > kMaxObjectBytes) return object;  // the whole table is refused
  auto take = pointer_bytes < 0 ? take_program : take_mask;
  if (words > object.size_bytes / 8 ||
      !take(object, image.from(mask), static_cast<std::uint32_t>(words)))
    take_every_word(object);
  return object;
}

}  // namespace

std::optional<StackBits> find_stack_bits(ByteView stackmap, std::int32_t index) {
  auto rows = load<std::int32_t>(stackmap, 0);
  auto bits = load<std::int32_t>(stackmap, 4);
  if (!rows || !bits || *rows <= 0 || *bits < 0) return std::nullopt;
  if (*bits == 0) return StackBits{};
  if (index < 0 || index >= *rows) return std::nullopt;
  std::uint64_t row_bytes = (static_cast<std::uint64_t>(*bits) + 7) / 8;
  std::uint64_t start = 8 + static_cast<std::uint64_t>(index) * row_bytes;
  if (!fits(stackmap, start, row_bytes)) return std::nullopt;
  return StackBits{static_cast<std::uint32_t>(*bits), stackmap.subspan(start, row_bytes)};
}

std::optional<std::vector<StackObject>> parse_stack_objects(ByteView table, const ImageBytes& image,
                                                            Address rodata) {
  Cursor cursor(table);
  std::uint64_t count = cursor.u64();
  if (cursor.failed() || count > kMaxObjects || count * kRecordBytes > cursor.remaining())
    return std::nullopt;
  std::vector<StackObject> objects;
  std::uint64_t all_bytes = 0;
  objects.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    objects.push_back(parse_record(cursor, image, rodata));
    all_bytes += objects.back().size_bytes;
    if (objects.back().size_bytes > kMaxObjectBytes || all_bytes > kMaxAllObjectsBytes)
      return std::nullopt;
  }
  return objects;
}

namespace {

// internal/abi RegArgs {Ints, Floats, Ptrs, ReturnIsPtr}. It ends at varp.
StackObject make_reg_args(std::uint32_t ints, std::uint32_t floats) {
  StackObject object;
  std::uint32_t pointers = (ints + floats) * 8;
  object.size_bytes = (pointers + ints * 8 + (ints + 7) / 8 + 7) / 8 * 8;
  object.offset = -static_cast<std::int32_t>(object.size_bytes);
  for (std::uint32_t i = 0; i < ints; ++i) object.pointer_offsets.push_back(pointers + i * 8);
  return object;
}

}  // namespace

const StackObject& reflect_stack_object(bool arm64) {
  static const StackObject kAmd64 = make_reg_args(9, 15);  // in all releases since 1.18
  static const StackObject kArm64 = make_reg_args(16, 16);
  return arm64 ? kArm64 : kAmd64;
}

}  // namespace goshawk::goruntime
