// Spans are in address order, noscan ones at the end: neighbours go into one chunk until that has
// half a megabyte.
#include "goruntime/heap/heap_chunks.h"

#include <algorithm>

#include "goruntime/heap/span_contents.h"

namespace goshawk::goruntime {

std::vector<HeapChunk> cut_into_chunks(const HeapSpanTable& table,
                                       const std::function<bool(std::uint32_t)>& is_wanted) {
  std::vector<HeapChunk> large, small;
  HeapChunk open;
  auto close = [&] {
    if (open.words > 0) small.push_back(open);
    open = {};
  };
  for (std::uint32_t i = 0; i < table.details.size() && !table.objects.spans()[i].noscan; ++i) {
    if (!table.details[i].any_allocated) continue;
    // What lies in between would be read with the rest, or is read another way.
    if (is_wanted && !is_wanted(i)) {
      close();
      continue;
    }
    std::uint64_t words = table.details[i].npages * kPageBytes / 8;
    if (words > kChunkBytes / 8) {
      close();
      large.push_back({i, i + 1, words});
      continue;
    }
    if (open.words + words > kChunkBytes / 8) close();
    if (open.words == 0) open.first = i;
    open.end = i + 1;
    open.words += words;
  }
  close();
  std::ranges::sort(large, std::greater{}, &HeapChunk::words);
  large.insert(large.end(), small.begin(), small.end());
  return large;
}

}  // namespace goshawk::goruntime
