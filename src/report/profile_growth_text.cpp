// The change of the whole and its rate first, with the time that is left to a limit; then a line
// for each site that grows, with how sure that is. What may be chance, and what shrank, is left to
// --all.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/profile_growth.h"
#include "report/profile_parts.h"

namespace goshawk::report {

using findings::GrownSite;
using findings::ProfileSiteKey;

namespace {

constexpr std::size_t kShownSites = 10;
constexpr std::size_t kIndent = 52;  // the columns before a place

struct Span {
  double seconds;
  std::string_view name;
};
constexpr Span kSpans[] = {{86400, "a day"}, {3600, "an hour"}, {60, "a minute"}, {1, "a second"}};

// As long as what was seen, or shorter: a rate extrapolates little.
const Span& span_for(double seen_seconds) {
  for (const Span& span : kSpans)
    if (seen_seconds >= span.seconds) return span;
  return kSpans[3];
}

std::string signed_amount(double amount, std::string_view unit) {
  constexpr double kMost = 9e18;
  auto whole = static_cast<std::int64_t>(std::llround(std::clamp(amount, -kMost, kMost)));
  return whole > 0 ? "+" + amount_text(whole, unit) : amount_text(whole, unit);
}

class GrowthText {
 public:
  GrowthText(Output& out, const ProfileGrowthReport& report, const TextStyle& style)
      : out_(out), report_(report), growth_(report.growth), style_(style) {}

  void render() {
    render_head();
    render_limit();
    std::size_t sure = count_sure();
    std::size_t shown = style_.all ? growth_.sites.size() : std::min(sure, kShownSites);
    if (shown > 0) render_table(shown);
    render_rest(shown, sure);
    render_meaning();
  }

 private:
  // Those come first.
  std::size_t count_sure() const {
    if (!is_of_now())
      return static_cast<std::size_t>(
          std::ranges::count_if(growth_.sites, [](const GrownSite& s) { return s.change > 0; }));
    return static_cast<std::size_t>(std::ranges::count_if(
        growth_.sites, [](const GrownSite& site) { return site.confidence.has_value(); }));
  }

  bool is_of_now() const {
    return report_.kind == pprof::ProfileKind::kGoroutines ||
           report_.kind == pprof::ProfileKind::kGoroutineLeak ||
           (pprof::is_of_memory(report_.kind) && !report_.type.starts_with("alloc"));
  }

  std::string what() const {
    if (report_.kind == pprof::ProfileKind::kGoroutines) return " goroutines";
    if (report_.kind == pprof::ProfileKind::kGoroutineLeak) return " leaked goroutines";
    if (pprof::is_of_memory(report_.kind)) return is_of_now() ? " in use" : " allocated";
    return " (" + escape_controls(report_.type) + ")";
  }

  std::int64_t change() const { return growth_.amounts.back() - growth_.amounts.front(); }

  std::string amount(std::int64_t value) const { return amount_text(value, report_.unit); }

  void render_head() {
    std::string head = change() == 0
                           ? "No more" + what() + " than before"
                           : signed_amount(static_cast<double>(change()), report_.unit) + what();
    if (growth_.seconds)
      head += (change() == 0 ? ", after " : " in ") +
              human_duration(static_cast<std::int64_t>(*growth_.seconds * 1e9));
    head += ": ";
    for (std::size_t i = 0; i < growth_.amounts.size(); ++i)
      head += (i == 0 ? "" : " → ") + amount(growth_.amounts[i]);
    out_.write(style_.palette.bold(wrap_text(head, 0, style_.columns)) + "\n");
    std::string files = fmt::format("by {} profiles, each a {}", growth_.amounts.size(),
                                    pprof::name_of(report_.kind));
    if (growth_.seconds)
      files += fmt::format(", from {} to {}", utc_text(report_.profiles.front().time_ns),
                           utc_text(report_.profiles.back().time_ns));
    for (const findings::ProfileInventory& profile : report_.profiles)
      files +=
          (&profile == &report_.profiles.front() ? ": " : ", ") + escape_controls(profile.name);
    out_.write(style_.palette.faint(wrap_text(files, 0, style_.columns)) + "\n");
    if (!growth_.seconds)
      warn("Not all of them say when they were taken, one after the other: there is no rate.");
    if (report_.by_functions)
      warn("The program was built anew between them: sites are functions, not lines.");
  }

  void warn(std::string_view text) {
    out_.write(style_.palette.warning(wrap_text(text, 0, style_.columns)) + "\n");
  }

  void render_limit() {
    if (!report_.limit_bytes) return;
    std::string limit = human_bytes(*report_.limit_bytes);
    auto seconds = seconds_to_limit(report_);
    std::string text;
    if (!growth_.per_second)
      text = fmt::format("When {} are in use cannot be told without a rate.", limit);
    else if (!seconds)
      text = fmt::format("What is in use does not grow: it does not come to {}.", limit);
    else if (*seconds <= 0)
      text = fmt::format("There are {} in use already.", limit);
    else
      text = fmt::format(
          "At this rate {} are in use in {}. The process itself is there sooner: garbage that was "
          "not collected yet, stacks and the runtime's tables come on top.",
          limit, human_duration(static_cast<std::int64_t>(std::min(*seconds * 1e9, 9e18))));
    out_.write(wrap_text(text, 0, style_.columns) + "\n");
  }

  void render_table(std::size_t shown) {
    const Span& span = span_for(growth_.seconds.value_or(0));
    out_.write("\n" +
               style_.palette.bold(columns("growth", growth_.seconds ? span.name : "", "now",
                                           is_of_now() ? "how sure" : "") +
                                   std::string(place_column())) +
               "\n");
    std::vector<CodeLine> rows;
    for (std::size_t i = 0; i < shown; ++i) add_site(growth_.sites[i], span, rows);
    render_code_lines(out_, style_, 0, rows);
  }

  std::string_view place_column() const {
    if (pprof::is_of_goroutines(report_.kind)) return "waits in";
    return pprof::is_of_memory(report_.kind) ? "allocated by" : "at";
  }

  static std::string columns(std::string_view growth, std::string_view rate, std::string_view now,
                             std::string_view sure) {
    return fmt::format("{:>12}  {:>12}  {:>11}  {:<9}  ", growth, rate, now, sure);
  }

  void add_site(const GrownSite& site, const Span& span, std::vector<CodeLine>& rows) const {
    std::string rate;
    if (site.per_second) rate = signed_amount(*site.per_second * span.seconds, report_.unit);
    std::string sure;
    if (site.confidence) sure = findings::to_text(*site.confidence);
    rows.push_back(
        line_of(site.key, columns(signed_amount(static_cast<double>(site.change), report_.unit),
                                  rate, amount(site.amounts.back()), sure)));
    for (std::size_t i = 0; i < site.callers.size(); ++i)
      rows.push_back(line_of(site.callers[i],
                             fmt::format("{:>{}}  ", i == 0 ? "called by" : "", kIndent - 4)));
    bool is_told = !site.callers.empty() && site.callers.back().function == site.key.began_in;
    if (!site.key.began_in.empty() && !is_told && site.key.began_in != site.key.function)
      rows.push_back({.prefix = fmt::format("{:>{}}  ", "began in", kIndent - 4),
                      .function = site.key.began_in});
  }

  static CodeLine line_of(const ProfileSiteKey& key, std::string prefix) {
    if (key.function.empty() && key.line == 0)
      return {.prefix = std::move(prefix), .function = "without a stack"};
    return code_line_of({.function = key.function,
                         .file = key.file,
                         .line = key.line,
                         .address = Address(static_cast<std::uint64_t>(key.line))},
                        std::move(prefix));
  }

  void render_rest(std::size_t shown, std::size_t sure) {
    std::string text;
    if (shown < sure) text = fmt::format("{} more that grow", sure - shown);
    if (std::size_t rest = growth_.sites.size() - std::max(sure, shown); rest > 0)
      text += fmt::format("{}{} that shrank, or changed by what may be chance",
                          text.empty() ? "" : "; ", plural(rest, "site"));
    if (growth_.sites.empty()) text = "Nothing changed.";
    if (text.empty()) return;
    if (!growth_.sites.empty()) text += ": --all shows them";
    out_.write("\n" + style_.palette.faint(wrap_text(text, 0, style_.columns)) + "\n");
  }

  void render_meaning() {
    if (!is_of_now()) return;
    std::string text =
        "likely: grew in every interval, and steadily, by three profiles or more. suspected: more "
        "than chance, but not that. A growth proves no leak: ";
    text += pprof::is_of_goroutines(report_.kind)
                ? "`goshawk leaks PID` does, of the running process."
                : "who holds it, `goshawk heap PID` tells of the running process.";
    out_.write("\n" + wrap_text(text, 0, style_.columns) + "\n");
  }

  Output& out_;
  const ProfileGrowthReport& report_;
  const findings::ProfileGrowth& growth_;
  const TextStyle& style_;
};

}  // namespace

std::optional<double> seconds_to_limit(const ProfileGrowthReport& report) {
  if (!report.limit_bytes || !report.growth.per_second) return std::nullopt;
  double left =
      static_cast<double>(*report.limit_bytes) - static_cast<double>(report.growth.amounts.back());
  if (left <= 0) return 0;
  if (*report.growth.per_second <= 0) return std::nullopt;
  return left / *report.growth.per_second;
}

void render_profile_growth_text(Output& out, const ProfileGrowthReport& report,
                                const TextStyle& style) {
  GrowthText(out, report, style).render();
}

}  // namespace goshawk::report
