// Who waits in internal/poll.(*FD).Accept or Read has that FD on its stack, and the FD has the
// address of its pollDesc (pd.runtimeCtx), which lies outside of the heap and is nobody else's. So
// of the few objects that the stack leads to, the one with this word is it: a net.netFD or os.file,
// whose finalizer or owner is all that could close the descriptor. Several with it: none is told.
#include "goruntime/goroutines/poll_owners.h"

#include <span>
#include <unordered_map>

namespace goshawk::goruntime {

using snapshot::kNone;
using snapshot::ObjectId;

namespace {

constexpr std::uint64_t kMostBytes = 1024;  // of a netFD: 200 or so

bool has_word(PageCache& cache, Address object, std::uint64_t size_bytes, Address word) {
  for (std::uint64_t at = 0; at + 8 <= size_bytes; at += 8)
    if (cache.pointer(object + at) == word) return true;
  return false;
}

ObjectId find_owner(PageCache& cache, const snapshot::Snapshot& picture,
                    std::span<const ObjectId> kept, Address poll_desc) {
  ObjectId owner = kNone;
  for (ObjectId object : kept) {
    std::uint64_t size_bytes = picture.objects.size_bytes(object);
    if (object == owner || size_bytes > kMostBytes ||
        !has_word(cache, picture.objects.address(object), size_bytes, poll_desc))
      continue;
    if (owner != kNone) return kNone;
    owner = object;
  }
  return owner;
}

}  // namespace

void find_poll_owners(PageCache& cache, snapshot::Snapshot& picture) {
  std::unordered_map<std::uint64_t, std::size_t> rows;  // they are not in order yet
  for (std::size_t row = 0; row < picture.goroutines.size(); ++row)
    if (picture.goroutines[row].wait_kind == snapshot::WaitKind::kIo)
      rows[picture.goroutines[row].goid] = row;
  for (snapshot::IoWait& wait : picture.io_waits) {
    auto found = rows.find(wait.goid);
    if (found == rows.end()) continue;
    std::uint32_t first = picture.goroutine_root_rows[found->second];
    std::uint32_t end = picture.goroutine_root_rows[found->second + 1];
    auto kept = std::span(picture.goroutine_roots).subspan(first, end - first);
    wait.owner = find_owner(cache, picture, kept, wait.poll_desc);
  }
}

}  // namespace goshawk::goruntime
