// goshawk watch PID|URL...|--match NAME|--cgroup PATH
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "findings/finding.h"
#include "frontends/watch/endpoint_source.h"
#include "frontends/watch/process_search.h"
#include "frontends/watch/record.h"
#include "frontends/watch/webhook.h"
#include "inspection/accepted_argument.h"

namespace goshawk::frontends::watch {

struct WatchRequest {
  Wanted wanted = {};
  std::vector<WatchedEndpoint> endpoints = {};  // of different names
  std::int64_t every_ns = 10'000'000'000;
  std::int64_t for_ns = 0;  // 0: until it is interrupted, or the process ends
  std::int64_t max_pause_ns = 50'000'000;
  std::int64_t cooldown_ns = 86'400'000'000'000;
  findings::Confidence alert_on = findings::Confidence::kLikely;  // and what is surer
  bool until_alert = false;
  bool takes_pictures = true;
  std::string command = {};  // --exec; empty: none
  std::optional<Webhook> webhook = {};
  std::string metrics = {};  // where to listen for them; empty: nowhere
  inspection::AcceptedArgument accepted = {};
  Keeping keeping = {};
  bool verbose = false;  // a line for each sample
};

// 1 when there was an alert, else 0. An error: nothing can be watched.
Result<int> run_watch(const WatchRequest& request);

}  // namespace goshawk::frontends::watch
