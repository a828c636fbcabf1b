// The offsets inside runtime.moduledata. The .cpp has the history.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

struct ModuledataLayout {
  std::uint64_t size_bytes = 0;
  std::uint32_t types = 0, etypes = 0;
  std::uint32_t rodata = 0, gofunc = 0;
  std::uint32_t textsectmap = 0;
  std::uint32_t modulename = 0, hasmain = 0;
  std::uint32_t gcdatamask = 0, gcbssmask = 0;
  std::uint32_t next = 0;

  static Result<ModuledataLayout> bind(const LayoutSource& layout);
};

// The head of the structure, by which it is found before anything else is known.
namespace moduledata_head {
inline constexpr std::uint32_t kPcHeader = 0;
inline constexpr std::uint32_t kFuncnametab = 8;  // slices: {pointer, length, capacity}
inline constexpr std::uint32_t kCutab = 32;
inline constexpr std::uint32_t kFiletab = 56;
inline constexpr std::uint32_t kPctab = 80;
inline constexpr std::uint32_t kPclntable = 104;
inline constexpr std::uint32_t kFtab = 128;
inline constexpr std::uint32_t kMinpc = 160;
inline constexpr std::uint32_t kMaxpc = 168;
inline constexpr std::uint32_t kText = 176;
inline constexpr std::uint32_t kEtext = 184;
inline constexpr std::uint32_t kNoptrdata = 192;  // start and end, four times
inline constexpr std::uint32_t kData = 208;
inline constexpr std::uint32_t kBss = 224;
inline constexpr std::uint32_t kNoptrbss = 240;
inline constexpr std::uint32_t kSizeBytes = 256;
}  // namespace moduledata_head

}  // namespace goshawk::goruntime
