// What Goshawk can do on one target, each with the facts that it rests on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/diagnosis.h"
#include "snapshot/snapshot.h"

namespace goshawk::inspection {

// What was had of a target. No picture: `error` says why.
struct Pictures {
  const snapshot::Snapshot* whole = nullptr;  // heap and roots too
  const snapshot::Snapshot* list = nullptr;   // goroutines at least: the same one, or one without
  std::optional<Error> error;                 // why there is no whole one
  std::string types_in_part = {};             // why not all objects' types are told; "": they are
};

std::vector<report::DiagnosedFeature> judge_features(const Pictures& pictures,
                                                     const std::vector<snapshot::Binding>& facts);

}  // namespace goshawk::inspection
