// The sums of both pictures, what they are of, and loudly if that makes them hard to compare. Last
// which parts of the memory have changed: it need not be the heap.
#include "report/difference_head.h"

#include <fmt/format.h>

#include <ranges>
#include <string_view>
#include <vector>

#include "findings/balance.h"
#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/picture_lines.h"

namespace goshawk::report {

using findings::Difference;
using findings::Relation;

namespace {

constexpr std::size_t kShownParts = 3;  // of memory

// "312 MB → 611 MB (+299 MB)"
std::string bytes_text(std::uint64_t before, std::uint64_t after) {
  return fmt::format(
      "{} → {} ({})", human_bytes(before), human_bytes(after),
      before == after ? "no change" : signed_bytes(findings::growth_of(before, after)));
}

std::string program_text(const snapshot::TargetFacts& target) {
  std::string text = target.executable.empty() ? "" : ", " + escape_controls(target.executable);
  if (!target.go_version.empty())
    text +=
        fmt::format(", {} {}", escape_controls(target.go_version), escape_controls(target.arch));
  return text;
}

class DifferenceHead {
 public:
  DifferenceHead(Output& out, const snapshot::Snapshot& before, const snapshot::Snapshot& after,
                 const Difference& difference, const TextStyle& style)
      : out_(out), before_(before), after_(after), difference_(difference), style_(style) {}

  void render() {
    out_.write(style_.palette.bold(sums_text()) + "\n");
    render_targets();
    render_balance();
  }

 private:
  void write(const std::string& text, std::string (Palette::*color)(std::string_view) const) {
    out_.write((style_.palette.*color)(wrap_text(text, 0, style_.columns)) + "\n");
  }

  // One line where it fits; else it is broken between the sums.
  std::string sums_text() const {
    const findings::Sums &before = difference_.before, &after = difference_.after;
    std::vector<std::string> sums;
    if (before.live && after.live)
      sums.push_back("live heap " + bytes_text(before.live->bytes, after.live->bytes));
    if (before.rss_bytes && after.rss_bytes && before.is_rss == after.is_rss)
      sums.push_back((before.is_rss ? "RSS " : "memory in the core ") +
                     bytes_text(*before.rss_bytes, *after.rss_bytes));
    std::int64_t more = findings::growth_of(before.goroutines, after.goroutines);
    sums.push_back(fmt::format("goroutines {} → {} ({})", human_count(before.goroutines),
                               human_count(after.goroutines),
                               more == 0 ? "no change" : signed_count(more)));
    std::string text;
    if (difference_.elapsed_ns.value_or(0) > 0)
      text = fmt::format("In {}:", human_duration(*difference_.elapsed_ns));
    std::size_t used = display_width(text);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      std::string sum = sums[i] + (i + 1 < sums.size() ? "," : "");
      std::size_t width = display_width(sum);
      bool fits = used + 1 + width <= style_.columns;
      if (!text.empty()) text += fits ? " " : "\n";
      used = fits && !text.empty() ? used + 1 + width : width;
      text += sum;
    }
    return text;
  }

  void render_targets() {
    const snapshot::TargetFacts &from = before_.target, &to = after_.target;
    bool is_same_program = from.executable == to.executable && from.go_version == to.go_version;
    write(fmt::format("from {}{}", picture_text(from), program_text(from)), &Palette::faint);
    write(fmt::format("to {}{}{}", picture_text(to), is_same_program ? "" : program_text(to),
                      difference_.relation == Relation::kSameBuild
                          ? ", another process of the same build"
                          : ""),
          &Palette::faint);
    if (difference_.relation == Relation::kOtherBuild)
      write("These are two builds: what they have is compared by the names of types and functions",
            &Palette::warning);
    if (difference_.relation == Relation::kUnknown)
      write("Whether both are of the same build is not known: one of them has no build id",
            &Palette::warning);
    render_order();
  }

  void render_order() {
    if (!difference_.elapsed_ns)
      write("The time between them is not known: a core does not say when it was taken",
            &Palette::faint);
    else if (*difference_.elapsed_ns == 0)
      write("Both are of the same instant", &Palette::warning);
    else if (*difference_.elapsed_ns < 0)
      write(fmt::format("The second one is not later: it was taken {} before the first. Growth is "
                        "told from the first to the second all the same",
                        human_duration(findings::growth_of(
                            static_cast<std::uint64_t>(*difference_.elapsed_ns), 0))),
            &Palette::warning);
  }

  // "Memory that grew: live objects with pointers +290 MB, stacks +2 MB"; `changes`: the largest
  // first.
  std::string list_balance(std::string_view word, int sign, const auto& changes) const {
    std::string text;
    std::size_t shown = 0;
    auto least = static_cast<std::int64_t>(difference_.least_bytes);
    for (const findings::BalanceChange& change : changes) {
      std::int64_t growth = change.growth();
      bool matters = sign > 0 ? growth >= least : growth <= -least;
      if (!matters || shown++ == kShownParts) break;
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", findings::line_in_short(change.text),
                          signed_bytes(growth));
    }
    return text.empty() ? "" : fmt::format("{}: {}", word, text);
  }

  // Where the difference of RSS is: it need not be the heap.
  void render_balance() {
    const std::vector<findings::BalanceChange>& balance = difference_.balance;
    std::string grew = list_balance("Memory that grew", 1, balance);
    std::string shrank = list_balance("Memory that shrank", -1, std::views::reverse(balance));
    for (const std::string& text : {grew, shrank})
      if (!text.empty()) write(text, &Palette::faint);
  }

  Output& out_;
  const snapshot::Snapshot& before_;
  const snapshot::Snapshot& after_;
  const Difference& difference_;
  const TextStyle& style_;
};

}  // namespace

std::string picture_text(const snapshot::TargetFacts& target) {
  if (target.kind == "process") return fmt::format("process {}", target.pid);
  return escape_controls(describe_file(target));
}

void render_difference_head(Output& out, const snapshot::Snapshot& before,
                            const snapshot::Snapshot& after, const Difference& difference,
                            const TextStyle& style) {
  DifferenceHead(out, before, after, difference, style).render();
}

}  // namespace goshawk::report
