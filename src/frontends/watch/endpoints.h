// Endpoints are waited for, all at once: one that does not answer keeps no other one's sample away.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "frontends/watch/endpoint_source.h"
#include "frontends/watch/watched_process.h"

namespace goshawk::frontends::watch {

struct OpenedEndpoint {
  Result<std::unique_ptr<SampleSource>> source;
  std::vector<std::string> told = {};  // of what it serves, what is not watched and why
};

// One for each, in their order.
std::vector<OpenedEndpoint> open_endpoints(const std::vector<WatchedEndpoint>& endpoints);

// So that the next sample of each waits for nobody.
void fetch_ahead(const std::vector<std::unique_ptr<WatchedProcess>>& processes);

}  // namespace goshawk::frontends::watch
