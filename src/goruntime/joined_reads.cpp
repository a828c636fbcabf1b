// What a read costs is the finding of its pages, so two pieces of one page should find it once, and
// what goes through a mem file should be one call for many pages. Large pieces need no neighbours.
#include "goruntime/joined_reads.h"

#include <cstring>
#include <utility>
#include <vector>

#include "goruntime/heap/heap_gather.h"

namespace goshawk::goruntime {

using target::Memory;

namespace {

void put(Memory::Piece& piece, ByteView bytes) {
  piece.ok = bytes.size() == piece.size_bytes;
  if (piece.ok)
    std::memcpy(piece.into, bytes.data(), bytes.size());
  else
    std::memset(piece.into, 0, piece.size_bytes);
}

}  // namespace

void read_joined(const Memory& memory, std::span<Memory::Piece> pieces) {
  constexpr std::uint64_t kSmallBytes = 16 << 10;
  std::vector<GatherRequest> small;
  small.reserve(pieces.size());
  for (std::uint32_t i = 0; i < pieces.size(); ++i) {
    Memory::Piece& piece = pieces[i];
    piece.ok = piece.size_bytes == 0;
    if (piece.size_bytes > kSmallBytes)
      memory.read_pieces(std::span(&piece, 1));
    else if (piece.size_bytes > 0)
      small.push_back({piece.address, static_cast<std::uint32_t>(piece.size_bytes), i});
  }
  gather(memory, small, [&](std::uint32_t i, ByteView bytes) { put(pieces[i], bytes); });
}

}  // namespace goshawk::goruntime
