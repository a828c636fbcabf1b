#include "report/judged.h"

#include <fmt/format.h>

#include <utility>

#include "report/picture_lines.h"

namespace goshawk::report {

Judged make_judged(const snapshot::Snapshot& snapshot, findings::Verdict verdict) {
  return {.target = snapshot.target,
          .picture = snapshot.picture,
          .of_runtime = count_of_runtime(snapshot),
          .verdict = std::move(verdict),
          .about = {}};
}

std::string describe(const Judged& judged) {
  const snapshot::TargetFacts& target = judged.target;
  std::string text =
      target.kind == "process" ? fmt::format("process {}", target.pid) : describe_file(target);
  if (!judged.name.empty()) return fmt::format("{} ({})", judged.name, text);
  return target.executable.empty() ? text : fmt::format("{}, {}", text, target.executable);
}

}  // namespace goshawk::report
