// Binds runtime.mheap.pages, and reads the tables' places from it. No table describes pageAlloc
// itself: its two first fields have never moved, and the slice behind them is known by its length.
#include "goruntime/facts/page_alloc.h"

#include "base/byte_view.h"

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kPlaceBytes = 4096;
constexpr std::uint32_t kSummaryLevels = 5;     // runtime.summaryLevels
constexpr std::uint64_t kFirstLevel = 1 << 14;  // summaryL0Bits
constexpr std::uint64_t kSummaryBytes = 8;      // runtime.pallocSum
constexpr std::uint32_t kSliceBytes = 24;
constexpr std::uint32_t kChunks = kSummaryLevels * kSliceBytes;
constexpr std::uint32_t kChunkTables = 1 << 13;                        // pallocChunksL1Bits
constexpr std::uint64_t kChunkTableBytes = std::uint64_t{8192} * 128;  // of pallocData
constexpr std::uint64_t kIndexOfBits = 1 << 23;   // bytes, a bit for each chunk
constexpr std::uint64_t kIndexOfWords = 1 << 26;  // a word for each chunk

struct Slice {
  std::uint64_t data, length, capacity;
};

}  // namespace

Result<PageAllocFact> PageAllocFact::bind(const LayoutSource& layout) {
  Field pages = TRY(layout.need("runtime.mheap", "pages"));
  if (pages.size_bytes < kChunks + kChunkTables * 8 || pages.size_bytes > (1 << 20))
    return fail(
        Missing{"runtime.mheap.pages of a believable size", "telling the runtime's memory"});
  return PageAllocFact{pages.offset, pages.size_bytes};
}

std::optional<std::vector<AddressRange>> PageAllocFact::parse(ByteView bytes) const {
  if (bytes.size() < size_bytes) return std::nullopt;
  std::vector<AddressRange> tables;
  auto add = [&](std::uint64_t start, std::uint64_t size) {
    tables.push_back({Address(start), Address(start) + size});
  };
  std::uint64_t wanted = kFirstLevel;
  for (std::uint32_t level = 0; level < kSummaryLevels; ++level, wanted *= 8) {
    Slice slice = load_unchecked<Slice>(bytes.data() + std::size_t{level} * kSliceBytes);
    if (slice.capacity != wanted || slice.data % kPlaceBytes != 0 || slice.data == 0)
      return std::nullopt;
    add(slice.data, slice.capacity * kSummaryBytes);
  }
  std::uint32_t end = kChunks + kChunkTables * 8;
  for (std::uint32_t at = kChunks; at < end; at += 8) {
    auto table = load_unchecked<std::uint64_t>(bytes.data() + at);
    if (table % kPlaceBytes != 0) return std::nullopt;
    if (table != 0) add(table, kChunkTableBytes);
  }
  for (std::uint32_t at = end; at + kSliceBytes <= size_bytes; at += 8) {
    Slice slice = load_unchecked<Slice>(bytes.data() + at);
    if (slice.data == 0 || slice.data % kPlaceBytes != 0 || slice.length > slice.capacity) continue;
    if (slice.capacity == kIndexOfWords) add(slice.data, kIndexOfWords * 8);
    if (slice.capacity == kIndexOfBits) add(slice.data, kIndexOfBits);
  }
  return tables;
}

}  // namespace goshawk::goruntime
