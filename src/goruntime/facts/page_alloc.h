// Where the page allocator's own tables are: runtime.mheap_.pages, a runtime.pageAlloc.
//
//   release  runtime/mpagealloc.go pageAlloc, mpagealloc_64bit.go, mgcscavenge.go scavengeIndex
//   1.19     summary, chunks first; scav.index.chunks has a bit for each chunk of 4 MiB
//   1.21     scav.index.chunks has eight bytes for each of them (atomicScavChunkData)
//
// Told apart by the length of scav.index.chunks. Summary's five levels are each eight times as long
// as the one before: what does not say so is no pageAlloc.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

struct PageAllocFact {
  std::uint32_t in_mheap = 0;
  std::uint32_t size_bytes = 0;

  static Result<PageAllocFact> bind(const LayoutSource& layout);
  // The tables' memory, most of it only reserved; nullopt: these bytes are no pageAlloc.
  std::optional<std::vector<AddressRange>> parse(ByteView bytes) const;
};

}  // namespace goshawk::goruntime
