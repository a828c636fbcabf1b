// First the words, which are cheap: only a frame that leads to an object in which somebody waits
// for a lock is asked between which calls it stands. All of a frame's words are taken, dead ones
// too: a pointer that is not needed for an Unlock any more is dead by the time that matters most.
// So this is evidence, never proof, and says nothing of goroutines' lives.
#include "goruntime/goroutines/lock_frames.h"

#include <algorithm>

namespace goshawk::goruntime {

using snapshot::ObjectId;

namespace {

constexpr std::uint64_t kArgumentBytes = 32;  // registers spilled into the caller's frame
constexpr std::uint64_t kMostFrameBytes = 4096;
constexpr std::uint64_t kMostObjectBytes = 4096;

}  // namespace

LockFrames::LockFrames(const target::Memory& memory, PageCache& cache, const Functions& functions,
                       const std::string& arch, const Heap& heap,
                       const std::vector<Address>& semaphores,
                       std::vector<snapshot::LockFrame>& into)
    : memory_(memory), cache_(cache), functions_(functions), heap_(heap), into_(into), arch_(arch) {
  for (Address semaphore : semaphores)
    if (auto object = heap.find(semaphore)) {
      Address start = heap.objects().address(*object);
      waited_.push_back({start, start + heap.objects().size_bytes(*object), *object});
    }
  std::ranges::sort(waited_, {}, &Waited::start);
  auto repeats = std::ranges::unique(waited_, {}, &Waited::start);
  waited_.erase(repeats.begin(), repeats.end());
}

std::optional<ObjectId> LockFrames::find_waited(std::uint64_t word) const {
  Address address(word);
  if (address < waited_.front().start || waited_.back().end <= address) return std::nullopt;
  auto after = std::ranges::upper_bound(waited_, address, {}, &Waited::start);
  const Waited& last = *std::prev(after);
  return address < last.end ? std::optional(last.object) : std::nullopt;
}

std::vector<ObjectId> LockFrames::find_all_waited(ByteView words) const {
  std::vector<ObjectId> found;
  for (std::uint64_t at = 0; fits(words, at, 8); at += 8) {
    auto object = find_waited(load_unchecked<std::uint64_t>(words.data() + at));
    if (object && std::ranges::find(found, *object) == found.end()) found.push_back(*object);
  }
  return found;
}

// A lock that is held and not waited for has these words. Mutex, and the one in an RWMutex:
// {1, 0}; RWMutex that is read: {0, 0, 0, 0, its readers, 0}.
bool LockFrames::may_have_held(ObjectId object, const HeldLocks& held) {
  std::uint64_t size_bytes = heap_.objects().size_bytes(object);
  if (size_bytes > kMostObjectBytes) return true;
  std::vector<std::int32_t> words(size_bytes / sizeof(std::int32_t));
  if (!cache_.read(heap_.objects().address(object), std::as_writable_bytes(std::span(words))))
    return true;
  for (std::size_t i = 0; i + 2 <= words.size(); ++i) {
    std::span<const std::int32_t> at = std::span(words).subspan(i);
    if (held.mutexes + held.writes > 0 && at[0] == 1 && at[1] == 0) return true;
    if (held.reads > 0 && at.size() >= 6 && at[4] > 0 && at[5] == 0 &&
        std::ranges::all_of(at.first(4), [](std::int32_t word) { return word == 0; }))
      return true;
  }
  return false;
}

bool LockFrames::leads_to_others(ByteView words, const HeldLocks& held) {
  std::vector<ObjectId> asked;
  for (std::uint64_t at = 0; fits(words, at, 8); at += 8) {
    auto object = heap_.find(Address(load_unchecked<std::uint64_t>(words.data() + at)));
    if (!object || std::ranges::find(asked, *object) != asked.end()) continue;
    if (may_have_held(*object, held)) return true;
    asked.push_back(*object);
  }
  return false;
}

void LockFrames::add(std::uint64_t goid, const WalkedStack& walked, Address from, ByteView stack) {
  if (waited_.empty()) return;
  for (std::size_t i = 0; i < walked.extents.size() && i < walked.functions.size(); ++i) {
    const WalkedStack::Extent& extent = walked.extents[i];
    if (extent.sp < from || extent.fp < extent.sp) continue;
    std::uint64_t size_bytes = std::min(extent.fp + kArgumentBytes - extent.sp, kMostFrameBytes);
    ByteView words = slice(stack, extent.sp - from, size_bytes);
    std::vector<ObjectId> waited = find_all_waited(words);
    if (waited.empty()) continue;
    if (!calls_) calls_.emplace(memory_, functions_, arch_);
    HeldLocks held = calls_->before(walked.functions[i], walked.source_pc(i));
    if (!held.any()) continue;
    bool alone = waited.size() == 1 && !leads_to_others(words, held);
    for (ObjectId object : waited)
      into_.push_back({.goid = goid,
                       .object = object,
                       .mutexes = held.mutexes,
                       .writes = held.writes,
                       .reads = held.reads,
                       .alone = alone});
  }
}

}  // namespace goshawk::goruntime
