// The shapes of runtime._func and runtime.inlinedCall: there are two. The .cpp has the history.
#pragma once

#include <cstdint>

#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

struct FuncLayout {
  // _func: the words before are the same in both shapes.
  std::uint32_t func_id = 40;
  std::uint32_t flag = 41;
  std::uint32_t funcdata_count = 43;
  std::uint32_t size_bytes = 44;  // pcdata offsets follow, then funcdata offsets
  // inlinedCall
  std::uint32_t inlined_func_id = 0;
  std::uint32_t inlined_name = 4;
  std::uint32_t inlined_parent_pc = 8;
  std::uint32_t inlined_size_bytes = 16;

  static FuncLayout bind(const GoVersion& version);
};

// Offsets that never changed since 1.18.
namespace func_head {
inline constexpr std::uint32_t kEntryOff = 0;
inline constexpr std::uint32_t kNameOff = 4;
inline constexpr std::uint32_t kArgs = 8;
inline constexpr std::uint32_t kDeferreturn = 12;
inline constexpr std::uint32_t kPcsp = 16;
inline constexpr std::uint32_t kPcfile = 20;
inline constexpr std::uint32_t kPcln = 24;
inline constexpr std::uint32_t kNpcdata = 28;
inline constexpr std::uint32_t kCuOffset = 32;
}  // namespace func_head

// internal/abi PCDATA_* and FUNCDATA_*; unchanged 1.19-1.27.
inline constexpr std::uint32_t kPcdataStackMapIndex = 1;
inline constexpr std::uint32_t kPcdataInlTreeIndex = 2;
inline constexpr std::uint32_t kFuncdataArgsPointerMaps = 0;
inline constexpr std::uint32_t kFuncdataLocalsPointerMaps = 1;
inline constexpr std::uint32_t kFuncdataStackObjects = 2;
inline constexpr std::uint32_t kFuncdataInlTree = 3;
inline constexpr std::int32_t kArgsSizeUnknown = -0x80000000LL;

}  // namespace goshawk::goruntime
