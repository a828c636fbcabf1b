// The head of a type descriptor, as far as pointer masks need it.
//
//   release  symbol              what changed
//   1.19     runtime._type       size, ptrdata, tflag, kind, gcdata. kind & 0x40 (kindGCProg):
//                                gcdata is a GC program, which a large type has
//   1.21     internal/abi.Type   Size_, PtrBytes, TFlag, Kind_, GCData: same places, new names
//   1.22     (mbitmap_allocheaders.go) the header of a large object of such a type is a dummy
//                                descriptor with the unrolled mask, TFlagUnrolledBitmap == 16
//   1.24     TFlagGCMaskOnDemand == 16 (type.go getGCMask): no programs any more; GCData of a large
//                                type points to a slot that holds the mask once somebody needed it
//
// The bit 16 has two meanings. Which one: on-demand masks came in the release that brought
// runtime.specialCleanup; that struct's presence decides. Nothing hangs on it alone: a mask that
// cannot be read makes its object be scanned conservatively.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

struct TypeHead {
  std::uint64_t size_bytes = 0;
  std::uint64_t pointer_bytes = 0;  // the prefix that holds all pointers
  std::uint8_t flags = 0;
  std::uint8_t kind = 0;  // 1..26; 0 in the dummies of 1.22 and 1.23
  Address gc_data;
  enum class Mask : std::uint8_t { kBits, kProgram, kOnDemand };
  Mask mask = Mask::kBits;
};

inline constexpr std::uint8_t kKindArray = 17;
inline constexpr std::uint8_t kKindStruct = 25;

struct TypeDescriptorFact {
  std::uint32_t size = 0, pointer_bytes = 0, flags = 0, kind = 0, gc_data = 0;
  std::uint32_t head_bytes = 48;
  bool masks_on_demand = false;
  // Behind the head; the same since 1.19 (reflectdata writes them): array: elem, slice, len;
  // struct: pkgPath, fields{pointer, len, cap}; a field: name, type, offset.
  std::uint32_t array_elem = 48, array_len = 64;
  std::uint32_t struct_fields = 56, field_bytes = 24, field_type = 8, field_offset = 16;

  static Result<TypeDescriptorFact> bind(const LayoutSource& layout);
  // Nothing when the bytes cannot be a descriptor of a type that has pointers.
  std::optional<TypeHead> parse(ByteView bytes) const;
};

}  // namespace goshawk::goruntime
