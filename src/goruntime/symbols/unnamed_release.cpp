// Two signs must agree: the shape of runtime.moduledata, which the linker wrote, and the runtime's
// structures as the compiler described them (g, m, p, sudog, hchan, mspan, timer and what lies in
// them). No two releases are alike in both, and of one release no two builds, with an experiment or
// another patch level, that would be read differently. With one exception: an arena's structure
// has no descriptor. Whoever reads the heap finds out whether the spans are where the arena says.
#include "goruntime/symbols/unnamed_release.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "goruntime/layout/descriptor_layout.h"
#include "goruntime/layout/table_layout.h"

namespace goshawk::goruntime {
namespace {

using Build = std::unique_ptr<TableLayout>;

Error unidentified(std::string what) {
  return Missing{std::move(what),
                 "the program does not name its Go release (an obfuscated program does not), and "
                 "its runtime's structures do not tell; build it without changing "
                 "runtime.buildVersion, or use a newer goshawk"};
}

bool is_checked_by_the_heap(std::string_view type) { return type.starts_with("runtime.heapArena"); }

// The build of the release as it comes, at its newest patch level, before one with an experiment.
Build take_plainest(std::vector<Build>& builds) {
  auto plain = std::ranges::find_if(builds.rbegin(), builds.rend(), [](const Build& build) {
    return build->version().experiments().empty();
  });
  return std::move(plain == builds.rend() ? builds.back() : *plain);
}

}  // namespace

Result<GoVersion> identify_release(const target::Memory& memory, std::string_view arch,
                                   std::span<const FittingShape> shapes) {
  std::vector<Build> builds;
  for (const FittingShape& shape : shapes) {
    auto own = descriptor_layout(memory, shape.types);
    if (!own) continue;
    for (Build& build : TableLayout::find_builds(**own, arch))
      if (build->version().minor == shape.minor) builds.push_back(std::move(build));
  }
  if (builds.empty())
    return fail(unidentified("a Go release whose runtime has this program's structures"));
  Build chosen = take_plainest(builds);
  for (const Build& other : builds) {
    if (other == nullptr) continue;
    auto different = chosen->find_differences(*other);
    if (other->version().minor == chosen->version().minor &&
        std::ranges::all_of(different, is_checked_by_the_heap))
      continue;
    return fail(unidentified(fmt::format("which of two Go releases this is, {} or {},",
                                         other->version().text, chosen->version().text)));
  }
  return chosen->version();
}

}  // namespace goshawk::goruntime
