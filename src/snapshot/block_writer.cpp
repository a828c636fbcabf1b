// A batch of blocks is made and compressed by all threads, then written, then the next: at no time
// is more of the file in memory than that.
#include "snapshot/block_writer.h"

#include <unistd.h>
#include <zstd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <new>
#include <vector>

#include "base/in_parallel.h"

namespace goshawk::snapshot {
namespace {

constexpr std::size_t kBlocksAThread = 8;

std::string compress(const std::string& payload, int level) {
  std::string stored(::ZSTD_compressBound(payload.size()), '\0');
  std::size_t size =
      ::ZSTD_compress(stored.data(), stored.size(), payload.data(), payload.size(), level);
  if (::ZSTD_isError(size) != 0) throw std::bad_alloc();  // nothing else can go wrong
  stored.resize(size);
  return stored;
}

std::string_view next_step(int error) {
  if (error == ENOSPC || error == EDQUOT) return "free some room, or choose another place with -o";
  if (error == EFBIG) return "raise the limit on file sizes (ulimit -f)";
  return "";
}

}  // namespace

std::string BlockWriter::seal(BlockKind kind, RawBlock block) const {
  BlockHeader header;
  header.kind = kind;
  header.items = block.items;
  header.edges = block.edges;
  assert(block.payload.size() <= kMostBlockBytes);
  header.raw_bytes = static_cast<std::uint32_t>(block.payload.size());
  if (level_ != 0 && !block.payload.empty()) {
    header.codec = Codec::kZstd;
    block.payload = compress(block.payload, level_);
  }
  header.stored_bytes = static_cast<std::uint32_t>(block.payload.size());
  return encode(header, std::as_bytes(std::span(block.payload))) + block.payload;
}

Result<void> BlockWriter::write_preamble(const Preamble& preamble) {
  return write(encode(preamble));
}

Result<void> BlockWriter::write_blocks(BlockKind kind, std::size_t count,
                                       const std::function<RawBlock(std::size_t)>& make) {
  std::size_t batch = worker_count() * kBlocksAThread;
  for (std::size_t first = 0; first < count; first += batch) {
    std::vector<std::string> sealed(std::min(batch, count - first));
    in_parallel(sealed.size(), [&](std::size_t i) { sealed[i] = seal(kind, make(first + i)); });
    for (const std::string& block : sealed) TRY_VOID(write(block));
    blocks_ += static_cast<std::uint32_t>(sealed.size());
  }
  return {};
}

Result<void> BlockWriter::write_end() {
  return write(seal(BlockKind::kEnd, {.payload = {}, .items = blocks_}));
}

Result<void> BlockWriter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
      written_bytes_ += static_cast<std::uint64_t>(written);
    } else if (errno != EINTR) {
      return fail(Missing{"cannot write " + name_ + ": " + std::strerror(errno),
                          std::string(next_step(errno))});
    }
  }
  return {};
}

}  // namespace goshawk::snapshot
