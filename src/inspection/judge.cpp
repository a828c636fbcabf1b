#include "inspection/judge.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <vector>

namespace goshawk::inspection {
namespace {

// "2026-11-28": the same day wherever the command runs.
std::string today_in_utc() {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::now()));
}

}  // namespace

findings::Verdict judge(const analyses::goroutines::Judgement& judgement,
                        snapshot::PathDescriber* describer, const Accepted& accepted,
                        const analyses::goroutines::Series* series, snapshot::TypeTeller* types) {
  std::string today = today_in_utc();
  std::vector<findings::Suppression> holding, expired;
  if (accepted.suppressions)
    for (const findings::Suppression& entry : accepted.suppressions->entries)
      (is_expired(entry, today) ? expired : holding).push_back(entry);
  findings::Verdict verdict =
      analyses::goroutines::find_leaks(judgement, describer, holding, series, types);
  if (accepted.suppressions) verdict.suppressions.path = accepted.suppressions->path;
  verdict.suppressions.expired = std::move(expired);
  if (accepted.baseline) compare_with_baseline(verdict, *accepted.baseline);
  return verdict;
}

}  // namespace goshawk::inspection
