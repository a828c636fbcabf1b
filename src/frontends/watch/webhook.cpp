// Receivers tell alerts apart by fingerprint (Alertmanager: by the labels, which have it), so that
// one that arrives twice does no harm: what failed is sent again. The process id is no label: the
// same leak of a restarted process is the same alert. An alert of Alertmanager's ends when nobody
// sends it again, after its resolve_timeout.
#include "frontends/watch/webhook.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>

#include "base/interruptible_wait.h"
#include "findings/rules.h"
#include "http/client.h"
#include "report/json_writer.h"

namespace goshawk::frontends::watch {

using findings::Confidence;

namespace {

constexpr int kAttempts = 3;
constexpr std::chrono::seconds kPause{1};  // before the second; then twice as long
constexpr std::chrono::seconds kMostOfOne{10};
constexpr std::uint64_t kMostOfAnswer = 1 << 20;

std::string one_line(const Alert& alert) {
  return fmt::format("{}: {}: {}", title_of(alert.process), describe_growth(alert),
                     describe_certainty(alert));
}

// "Result whose reader has gone: 187 goroutines, started in main.abandon (main.go:29)"
std::string describe(const findings::Finding& finding) {
  std::string_view file = finding.created_at.file;
  std::string place = fmt::format("{} ({}:{})", finding.created_at.function,
                                  file.substr(file.rfind('/') + 1), finding.created_at.line);
  return fmt::format("{}, {}: {} goroutines{}", findings::title_of(finding),
                     findings::to_text(finding.confidence), finding.count,
                     finding.created_at.function.empty() ? "" : ", started in " + place);
}

std::string describe_findings(const Alert& alert) {
  std::string text;
  for (const findings::Finding& finding : alert.findings) text += describe(finding) + "\n";
  return text;
}

// What Slack reads as markup in a text (https://api.slack.com/reference/surfaces/formatting).
std::string escape_for_slack(std::string_view text) {
  std::string escaped;
  for (char letter : text) {
    if (letter == '&')
      escaped += "&amp;";
    else if (letter == '<')
      escaped += "&lt;";
    else if (letter == '>')
      escaped += "&gt;";
    else
      escaped += letter;
  }
  return escaped;
}

void write_slack(report::JsonWriter& json, const Alert& alert) {
  std::string text = escape_for_slack(one_line(alert));
  std::string findings = escape_for_slack(describe_findings(alert));
  if (!findings.empty()) text += "\n```" + findings + "```";
  json.begin_object();
  json.member("text", text);
  json.end_object();
}

std::string own_host() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

void write_alertmanager(report::JsonWriter& json, const Alert& alert) {
  json.begin_array();
  json.begin_object();
  json.key("labels");
  json.begin_object();
  json.member("alertname",
              alert.confidence == Confidence::kProven ? "GoroutineLeakProven" : "SteadyGrowth");
  json.member("severity", alert.confidence == Confidence::kProven ? "critical" : "warning");
  json.member("confidence", findings::to_text(alert.confidence));
  json.member("program", alert.process.name);
  json.member("instance", own_host());
  json.member("what", name_of(alert.quantity));
  if (!alert.site.function.empty()) json.member("created_by", alert.site.function);
  json.member("fingerprint", alert.fingerprint);
  json.end_object();
  json.key("annotations");
  json.begin_object();
  json.member("summary", one_line(alert));
  json.member("description", describe_findings(alert));
  json.end_object();
  json.member("startsAt", utc_time(alert.unix_ns));
  json.end_object();
  json.end_array();
}

}  // namespace

Result<Webhook> parse_webhook(const std::string& url, const std::string& shape) {
  Webhook webhook{TRY(http::parse_url(url))};
  if (shape == "slack") webhook.shape = Shape::kSlack;
  if (shape == "alertmanager") webhook.shape = Shape::kAlertmanager;
  return webhook;
}

std::string render_payload(const Alert& alert, Shape shape) {
  report::StringOutput out;
  if (shape == Shape::kJson) {
    write_alert_json(out, alert);
    return out.text();
  }
  report::JsonWriter json(out);
  shape == Shape::kSlack ? write_slack(json, alert) : write_alertmanager(json, alert);
  json.finish();
  return out.text();
}

Result<void> send_alert(const Webhook& webhook, const Alert& alert) {
  http::OutgoingRequest request{.url = webhook.url,
                                .method = "POST",
                                .headers = {{"Content-Type", "application/json"}},
                                .body = render_payload(alert, webhook.shape)};
  http::ClientOptions options;
  options.total = kMostOfOne;
  options.most_bytes = kMostOfAnswer;
  auto answer = http::fetch(request, options);
  for (int attempt = 1; !answer && attempt < kAttempts && !InterruptibleWait::is_pending();
       ++attempt) {
    std::this_thread::sleep_for(kPause * (1 << (attempt - 1)));
    answer = http::fetch(request, options);
  }
  if (!answer) return fail(answer.error());
  return {};
}

}  // namespace goshawk::frontends::watch
