// Limits: a block's sizes are bounded before anything is allocated for it, and the next block is
// looked at only when all of this one was really there; the decompressed size must be the one that
// zstd's own frame tells. How much all of it may come to is in LoadLimits: zeros compress to next
// to nothing, so a small file may well be a large picture, but not any.
#include "snapshot/block_reader.h"

#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/in_parallel.h"

namespace goshawk::snapshot {
namespace {

constexpr std::size_t kBlocksAThread = 8;
constexpr std::uint64_t kBatchBytes = 64 << 20;
constexpr std::string_view kTruncated = "it ends early: the file was cut off, copy it again";

std::string_view find_fault(const BlockHeader& header) {
  if (header.kind < BlockKind::kFacts || header.kind > BlockKind::kEnd)
    return "a block is of no known kind";
  if (header.raw_bytes > kMostBlockBytes || header.stored_bytes > kMostBlockBytes)
    return "a block is too large";
  if (header.codec != Codec::kStored && header.codec != Codec::kZstd)
    return "a block is packed in no known way";
  if (header.codec == Codec::kStored && header.raw_bytes != header.stored_bytes)
    return "a block's sizes contradict each other";
  return {};
}

}  // namespace

std::unexpected<Error> BlockReader::malformed(std::uint64_t offset, std::string_view what) const {
  return fail(Malformed{name_, offset, std::string(what)});
}

Result<std::size_t> BlockReader::read_some(std::byte* into, std::size_t size_bytes) {
  for (;;) {
    ssize_t got = ::read(descriptor_, into, size_bytes);
    if (got >= 0) {
      position_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR)
      return fail(Missing{fmt::format("cannot read {}: {}", name_, std::strerror(errno)), ""});
  }
}

Result<void> BlockReader::read(std::byte* into, std::size_t size_bytes) {
  while (size_bytes != 0) {
    std::size_t got = TRY(read_some(into, size_bytes));
    if (got == 0) return malformed(position_, kTruncated);
    into += got;
    size_bytes -= got;
  }
  return {};
}

Result<Preamble> BlockReader::read_preamble() {
  std::array<std::byte, Preamble::kBytes> bytes{};
  TRY_VOID(read(bytes.data(), bytes.size()));
  if (as_text(bytes).substr(0, kMagic.size()) != kMagic)
    return malformed(0, "it is no snapshot of Goshawk");
  if (!is_preamble_sound(bytes)) return malformed(0, "its first bytes are damaged");
  return parse_preamble(bytes);
}

Result<const BlockHeader*> BlockReader::peek() {
  if (next_) return &*next_;
  TRY_VOID(read(header_bytes_.data(), header_bytes_.size()));
  next_ = parse_block_header(header_bytes_);
  if (auto fault = find_fault(*next_); !fault.empty())
    return malformed(position_ - BlockHeader::kBytes, fault);
  return &*next_;
}

// The header was peeked at. The payload is not looked at before open() has checked it.
Result<Block> BlockReader::take() {
  Block block;
  block.header = *next_;
  block.offset = position_ - BlockHeader::kBytes;
  std::size_t stored_bytes = block.header.stored_bytes;
  block.stored = std::make_unique_for_overwrite<std::byte[]>(stored_bytes);
  block.header_bytes = header_bytes_;
  TRY_VOID(read(block.stored.get(), stored_bytes));
  ++blocks_;
  next_.reset();
  return block;
}

// Any thread.
void BlockReader::open(Block& block) {
  std::size_t stored_bytes = block.header.stored_bytes, raw_bytes = block.header.raw_bytes;
  ByteView stored(block.stored.get(), stored_bytes);
  block.fault = "a block is damaged (its checksum is wrong)";
  if (!is_block_sound(block.header_bytes, stored)) return;
  block.fault = {};
  if (block.header.codec == Codec::kStored) {
    block.payload = stored;
    return;
  }
  block.fault = "a block cannot be unpacked";
  if (::ZSTD_getFrameContentSize(block.stored.get(), stored_bytes) != raw_bytes) return;
  block.raw = std::make_unique_for_overwrite<std::byte[]>(raw_bytes);
  if (::ZSTD_decompress(block.raw.get(), raw_bytes, block.stored.get(), stored_bytes) != raw_bytes)
    return;
  block.fault = {};
  block.payload = {block.raw.get(), raw_bytes};
  block.stored.reset();
}

Result<std::vector<Block>> BlockReader::read_blocks(BlockKind kind) {
  std::vector<Block> blocks;
  for (std::uint64_t bytes = 0; blocks.size() < worker_count() * kBlocksAThread;) {
    const BlockHeader* header = TRY(peek());
    bytes += header->raw_bytes;
    if (header->kind != kind || (bytes > kBatchBytes && !blocks.empty())) break;
    blocks.push_back(TRY(take()));
  }
  in_parallel(blocks.size(), [&](std::size_t i) { open(blocks[i]); });
  for (const Block& block : blocks)
    if (!block.fault.empty()) return malformed(block.offset, block.fault);
  return blocks;
}

Result<void> BlockReader::read_end() {
  const BlockHeader* header = TRY(peek());
  if (header->kind != BlockKind::kEnd)
    return malformed(position_ - BlockHeader::kBytes, "its blocks are not in their order");
  std::uint32_t before = blocks_;
  Block end = TRY(take());
  open(end);
  if (!end.fault.empty()) return malformed(end.offset, end.fault);
  if (end.header.items != before || end.header.raw_bytes != 0)
    return malformed(end.offset, "blocks are missing");
  std::byte more{};
  if (TRY(read_some(&more, 1)) != 0) return malformed(position_ - 1, "something follows its end");
  return {};
}

Result<void> BlockReader::charge(std::uint64_t bytes) {
  charged_bytes_ += bytes;
  if (charged_bytes_ > limits_.floor_bytes + limits_.bytes_a_byte * position_)
    return malformed(position_, "it would unfold to far more than a file of its size can hold");
  return {};
}

}  // namespace goshawk::snapshot
