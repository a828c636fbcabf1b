// /metrics for Prometheus: what is followed, as text.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "frontends/watch/alert.h"
#include "frontends/watch/watched_process.h"
#include "http/server.h"

namespace goshawk::frontends::watch {

// Alerts by program and confidence, with the latest of each.
struct AlertCount {
  std::uint64_t count = 0;
  std::string fingerprint;
  std::int64_t unix_ns = 0;
};
using AlertCounts = std::map<std::pair<std::string, std::string>, AlertCount>;

enum class MetricsForm : std::uint8_t { kOpenMetrics, kText };  // the newer, and the older

std::string render_metrics(const std::vector<std::unique_ptr<WatchedProcess>>& processes,
                           const AlertCounts& alerts, MetricsForm form);

// A label's value.
std::string label_text(std::string_view text);

class MetricsPage {
 public:
  // Listens from now on, on 127.0.0.1:9108, say. Usage for what is no address.
  static Result<std::unique_ptr<MetricsPage>> start(const std::string& address);

  void count(const Alert& alert);
  void show(const std::vector<std::unique_ptr<WatchedProcess>>& processes);
  std::string url() const;

 private:
  http::Answer answer(const http::Request& request);

  AlertCounts alerts_;
  std::mutex mutex_;
  std::string open_metrics_, text_;  // of the latest sample; read by the server's thread
  std::unique_ptr<http::Server> server_;
};

}  // namespace goshawk::frontends::watch
