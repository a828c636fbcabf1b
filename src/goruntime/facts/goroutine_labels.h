// g.labels: how a labelMap holds its keys and values.
#pragma once

#include "goruntime/layout/layout.h"

namespace goshawk::goruntime::facts {

// runtime/pprof/label.go.
//
//   release  change
//   1.9      labelMap is a map[string]string, g.labels points to that map's word
//   1.24     labelMap is a struct {LabelSet{list []label}}: a sorted slice (1.25: label moved to
//   internal/runtime/pprof/label)
//
// The binary does not say which (runtime/pprof is not in the runtime's unit), so the release does.
inline bool labels_are_a_list(const GoVersion& version) { return version.minor >= 24; }

}  // namespace goshawk::goruntime::facts
