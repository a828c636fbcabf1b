// First the sums, then what grew, the most first, then in short what shrank. A site is named by
// where it waits and who started it; its counts stand one after another, so that a reader sees how
// steady the growth is, which the word behind them says too.
#include "report/stack_series_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/finding_stack.h"
#include "report/foreign_text.h"
#include "report/growth_text.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::SiteSeries;
using findings::StackSeries;

namespace {

constexpr std::size_t kShownGrown = 10, kShownShrunk = 5;
constexpr std::size_t kIndent = 3;

findings::Growth growth_of(const StackSeries& series, const SiteSeries& site) {
  findings::Growth growth;
  for (std::size_t i = 0; i < site.counts.size(); ++i)
    growth.samples.push_back({series.parts[i].seconds, site.counts[i]});
  growth.came = 1;  // it has changed
  return growth;
}

// "+12 an hour"; empty where no times are known.
std::string rate_text(const findings::Growth& growth) {
  double an_hour = growth.per_second() * 3600;
  if (an_hour == 0) return "";
  double shown = an_hour < 0 ? -an_hour : an_hour;
  std::string number = shown < 10 ? fmt::format("{:.1f}", shown)
                                  : human_count(static_cast<std::uint64_t>(std::llround(shown)));
  return fmt::format("{}{} an hour", an_hour < 0 ? "-" : "+", number);
}

class SeriesText {
 public:
  SeriesText(Output& out, const StackSeries& series, std::string_view noun, const TextStyle& style)
      : out_(out), series_(series), noun_(noun), style_(style) {}

  void render() {
    render_headline();
    render_sites();
    render_notes();
  }

 private:
  void write(std::string_view text, std::string (Palette::*color)(std::string_view) const) {
    out_.write((style_.palette.*color)(wrap_text(text, 0, style_.columns)) + "\n");
  }

  void render_headline() {
    std::vector<const SiteSeries*> steady;
    for (const SiteSeries& site : series_.sites)
      if (site.confidence != findings::Confidence::kUnknown) steady.push_back(&site);
    std::int64_t came = 0;
    for (const SiteSeries* site : steady) came += site->change();
    if (steady.empty())
      write(unsteady_text(), has_grown() ? &Palette::warning : &Palette::good);
    else
      write(fmt::format("{} in each {}, by {} in all", more_text(steady.size()), noun_,
                        plural(static_cast<std::uint64_t>(came), "goroutine")),
            &Palette::bad);
    std::string counts;
    for (const findings::SeriesPart& part : series_.parts)
      counts += fmt::format("{}{} in {}", counts.empty() ? "" : ", ", human_count(part.goroutines),
                            escape_controls(part.name == "-" ? "standard input" : part.name));
    write("goroutines: " + counts, &Palette::faint);
  }

  bool has_grown() const {
    return std::ranges::any_of(series_.sites, [](const SiteSeries& s) { return s.change() > 0; });
  }

  std::string unsteady_text() const {
    if (!series_.of_one_process)
      return fmt::format(
          "These {}s are not of one process, one after another: a difference is not growth", noun_);
    if (!has_grown())
      return fmt::format("No site has more goroutines in the last {} than in the first", noun_);
    return "No site grows steadily: what more there is came and went, or is very little";
  }

  static std::string more_text(std::size_t sites) {
    return sites == 1 ? "1 site has more goroutines"
                      : fmt::format("{} sites have more goroutines", human_count(sites));
  }

  void render_sites() {
    std::size_t grown = 0, shrunk = 0, more_grown = 0, more_shrunk = 0;
    for (const SiteSeries& site : series_.sites) {
      if (site.change() <= 0) continue;
      if (!style_.all && grown == kShownGrown)
        ++more_grown;
      else
        render_site(site, ++grown);
    }
    if (more_grown > 0)
      out_.write(fmt::format("\n... and {} that grew (--all)\n",
                             plural(more_grown, "site more", "sites more")));
    std::vector<CodeLine> lines;
    for (auto site = series_.sites.rbegin(); site != series_.sites.rend(); ++site) {
      if (site->change() >= 0) continue;
      if (!style_.all && shrunk++ >= kShownShrunk) {
        ++more_shrunk;
        continue;
      }
      lines.push_back({.prefix = fmt::format("{:>8}  ", signed_count(site->change())),
                       .function = site->blocked_at.function,
                       .file = site->blocked_at.file,
                       .line = site->blocked_at.line});
    }
    if (lines.empty()) return;
    out_.write("\nfewer than before:\n");
    render_code_lines(out_, style_, 0, lines);
    if (more_shrunk > 0) out_.write(fmt::format("... and {} more\n", human_count(more_shrunk)));
  }

  void render_site(const SiteSeries& site, std::size_t number) {
    findings::Growth growth = growth_of(series_, site);
    std::string text = fmt::format("{}. {} goroutines: {}", number, signed_count(site.change()),
                                   growth_text(growth));
    if (std::string rate = rate_text(growth); !rate.empty()) text += ", " + rate;
    std::string word;
    if (site.confidence != findings::Confidence::kUnknown)
      word = "  " + style_.palette.confidence(site.confidence, findings::to_text(site.confidence));
    out_.write(fmt::format("\n{}{}\n",
                           style_.palette.bold(wrap_text(text, kIndent, style_.columns)), word));
    findings::Finding like;  // whose stack is shown as theirs are
    like.stack = site.stack;
    like.created_at = site.created_by;
    std::vector<CodeLine> lines = finding_stack(like, style_);
    std::string note = escape_controls(site.state);
    if (site.gone && *site.gone > 0)
      note += fmt::format("{}{} that were there have gone", note.empty() ? "" : "; ",
                          human_count(*site.gone));
    if (!note.empty()) lines.push_back({.note = note});
    render_code_lines(out_, style_, kIndent, lines);
  }

  void render_notes() {
    out_.write("\n");
    for (const std::string& doubt : series_.doubts)
      write("Doubt: " + escape_controls(doubt), &Palette::warning);
    std::uint64_t not_read = 0;
    for (const findings::SeriesPart& part : series_.parts) not_read += part.not_read;
    if (not_read > 0)
      write(fmt::format("Doubt: {} cut or garbled and not counted",
                        plural(not_read, "goroutine is", "goroutines are")),
            &Palette::warning);
    write(series_.clock.empty()
              ? std::string("Rates are not told: no times stand beside these dumps")
              : fmt::format("Times are {}", series_.clock),
          &Palette::faint);
    const std::string& last = series_.parts.back().name;
    if (last == "-") return;
    write(fmt::format("What of it is leaked, as far as the last {} tells: goshawk leaks {}", noun_,
                      escape_controls(last)),
          &Palette::faint);
  }

  Output& out_;
  const StackSeries& series_;
  std::string_view noun_;
  const TextStyle& style_;
};

}  // namespace

void render_stack_series_text(Output& out, const StackSeries& series, std::string_view noun,
                              const TextStyle& style) {
  SeriesText(out, series, noun, style).render();
}

}  // namespace goshawk::report
