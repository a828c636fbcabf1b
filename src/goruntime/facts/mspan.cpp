// Binds and parses runtime.mspan. Every field is read with the width that it has in this binary.
#include "goruntime/facts/mspan.h"

#include <algorithm>

namespace goshawk::goruntime {

namespace {

// bind() has seen to it that the field lies inside the struct and is 1, 2, 4 or 8 bytes.
std::uint64_t load_field(const std::byte* bytes, const Field& field) {
  const std::byte* from = bytes + field.offset;
  switch (field.size_bytes) {
    case 1:
      return load_unchecked<std::uint8_t>(from);
    case 2:
      return load_unchecked<std::uint16_t>(from);
    case 4:
      return load_unchecked<std::uint32_t>(from);
    default:
      return load_unchecked<std::uint64_t>(from);
  }
}

constexpr std::uint64_t kLargestStruct = 4096;

Result<void> check_field(const Field& field, std::uint64_t struct_bytes) {
  bool width_known = field.size_bytes == 1 || field.size_bytes == 2 || field.size_bytes == 4 ||
                     field.size_bytes == 8;
  if (!width_known || field.offset > struct_bytes - field.size_bytes)
    return fail(Missing{"runtime.mspan with fields of known width", "reading the heap"});
  return {};
}

}  // namespace

Result<MspanFact> MspanFact::bind(const LayoutSource& layout) {
  MspanFact fact;
  std::uint64_t size_bytes = TRY(layout.need_size("runtime.mspan"));
  if (size_bytes < 64 || size_bytes > kLargestStruct)
    return fail(Missing{"runtime.mspan of a believable size", "reading the heap"});
  fact.size_bytes = static_cast<std::uint32_t>(size_bytes);

  struct Wanted {
    Field* into;
    const char* name;
  };
  for (Wanted wanted : {Wanted{&fact.start_addr, "startAddr"},
                        {&fact.npages, "npages"},
                        {&fact.freeindex, "freeindex"},
                        {&fact.nelems, "nelems"},
                        {&fact.alloc_bits, "allocBits"},
                        {&fact.gcmark_bits, "gcmarkBits"},
                        {&fact.sweepgen, "sweepgen"},
                        {&fact.alloc_count, "allocCount"},
                        {&fact.spanclass, "spanclass"},
                        {&fact.state, "state"},
                        {&fact.elemsize, "elemsize"},
                        {&fact.specials, "specials"}}) {
    *wanted.into = TRY(layout.need("runtime.mspan", wanted.name));
    TRY_VOID(check_field(*wanted.into, size_bytes));
  }
  fact.user_arena = layout.field("runtime.mspan", "isUserArenaChunk");
  fact.large_type = layout.field("runtime.mspan", "largeType");
  for (const auto& optional : {fact.user_arena, fact.large_type})
    if (optional) TRY_VOID(check_field(*optional, size_bytes));
  fact.has_large_type = fact.large_type.has_value();
  return fact;
}

Mspan MspanFact::parse(Address address, ByteView bytes) const {
  auto value = [&](const Field& field) { return load_field(bytes.data(), field); };
  Mspan span;
  span.address = address;
  span.base = Address(value(start_addr));
  span.npages = value(npages);
  span.elemsize = value(elemsize);
  span.nelems = value(nelems);
  span.freeindex = value(freeindex);
  span.alloc_bits = Address(value(alloc_bits));
  span.gcmark_bits = Address(value(gcmark_bits));
  span.specials = Address(value(specials));
  span.sweepgen = static_cast<std::uint32_t>(value(sweepgen));
  span.alloc_count = static_cast<std::uint16_t>(value(alloc_count));
  span.spanclass = static_cast<std::uint8_t>(value(spanclass));
  std::uint64_t state_word = value(state);
  span.state = state_word <= 2 ? static_cast<SpanState>(state_word) : SpanState::kDead;
  if (user_arena) span.user_arena = value(*user_arena) != 0;
  if (large_type) span.large_type = Address(value(*large_type));
  return span;
}

}  // namespace goshawk::goruntime
