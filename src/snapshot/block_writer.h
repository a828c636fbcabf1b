// Writes the blocks of a snapshot file to a descriptor: compressed in parallel, in order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "snapshot/file_blocks.h"

namespace goshawk::snapshot {

struct RawBlock {
  std::string payload;
  std::uint32_t items = 0;
  std::uint64_t edges = 0;
};

class BlockWriter {
 public:
  // `name` is for messages. level: of zstd; 0 leaves everything as it is.
  BlockWriter(int descriptor, std::string name, int level)
      : descriptor_(descriptor), name_(std::move(name)), level_(level) {}

  Result<void> write_preamble(const Preamble& preamble);
  // `make(i)` is called from several threads, a few blocks ahead of what is written.
  Result<void> write_blocks(BlockKind kind, std::size_t count,
                            const std::function<RawBlock(std::size_t)>& make);
  // After which the file is whole.
  Result<void> write_end();

  std::uint64_t written_bytes() const { return written_bytes_; }

 private:
  std::string seal(BlockKind kind, RawBlock block) const;
  Result<void> write(std::string_view bytes);

  int descriptor_;
  std::string name_;
  int level_;
  std::uint32_t blocks_ = 0;
  std::uint64_t written_bytes_ = 0;
};

}  // namespace goshawk::snapshot
