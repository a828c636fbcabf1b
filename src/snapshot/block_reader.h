// Reads the blocks of a snapshot file from a descriptor, which may be a pipe: checked and
// decompressed in parallel. Nothing is believed: see the limits in the .cpp.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_view.h"
#include "base/result.h"
#include "snapshot/file_blocks.h"

namespace goshawk::snapshot {

// How much memory a file may make a picture take: `floor_bytes`, and so many bytes for each byte
// of the file itself.
struct LoadLimits {
  std::uint64_t floor_bytes = std::uint64_t{2} << 30;
  std::uint64_t bytes_a_byte = 1000;
};

struct Block {
  BlockHeader header;
  std::uint64_t offset = 0;  // of its header in the file
  ByteView payload;          // decompressed

  std::array<std::byte, BlockHeader::kBytes> header_bytes{};
  std::string_view fault = {};  // why there is no payload
  std::unique_ptr<std::byte[]> stored, raw;
};

class BlockReader {
 public:
  BlockReader(int descriptor, std::string name, const LoadLimits& limits)
      : descriptor_(descriptor), name_(std::move(name)), limits_(limits) {}

  Result<Preamble> read_preamble();
  // The next few of this kind; empty when what comes next is of another kind.
  Result<std::vector<Block>> read_blocks(BlockKind kind);
  // The end must come now, and nothing after it.
  Result<void> read_end();

  // What the picture is about to take; refused when it is more than the file can be good for.
  Result<void> charge(std::uint64_t bytes);
  std::unexpected<Error> malformed(std::uint64_t offset, std::string_view what) const;
  // Of all that was read so far.
  std::unexpected<Error> malformed(std::string_view what) const {
    return malformed(position_, what);
  }

 private:
  Result<void> read(std::byte* into, std::size_t size_bytes);
  Result<std::size_t> read_some(std::byte* into, std::size_t size_bytes);
  Result<const BlockHeader*> peek();
  Result<Block> take();
  static void open(Block& block);

  int descriptor_;
  std::string name_;
  LoadLimits limits_;
  std::uint64_t position_ = 0;
  std::uint64_t charged_bytes_ = 0;
  std::uint32_t blocks_ = 0;
  std::array<std::byte, BlockHeader::kBytes> header_bytes_{};
  std::optional<BlockHeader> next_;  // the header that header_bytes_ holds
};

}  // namespace goshawk::snapshot
