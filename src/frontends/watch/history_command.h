// goshawk history: what watchers have seen.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::frontends::watch {

struct HistoryRequest {
  std::string path;                            // empty: the usual one
  std::int64_t since_ns = 86'400'000'000'000;  // so long ago, and later
  std::string name = {};                       // of programs; may hold * and ?; empty: all
  bool only_alerts = false;
  bool all = false;  // every series, not those that changed most
};

// Missing when there is no history.
Result<void> show_history_text(report::Output& out, const HistoryRequest& request,
                               const report::TextStyle& style);
Result<void> show_history_json(report::Output& out, const HistoryRequest& request);

}  // namespace goshawk::frontends::watch
