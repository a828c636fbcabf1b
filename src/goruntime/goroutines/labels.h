// A goroutine's profiler labels (pprof.Do). Follows runtime/pprof/label.go.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/address.h"
#include "goruntime/layout/layout.h"
#include "goruntime/page_cache.h"

namespace goshawk::goruntime {

// Empty when there are none or they cannot be read; sorted by key.
std::vector<std::pair<std::string, std::string>> read_labels(PageCache& cache,
                                                             const GoVersion& version,
                                                             Address label_map);

}  // namespace goshawk::goruntime
