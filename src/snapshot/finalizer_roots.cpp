// The references of those few objects once more, sorted, so that an object with many of them is not
// searched through for each.
#include "snapshot/finalizer_roots.h"

#include <algorithm>

namespace goshawk::snapshot {

FinalizerRoots::FinalizerRoots(const Snapshot& picture) : objects_(picture.objects) {
  std::vector<ObjectId> with_finalizers;
  for (const Root& root : picture.roots)
    if (auto from = root.kind == RootKind::kFinalizer ? objects_.find(root.source) : std::nullopt;
        from && *from < objects_.row_count())
      with_finalizers.push_back(*from);
  std::ranges::sort(with_finalizers);
  with_finalizers.erase(std::ranges::unique(with_finalizers).begin(), with_finalizers.end());
  const References& references = picture.references;
  for (ObjectId from : with_finalizers)
    for (std::uint32_t at = references.rows[from]; at < references.rows[from + 1]; ++at)
      led_to_.push_back({from, references.edges[at]});
  std::ranges::sort(led_to_);
}

bool FinalizerRoots::is_left_to_its_object(const Root& root) const {
  if (root.kind != RootKind::kFinalizer) return false;
  auto from = objects_.find(root.source);
  return from && *from != root.object &&
         std::ranges::binary_search(led_to_, References::Extra{*from, root.object});
}

}  // namespace goshawk::snapshot
