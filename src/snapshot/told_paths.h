// Descriptions of paths that outlive their target: kept in the picture when it is saved, answered
// from there when it is loaded.
#pragma once

#include <map>

#include "snapshot/holding_path.h"

namespace goshawk::snapshot {

// Answers from Snapshot::told_paths; what was not told then is "".
class ToldPaths final : public PathDescriber {
 public:
  explicit ToldPaths(const Snapshot& picture) : picture_(picture) {}
  std::string describe(const HoldingPath& path) override;

 private:
  const Snapshot& picture_;
};

// Passes on what the one that is asked says, and keeps it for the picture: of several ways to an
// object the first in the order of their texts, by which a variable comes before a stack.
class PathRecorder final : public PathDescriber {
 public:
  explicit PathRecorder(PathDescriber& describer) : describer_(&describer) {}
  void ask(PathDescriber& describer) { describer_ = &describer; }  // from now on
  std::string describe(const HoldingPath& path) override;
  void write_to(Snapshot& picture) &&;

 private:
  PathDescriber* describer_;
  std::vector<std::pair<ObjectId, std::string>> told_;
  std::map<Address, std::string> told_locks_;
};

}  // namespace goshawk::snapshot
