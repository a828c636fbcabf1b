// Binds the type descriptor by the name that this release gives it, and checks one before it is
// believed: the header of a slot that is just being allocated can be anything.
#include "goruntime/facts/type_descriptor.h"

#include <algorithm>

namespace goshawk::goruntime {

namespace {

constexpr std::uint8_t kKindMask = 31;
constexpr std::uint8_t kKindGcProgram = 1 << 6;
constexpr std::uint8_t kFlag16 = 1 << 4;  // see the history in the header
constexpr std::uint8_t kHighestKind = 26;

}  // namespace

Result<TypeDescriptorFact> TypeDescriptorFact::bind(const LayoutSource& layout) {
  TypeDescriptorFact fact;
  bool renamed = layout.field("internal/abi.Type", "Size_").has_value();
  const char* type = renamed ? "internal/abi.Type" : "runtime._type";
  fact.size = TRY(layout.need_offset(type, renamed ? "Size_" : "size"));
  fact.pointer_bytes = TRY(layout.need_offset(type, renamed ? "PtrBytes" : "ptrdata"));
  fact.flags = TRY(layout.need_offset(type, renamed ? "TFlag" : "tflag"));
  fact.kind = TRY(layout.need_offset(type, renamed ? "Kind_" : "kind"));
  fact.gc_data = TRY(layout.need_offset(type, renamed ? "GCData" : "gcdata"));
  std::uint32_t last =
      std::max({fact.size, fact.pointer_bytes, fact.flags, fact.kind, fact.gc_data});
  if (last > 256)
    return fail(Missing{std::string(type) + " of a believable size", "pointer masks of types"});
  fact.head_bytes = last + 8;
  fact.masks_on_demand = layout.size_of("runtime.specialCleanup").has_value();
  return fact;
}

std::optional<TypeHead> TypeDescriptorFact::parse(ByteView bytes) const {
  if (bytes.size() < head_bytes) return std::nullopt;
  TypeHead head;
  head.size_bytes = load_unchecked<std::uint64_t>(bytes.data() + size);
  head.pointer_bytes = load_unchecked<std::uint64_t>(bytes.data() + pointer_bytes);
  head.flags = load_unchecked<std::uint8_t>(bytes.data() + flags);
  std::uint8_t kind_byte = load_unchecked<std::uint8_t>(bytes.data() + kind);
  head.kind = kind_byte & kKindMask;
  head.gc_data = Address(load_unchecked<std::uint64_t>(bytes.data() + gc_data));

  if (head.size_bytes == 0 || head.size_bytes % 8 != 0 || head.pointer_bytes == 0 ||
      head.pointer_bytes % 8 != 0 || head.pointer_bytes > head.size_bytes || head.gc_data.is_null())
    return std::nullopt;
  bool unrolled_dummy = !masks_on_demand && head.kind == 0 && (head.flags & kFlag16) != 0;
  if (!unrolled_dummy && (head.kind == 0 || head.kind > kHighestKind)) return std::nullopt;

  if (masks_on_demand && (head.flags & kFlag16) != 0) head.mask = TypeHead::Mask::kOnDemand;
  if (!masks_on_demand && (kind_byte & kKindGcProgram) != 0) head.mask = TypeHead::Mask::kProgram;
  return head;
}

}  // namespace goshawk::goruntime
