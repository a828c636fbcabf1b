// --webhook: an alert as an HTTP POST, in the shape that its receiver knows.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "frontends/watch/alert.h"
#include "http/url.h"

namespace goshawk::frontends::watch {

enum class Shape : std::uint8_t {
  kJson,          // as --exec gets it
  kSlack,         // an incoming webhook of Slack, Mattermost and the like
  kAlertmanager,  // POST /api/v2/alerts
};

struct Webhook {
  http::Url url;
  Shape shape = Shape::kJson;
};

// "json", "slack" or "alertmanager". Usage for what is no URL.
Result<Webhook> parse_webhook(const std::string& url, const std::string& shape);

std::string render_payload(const Alert& alert, Shape shape);

// Tries it a few times; what is answered with anything but 2xx has failed.
Result<void> send_alert(const Webhook& webhook, const Alert& alert);

}  // namespace goshawk::frontends::watch
