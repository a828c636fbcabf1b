// Pointers in the queues of finalizers and cleanups that wait for their goroutine. The blocks lie
// outside of the heap and are roots (mgcmark.go markroot, fixedRootFinalizers, fixedRootCleanups):
// allfin and gcCleanups.all name every block ever made, the one that a p is filling included. Each
// has a count of entries in use; words of an entry that are no heap pointers resolve to nothing.
// 1.24 queues its cleanups among the finalizers, so one reading of allfin serves both.
#include "base/cycle_guard.h"
#include "goruntime/heap/specials.h"

namespace goshawk::goruntime {

namespace {

constexpr std::size_t kMostBlocks = 1 << 20;

struct Block {
  std::uint32_t block_bytes = 0, alllink = 0, count = 0, entry_bytes = 0;
  Field entries;
};

// False when the chain of blocks could not be followed to its end.
bool collect(const target::Memory& memory, Address first, const Block& shape, bool finalizers,
             std::vector<QueuedPointer>& into) {
  std::vector<std::byte> bytes(shape.block_bytes);
  std::size_t blocks = 0;
  CycleGuard guard;
  for (Address block = first; !block.is_null(); ++blocks) {
    if (blocks == kMostBlocks || guard.returns(block) || !memory.read(block, bytes)) return false;
    std::uint64_t used =
        std::uint64_t{load<std::uint32_t>(bytes, shape.count).value_or(0)} * shape.entry_bytes;
    if (used > shape.entries.size_bytes) return false;
    ByteView entries = slice(bytes, shape.entries.offset, used);
    for (std::size_t at = 0; at + 8 <= entries.size(); at += 8)
      if (std::uint64_t word = load_unchecked<std::uint64_t>(entries.data() + at); word != 0)
        into.push_back(
            {Address(word), finalizers ? block + (shape.entries.offset + at) : Address()});
    block = Address(load<std::uint64_t>(bytes, shape.alllink).value_or(0));
  }
  return true;
}

}  // namespace

std::vector<QueuedPointer> read_queue_pointers(const target::Memory& memory,
                                               const QueueHeads& heads,
                                               std::vector<snapshot::Doubt>& doubts) {
  std::vector<QueuedPointer> pointers;
  auto follow = [&](const std::optional<Address>& head, std::uint64_t offset, const auto& fact,
                    bool finalizers) {
    if (!head || !fact) return false;
    auto first = memory.read_value<std::uint64_t>(*head + offset);
    if (!first) return false;
    Block shape{fact->block_bytes, fact->alllink, fact->count, fact->entry_bytes, fact->entries};
    return collect(memory, Address(*first), shape, finalizers, pointers);
  };
  bool complete = follow(heads.allfin, 0, heads.finalizers, true);
  if (heads.has_cleanup_queue)
    complete = follow(heads.gc_cleanups, heads.cleanups ? heads.cleanups->all : 0, heads.cleanups,
                      false) &&
               complete;
  if (!complete)
    doubts.push_back(
        {"the queue of finalizers and cleanups that wait to be run could not be read", true});
  return pointers;
}

}  // namespace goshawk::goruntime
