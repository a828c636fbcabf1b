// A mask comes from one of three places (facts/type_descriptor.h): bits, a program that makes bits,
// or a slot that holds the bits once the runtime built them. An unbuilt one is built here the same
// way as buildGCMask does it: by walking arrays and structs down to types that have bits.
//
// What keeps a hostile type in bounds: the caller's object is at least as large as the type, so a
// mask is at most a 64th of memory that the target has; a part must lie inside its whole; the walk
// counts its steps and its depth.
#include "goruntime/heap/type_mask.h"

#include <algorithm>

#include "base/byte_view.h"
#include "goruntime/heap/gc_program.h"

namespace goshawk::goruntime {

namespace {

constexpr int kDeepestType = 64;               // parts halve in size, except in arrays of one
constexpr std::uint64_t kMostSteps = 1 << 18;  // each reads the target
constexpr std::uint64_t kMostFields = 1 << 17;
constexpr std::uint64_t kReadAtOnceBytes = 1 << 20;
constexpr std::uint64_t kLongestProgram = 16 << 20;

void set_bit(TypeMask& mask, std::uint64_t word) {
  mask.bits[word / 64] |= std::uint64_t{1} << (word % 64);
}

}  // namespace

struct TypeMasks::Walk {
  int depth = 0;
  std::uint64_t steps = 0;
};

const TypeMask* TypeMasks::find(Address type, std::uint64_t room_bytes) {
  if (type.is_null() || !type.is_aligned(8)) return nullptr;
  {
    std::lock_guard lock(mutex_);
    if (auto found = known_.find(type); found != known_.end())
      return found->second.size_bytes <= room_bytes ? found->second.mask.get() : nullptr;
  }
  // Two threads may build the same mask; the first one in is kept.
  auto head = is_type_place_(type) ? read_head(type) : std::nullopt;
  Entry entry;
  if (head) {
    if (head->size_bytes > room_bytes) return nullptr;
    entry.size_bytes = head->size_bytes;
    auto mask = std::make_unique<TypeMask>();
    mask->size_words = head->size_bytes / 8;
    mask->pointer_words = head->pointer_bytes / 8;
    mask->bits.resize((mask->pointer_words + 63) / 64);
    Walk walk;
    if (append_mask(type, *head, 0, *mask, walk)) entry.mask = std::move(mask);
  }
  std::lock_guard lock(mutex_);
  return known_.try_emplace(type, std::move(entry)).first->second.mask.get();
}

std::optional<TypeHead> TypeMasks::read_head(Address type) const {
  std::array<std::byte, 512> bytes{};  // bind() bounds head_bytes
  std::span<std::byte> head = std::span(bytes).first(fact_.head_bytes);
  if (!memory_.read(type, head)) return std::nullopt;
  return fact_.parse(head);
}

bool TypeMasks::append_mask(Address type, const TypeHead& head, std::uint64_t at_word,
                            TypeMask& into, Walk& walk) const {
  std::uint64_t words = head.pointer_bytes / 8;
  walk.steps += 1 + words / 2048;  // parts may lie on top of each other
  if (walk.steps > kMostSteps || at_word > into.pointer_words ||
      words > into.pointer_words - at_word)
    return false;
  if (head.mask == TypeHead::Mask::kBits) return append_bits(head.gc_data, words, at_word, into);
  if (head.mask == TypeHead::Mask::kProgram) return append_program(head, at_word, into);

  auto built = memory_.read_value<std::uint64_t>(head.gc_data);
  if (!built) return false;
  Address bits(*built);
  bool usable = !bits.is_null() && bits != in_progress_;
  // The sentinel's address may be unknown; what would be read there is no mask, so that without its
  // address only walked masks are trusted.
  if (usable && in_progress_ && append_bits(bits, words, at_word, into)) return true;
  if (++walk.depth > kDeepestType) return false;
  bool done = head.kind == kKindArray    ? append_array(type, head, at_word, into, walk)
              : head.kind == kKindStruct ? append_struct(type, head, at_word, into, walk)
                                         : false;
  --walk.depth;
  return done;
}

bool TypeMasks::append_bits(Address bits, std::uint64_t words, std::uint64_t at_word,
                            TypeMask& into) const {
  std::vector<std::byte> buffer;
  for (std::uint64_t done = 0; done < words;) {
    std::uint64_t count = std::min(words - done, kReadAtOnceBytes * 8);
    buffer.assign((count + 7) / 8, std::byte{});
    if (!memory_.read(bits + done / 8, buffer)) return false;
    for (std::uint64_t i = 0; i < count; ++i)
      if ((std::to_integer<unsigned>(buffer[i / 8]) >> (i % 8) & 1) != 0)
        set_bit(into, at_word + done + i);
    done += count;
  }
  return true;
}

// The program's length comes first (u32). That of an array describes all of it, its pointerless
// tail too.
bool TypeMasks::append_program(const TypeHead& head, std::uint64_t at_word, TypeMask& into) const {
  auto length = memory_.read_value<std::uint32_t>(head.gc_data);
  if (!length || *length > kLongestProgram) return false;
  auto program = memory_.read_bytes(head.gc_data + sizeof *length, *length);
  if (!program) return false;
  auto mask = expand_gc_program(*program, head.size_bytes / 8);
  if (!mask) return false;
  for (std::uint64_t i = 0; i < head.pointer_bytes / 8; ++i)
    if (((*mask)[i / 64] >> (i % 64) & 1) != 0) set_bit(into, at_word + i);
  return true;
}

bool TypeMasks::append_array(Address type, const TypeHead& head, std::uint64_t at_word,
                             TypeMask& into, Walk& walk) const {
  auto element = memory_.read_value<std::uint64_t>(type + fact_.array_elem);
  auto length = memory_.read_value<std::uint64_t>(type + fact_.array_len);
  if (!element || !length || *length == 0) return false;
  auto part = read_head(Address(*element));
  if (!part || part->size_bytes != head.size_bytes / *length || head.size_bytes % *length != 0)
    return false;

  if (*length == 1) return append_mask(Address(*element), *part, at_word, into, walk);
  // The element's mask once, then copies of it.
  TypeMask single;
  single.size_words = part->size_bytes / 8;
  single.pointer_words = part->pointer_bytes / 8;
  single.bits.resize((single.pointer_words + 63) / 64);
  if (!append_mask(Address(*element), *part, 0, single, walk)) return false;
  std::uint64_t end = at_word + head.pointer_bytes / 8;
  single.for_each_pointer(0, end - at_word,
                          [&](std::uint64_t word) { set_bit(into, at_word + word); });
  return true;
}

bool TypeMasks::append_struct(Address type, const TypeHead& head, std::uint64_t at_word,
                              TypeMask& into, Walk& walk) const {
  std::array<std::uint64_t, 2> slice{};  // data, len
  if (!memory_.read(type + fact_.struct_fields, std::as_writable_bytes(std::span(slice))))
    return false;
  auto [fields, count] = slice;
  if (count == 0 || count > kMostFields) return false;
  walk.steps += count;
  if (walk.steps > kMostSteps) return false;
  auto bytes = memory_.read_bytes(Address(fields), count * fact_.field_bytes);
  if (!bytes) return false;

  for (std::uint64_t i = 0; i < count; ++i) {
    const std::byte* field = bytes->data() + i * fact_.field_bytes;
    Address field_type(load_unchecked<std::uint64_t>(field + fact_.field_type));
    std::uint64_t offset = load_unchecked<std::uint64_t>(field + fact_.field_offset);
    auto pointer_bytes = memory_.read_value<std::uint64_t>(field_type + fact_.pointer_bytes);
    if (!pointer_bytes) return false;
    if (*pointer_bytes == 0) continue;  // parse() refuses such types
    auto part = read_head(field_type);
    if (!part || offset % 8 != 0 || offset > head.size_bytes ||
        part->size_bytes > head.size_bytes - offset)
      return false;
    if (!append_mask(field_type, *part, at_word + offset / 8, into, walk)) return false;
  }
  return true;
}

}  // namespace goshawk::goruntime
