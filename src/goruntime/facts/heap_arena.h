// The metadata of one arena of 64 MiB: which span each page belongs to, and, where the release has
// them, pointer bits of every word.
//
//   release  runtime/mheap.go heapArena, mbitmap.go
//   1.19     bitmap of 2 bits for each word (2 MiB), spans behind it
//   1.20     bitmap of 1 bit for each word (1 MiB) and noMorePtrs
//   1.22     no bitmap: the bits moved into the spans. GOEXPERIMENT=noallocheaders (1.22 only)
//            keeps the shape of 1.20, in an embedded heapArenaPtrScalar
//   1.25     pageUseSpanInlineMarkBits, set for spans that end with Green Tea's mark bits
//
// Told apart by presence. A table made from default builds does not know of noallocheaders: bind
// gives that shape as a second candidate, and the reader takes the one whose spans[] agree with
// the target's spans.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

enum class ArenaBitmap : std::uint8_t {
  kNone,    // pointer bits live in the spans
  kTwoBit,  // 1.19: pointer and scan bit
  kOneBit,  // 1.20: pointer bit, and noMorePtrs for each word of the bitmap
};

struct HeapArenaFact {
  std::uint64_t size_bytes = 0;
  std::uint32_t spans = 0;  // [8192]*mspan
  ArenaBitmap bitmap_kind = ArenaBitmap::kNone;
  std::uint32_t bitmap = 0;
  std::uint32_t no_more_pointers = 0;              // kOneBit only
  std::optional<std::uint32_t> inline_mark_pages;  // pageUseSpanInlineMarkBits, a bit for each page

  // The likelier one first, never empty.
  static Result<std::vector<HeapArenaFact>> bind(const LayoutSource& layout);
};

}  // namespace goshawk::goruntime
