// OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/), or for whoever does not
// ask for that Prometheus' older text form, which has no exemplars. Both are made once a sample:
// however often they are asked for, no process is read for it.
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

constexpr std::size_t kMostPartsOfProcess = 20;
constexpr std::string_view kOpenMetricsType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";
constexpr std::string_view kTextType = "text/plain; version=0.0.4; charset=utf-8";

using Processes = std::vector<std::unique_ptr<WatchedProcess>>;

struct Page {
  MetricsForm form;
  std::string text = {};

  bool is_open_metrics() const { return form == MetricsForm::kOpenMetrics; }
};

// A counter's samples have "_total" behind its name, which only the older form has in its head.
void begin_family(Page& page, std::string_view name, std::string_view type, std::string_view unit,
                  std::string_view help) {
  std::string head(name);
  if (type == "counter" && !page.is_open_metrics()) head += "_total";
  page.text += fmt::format("# TYPE {} {}\n", head, type);
  if (!unit.empty() && page.is_open_metrics())
    page.text += fmt::format("# UNIT {} {}\n", head, unit);
  page.text += fmt::format("# HELP {} {}\n", head, help);
}

std::string labels_of(const WatchedProcess& process) {
  const ProcessName& name = process.process();
  return fmt::format("program=\"{}\",pid=\"{}\"", label_text(name.name),
                     name.pid == 0 ? "" : std::to_string(name.pid));
}

std::string labels_of(Quantity quantity, const findings::CodePlace& site) {
  if (quantity == Quantity::kHeapOfSize)
    return fmt::format("created_by=\"\",place=\"{} bytes\"", site.line);
  if (site.function.empty()) return "created_by=\"\",place=\"\"";
  std::string_view file = site.file;
  return fmt::format("created_by=\"{}\",place=\"{}:{}\"", label_text(site.function),
                     label_text(file.substr(file.rfind('/') + 1)), site.line);
}

void add_number(Page& page, const Processes& processes, std::string_view name,
                std::string_view unit, std::string_view help, Quantity quantity) {
  begin_family(page, name, "gauge", unit, help);
  for (const auto& process : processes)
    if (const GrowingNumber& number = process->total(quantity); number.is_known())
      page.text += fmt::format("{}{{{}}} {:.0f}\n", name, labels_of(*process), number.latest());
}

// The most first, with those that grow before all others.
std::vector<const GrowingNumber*> list_parts(const WatchedProcess& process, bool of_memory) {
  std::vector<const GrowingNumber*> sites;
  for (const auto& number : process.numbers())
    if (is_part(number->quantity()) && is_memory(number->quantity()) == of_memory)
      sites.push_back(number.get());
  std::ranges::stable_sort(sites, [](const GrowingNumber* a, const GrowingNumber* b) {
    return std::pair(a->growth().has_value(), a->latest()) >
           std::pair(b->growth().has_value(), b->latest());
  });
  return sites;
}

// Of each process the largest parts of a total, and the rest of it.
void add_parts(Page& page, const Processes& processes, std::string_view name, std::string_view unit,
               std::string_view help, Quantity of) {
  bool of_memory = is_memory(of);
  begin_family(page, name, "gauge", unit, help);
  for (const auto& process : processes) {
    if (!process->total(of).is_known()) continue;
    std::vector<const GrowingNumber*> parts = list_parts(*process, of_memory);
    std::size_t shown = std::min(parts.size(), kMostPartsOfProcess);
    double others = process->total(of).latest();
    for (std::size_t i = 0; i < shown; ++i) {
      page.text +=
          fmt::format("{}{{{},{}}} {:.0f}\n", name, labels_of(*process),
                      labels_of(parts[i]->quantity(), parts[i]->site()), parts[i]->latest());
      others -= parts[i]->latest();
    }
    page.text += fmt::format("{}{{{},created_by=\"(others)\",place=\"\"}} {:.0f}\n", name,
                             labels_of(*process), std::max(0.0, others));
  }
}

void add_growth(Page& page, const Processes& processes) {
  constexpr std::string_view kName = "goshawk_growth_per_second";
  begin_family(page, kName, "gauge", "",
               "How fast what grows steadily does; grade is rising, or growing: more than a day's "
               "load does.");
  for (const auto& process : processes)
    for (const GrowingNumber* number : process->list_growing()) {
      bool certain = number->growth()->grade == analyses::trend::Grade::kGrowing;
      page.text +=
          fmt::format("{}{{{},what=\"{}\",{},grade=\"{}\"}} {:.9g}\n", kName, labels_of(*process),
                      name_of(number->quantity()), labels_of(number->quantity(), number->site()),
                      certain ? "growing" : "rising", number->growth()->per_second);
    }
}

std::string exemplar_text(const AlertCount& alert) {
  return fmt::format(" # {{fingerprint=\"{}\"}} 1 {:.3f}", label_text(alert.fingerprint),
                     static_cast<double>(alert.unix_ns) / 1e9);
}

void add_counts(Page& page, const Processes& processes, const AlertCounts& alerts) {
  begin_family(page, "goshawk_samples", "counter", "", "Samples that were taken.");
  for (const auto& process : processes)
    page.text +=
        fmt::format("goshawk_samples_total{{{}}} {}\n", labels_of(*process), process->samples());
  begin_family(page, "goshawk_missed_samples", "counter", "", "Samples that could not be taken.");
  for (const auto& process : processes)
    page.text += fmt::format("goshawk_missed_samples_total{{{}}} {}\n", labels_of(*process),
                             process->missed_samples());
  begin_family(page, "goshawk_alerts", "counter", "", "Alerts since the watcher began.");
  for (const auto& [key, alert] : alerts)
    page.text += fmt::format("goshawk_alerts_total{{program=\"{}\",confidence=\"{}\"}} {}{}\n",
                             label_text(key.first), key.second, alert.count,
                             page.is_open_metrics() ? exemplar_text(alert) : "");
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

std::string render_metrics(const Processes& processes, const AlertCounts& alerts,
                           MetricsForm form) {
  Page page{form};
  add_number(page, processes, "goshawk_goroutines", "",
             "Goroutines of the program, without the runtime's own.", Quantity::kAllGoroutines);
  add_number(page, processes, "goshawk_timers", "", "Timers that are pending.", Quantity::kTimers);
  add_number(page, processes, "goshawk_heap_in_use_bytes", "bytes",
             "Bytes of the spans that Go's heap has in use.", Quantity::kHeap);
  add_number(page, processes, "goshawk_resident_bytes", "bytes",
             "Bytes in memory that are of no file.", Quantity::kResident);
  add_parts(page, processes, "goshawk_site_goroutines", "",
            "Goroutines by the go statement that made them; of an endpoint, by where they stand.",
            Quantity::kAllGoroutines);
  add_parts(page, processes, "goshawk_heap_part_bytes", "bytes",
            "Go's heap by the size of objects; of an endpoint, by where it was allocated.",
            Quantity::kHeap);
  add_growth(page, processes);
  add_counts(page, processes, alerts);
  if (page.is_open_metrics()) page.text += "# EOF\n";
  return std::move(page.text);
}

Result<std::unique_ptr<MetricsPage>> MetricsPage::start(const std::string& address) {
  auto page = std::make_unique<MetricsPage>();
  page->show({});
  MetricsPage& self = *page;
  http::SocketAddress wanted = TRY(http::parse_listen_address(address));
  page->server_ = TRY(http::Server::start(
      wanted, [&self](const http::Request& request) { return self.answer(request); }));
  return page;
}

http::Answer MetricsPage::answer(const http::Request& request) {
  if (request.target.path != "/metrics")
    return http::plain_response(404, "there is /metrics here, and nothing else");
  std::string_view accepted = http::find_header(request.headers, "accept");
  bool takes_it = accepted.find("application/openmetrics-text") != std::string_view::npos;
  std::lock_guard lock(mutex_);
  return http::Response{
      200,
      {{"Content-Type", std::string(takes_it ? kOpenMetricsType : kTextType)}, {"Vary", "Accept"}},
      takes_it ? open_metrics_ : text_};
}

void MetricsPage::count(const Alert& alert) {
  AlertCount& count =
      alerts_[{alert.process.name, std::string(findings::to_text(alert.confidence))}];
  ++count.count;
  count.fingerprint = alert.fingerprint;
  count.unix_ns = alert.unix_ns;
}

void MetricsPage::show(const Processes& processes) {
  std::string open_metrics = render_metrics(processes, alerts_, MetricsForm::kOpenMetrics);
  std::string text = render_metrics(processes, alerts_, MetricsForm::kText);
  std::lock_guard lock(mutex_);
  open_metrics_ = std::move(open_metrics);
  text_ = std::move(text);
}

std::string MetricsPage::url() const {
  return "http://" + http::to_text(server_->address()) + "/metrics";
}

}  // namespace goshawk::frontends::watch
