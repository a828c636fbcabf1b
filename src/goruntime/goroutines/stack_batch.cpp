// Some megabytes at a time, whatever the number of goroutines: what is decoded while it is in the
// processor's cache costs half.
#include "goruntime/goroutines/stack_batch.h"

#include "goruntime/joined_reads.h"

namespace goshawk::goruntime {

namespace {

constexpr std::size_t kBatchGoroutines = 4096;
constexpr std::uint64_t kBatchBytes = kLargeStackBytes;

}  // namespace

std::size_t StackBatch::read(const target::Memory& memory, const StackStarts& starts,
                             std::span<const G> gs) {
  starts_.clear();
  pieces_.clear();
  std::uint64_t total = 0;
  for (const G& g : gs) {
    StackStart start = starts.find(g);
    std::uint64_t size_bytes = g.stack.end - start.from;
    bool full = starts_.size() == kBatchGoroutines || total + size_bytes > kBatchBytes;
    if (full && !starts_.empty()) break;
    pieces_.push_back({start.from, nullptr, size_bytes, false});
    starts_.push_back(std::move(start));
    total += size_bytes;
  }
  bytes_.resize(total);
  std::byte* into = bytes_.data();
  for (target::Memory::Piece& piece : pieces_) {
    piece.into = into;
    into += piece.size_bytes;
  }
  read_joined(memory, pieces_);
  gs_ = gs.first(starts_.size());
  return gs_.size();
}

}  // namespace goshawk::goruntime
