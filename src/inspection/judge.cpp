#include "inspection/judge.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace goshawk::inspection {
namespace {

// "2026-11-28": the same day wherever the command runs.
std::string today_in_utc() {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::now()));
}

}  // namespace

HoldingSuppressions find_holding(const Accepted& accepted) {
  HoldingSuppressions found;
  if (!accepted.suppressions) return found;
  std::string today = today_in_utc();
  for (const findings::Suppression& entry : accepted.suppressions->entries)
    (is_expired(entry, today) ? found.expired : found.holding).push_back(entry);
  return found;
}

void note_accepted(findings::Verdict& verdict, const Accepted& accepted,
                   HoldingSuppressions suppressions) {
  if (accepted.suppressions) verdict.suppressions.path = accepted.suppressions->path;
  verdict.suppressions.expired = std::move(suppressions.expired);
  if (accepted.baseline) compare_with_baseline(verdict, *accepted.baseline);
}

findings::Verdict judge(const analyses::goroutines::Judgement& judgement,
                        snapshot::PathDescriber* describer, const Accepted& accepted,
                        const analyses::goroutines::Series* series, snapshot::TypeTeller* types) {
  HoldingSuppressions suppressions = find_holding(accepted);
  findings::Verdict verdict =
      analyses::goroutines::find_leaks(judgement, describer, suppressions.holding, series, types);
  note_accepted(verdict, accepted, std::move(suppressions));
  return verdict;
}

}  // namespace goshawk::inspection
