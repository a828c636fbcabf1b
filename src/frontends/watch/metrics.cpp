// OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/), which is made once a
// sample: however often it is asked for, no process is read for it.
//
// How many series there are is bounded: of each process the sites with most goroutines, and those
// that grow; all others together are one, "(others)". An alert's count has the fingerprint of the
// latest as its exemplar.
#include "frontends/watch/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "http/ip_address.h"
#include "report/foreign_text.h"

namespace goshawk::frontends::watch {
namespace {

constexpr std::size_t kMostSitesOfProcess = 20;
constexpr std::string_view kContentType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

using Processes = std::vector<std::unique_ptr<WatchedProcess>>;

void begin_family(std::string& text, std::string_view name, std::string_view type,
                  std::string_view unit, std::string_view help) {
  text += fmt::format("# TYPE {} {}\n", name, type);
  if (!unit.empty()) text += fmt::format("# UNIT {} {}\n", name, unit);
  text += fmt::format("# HELP {} {}\n", name, help);
}

std::string labels_of(const WatchedProcess& process) {
  return fmt::format("program=\"{}\",pid=\"{}\"", label_text(process.name()), process.pid());
}

std::string labels_of(const findings::CodePlace& site) {
  if (site.function.empty()) return "created_by=\"\",place=\"\"";
  std::string_view file = site.file;
  return fmt::format("created_by=\"{}\",place=\"{}:{}\"", label_text(site.function),
                     label_text(file.substr(file.rfind('/') + 1)), site.line);
}

void add_number(std::string& text, const Processes& processes, std::string_view name,
                std::string_view unit, std::string_view help,
                const GrowingNumber& (WatchedProcess::*number)() const) {
  begin_family(text, name, "gauge", unit, help);
  for (const auto& process : processes)
    text += fmt::format("{}{{{}}} {:.0f}\n", name, labels_of(*process),
                        ((*process).*number)().latest());
}

// The most first, with those that grow before all others.
std::vector<const GrowingNumber*> list_sites(const WatchedProcess& process) {
  std::vector<const GrowingNumber*> sites;
  for (const auto& number : process.numbers())
    if (number->quantity() == Quantity::kGoroutines) sites.push_back(number.get());
  std::ranges::stable_sort(sites, [](const GrowingNumber* a, const GrowingNumber* b) {
    return std::pair(a->growth().has_value(), a->latest()) >
           std::pair(b->growth().has_value(), b->latest());
  });
  return sites;
}

void add_sites(std::string& text, const Processes& processes) {
  constexpr std::string_view kName = "goshawk_site_goroutines";
  begin_family(text, kName, "gauge", "", "Goroutines by the go statement that made them.");
  for (const auto& process : processes) {
    std::vector<const GrowingNumber*> sites = list_sites(*process);
    std::size_t shown = std::min(sites.size(), kMostSitesOfProcess);
    double others = process->all_goroutines().latest();
    for (std::size_t i = 0; i < shown; ++i) {
      text += fmt::format("{}{{{},{}}} {:.0f}\n", kName, labels_of(*process),
                          labels_of(sites[i]->site()), sites[i]->latest());
      others -= sites[i]->latest();
    }
    text += fmt::format("{}{{{},created_by=\"(others)\",place=\"\"}} {:.0f}\n", kName,
                        labels_of(*process), std::max(0.0, others));
  }
}

void add_growth(std::string& text, const Processes& processes) {
  constexpr std::string_view kName = "goshawk_growth_per_second";
  begin_family(text, kName, "gauge", "",
               "How fast what grows steadily does; grade is rising, or growing: more than a day's "
               "load does.");
  for (const auto& process : processes)
    for (const GrowingNumber* number : process->list_growing()) {
      bool certain = number->growth()->grade == analyses::trend::Grade::kGrowing;
      text +=
          fmt::format("{}{{{},what=\"{}\",{},grade=\"{}\"}} {:.9g}\n", kName, labels_of(*process),
                      name_of(number->quantity()), labels_of(number->site()),
                      certain ? "growing" : "rising", number->growth()->per_second);
    }
}

void add_counts(std::string& text, const Processes& processes, const AlertCounts& alerts) {
  begin_family(text, "goshawk_samples", "counter", "", "Samples that were taken.");
  for (const auto& process : processes)
    text +=
        fmt::format("goshawk_samples_total{{{}}} {}\n", labels_of(*process), process->samples());
  begin_family(text, "goshawk_missed_samples", "counter", "", "Samples that could not be taken.");
  for (const auto& process : processes)
    text += fmt::format("goshawk_missed_samples_total{{{}}} {}\n", labels_of(*process),
                        process->missed_samples());
  begin_family(text, "goshawk_alerts", "counter", "", "Alerts since the watcher began.");
  for (const auto& [key, alert] : alerts)
    text += fmt::format(
        "goshawk_alerts_total{{program=\"{}\",confidence=\"{}\"}} {} # {{fingerprint=\"{}\"}} 1 "
        "{:.3f}\n",
        label_text(key.first), key.second, alert.count, label_text(alert.fingerprint),
        static_cast<double>(alert.unix_ns) / 1e9);
}

}  // namespace

// Bytes that are no UTF-8 would spoil the whole page.
std::string label_text(std::string_view text) {
  std::string escaped;
  for (char letter : report::repair_utf8(text)) {
    if (letter == '\\' || letter == '"') escaped += '\\';
    if (letter == '\n')
      escaped += "\\n";
    else
      escaped += letter;
  }
  return escaped;
}

std::string render_metrics(const Processes& processes, const AlertCounts& alerts) {
  std::string text;
  add_number(text, processes, "goshawk_goroutines", "",
             "Goroutines of the program, without the runtime's own.",
             &WatchedProcess::all_goroutines);
  add_number(text, processes, "goshawk_heap_in_use_bytes", "bytes",
             "Bytes of the spans that Go's heap has in use.", &WatchedProcess::heap);
  add_number(text, processes, "goshawk_resident_bytes", "bytes",
             "Bytes in memory that are of no file.", &WatchedProcess::resident);
  add_sites(text, processes);
  add_growth(text, processes);
  add_counts(text, processes, alerts);
  return text + "# EOF\n";
}

Result<std::unique_ptr<MetricsPage>> MetricsPage::start(const std::string& address) {
  auto page = std::make_unique<MetricsPage>();
  page->text_ = render_metrics({}, {});
  MetricsPage& self = *page;
  http::SocketAddress wanted = TRY(http::parse_listen_address(address));
  page->server_ = TRY(http::Server::start(
      wanted, [&self](const http::Request& request) { return self.answer(request); }));
  return page;
}

http::Answer MetricsPage::answer(const http::Request& request) {
  if (request.target.path != "/metrics")
    return http::plain_response(404, "there is /metrics here, and nothing else");
  std::lock_guard lock(mutex_);
  return http::Response{200, {{"Content-Type", std::string(kContentType)}}, text_};
}

void MetricsPage::count(const Alert& alert) {
  AlertCount& count =
      alerts_[{alert.process.name, std::string(findings::to_text(alert.confidence))}];
  ++count.count;
  count.fingerprint = alert.fingerprint;
  count.unix_ns = alert.unix_ns;
}

void MetricsPage::show(const Processes& processes) {
  std::string text = render_metrics(processes, alerts_);
  std::lock_guard lock(mutex_);
  text_ = std::move(text);
}

std::string MetricsPage::url() const {
  return "http://" + http::to_text(server_->address()) + "/metrics";
}

}  // namespace goshawk::frontends::watch
