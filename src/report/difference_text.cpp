// First the sums of both pictures; then what grew, by type, by who holds it, by goroutines, by the
// code that allocated it, the most first; then what shrank; last, loudly, what was not compared.
// What changed by less than half a percent is counted, and shown with --all. That nothing grew is
// said of each table by itself, for what was not compared may have grown.
#include "report/difference_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "findings/function_name.h"
#include "report/changed_holders.h"
#include "report/difference_head.h"
#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/picture_lines.h"
#include "report/type_table_text.h"

namespace goshawk::report {

using findings::AllocationChange;
using findings::CodePlace;
using findings::Difference;
using findings::GoroutineChange;
using findings::Relation;
using findings::TypeChange;

namespace {

constexpr std::size_t kShownTypes = 5, kShownHolders = 7, kShownGoroutines = 4, kShownSites = 4;
constexpr std::size_t kShownShrunk = 3;
constexpr std::size_t kIndent = 46;           // the numbers before a text
constexpr std::size_t kGoroutineIndent = 34;  // ... of goroutines, without objects

template <typename Change>
using Rows = std::vector<const Change*>;

// The innermost frame that is the program's own, if `at` is none; else nullptr.
const CodePlace* own_caller(const CodePlace& at, const std::vector<CodePlace>& stack) {
  if (findings::is_of_a_module(at.function)) return nullptr;
  auto own = std::ranges::find_if(
      stack, [](const CodePlace& place) { return findings::is_of_a_module(place.function); });
  return own == stack.end() ? nullptr : &*own;
}

CodeLine code_line(const CodePlace& place, std::string prefix) {
  return {std::move(prefix), place.function, place.file, place.line};
}

std::string short_function(const CodePlace& place) {
  return escape_controls(findings::shorten_type_arguments(place.function));
}

std::string found_text(const findings::GoroutineKind::Count& count) {
  std::string text;
  for (auto [found, word] :
       {std::pair(count.proven, "proven leaked"), std::pair(count.likely, "likely leaked"),
        std::pair(count.suspected, "suspected")})
    if (found > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                          found == count.all ? "all" : human_count(found), word);
  return text;
}

std::string state_text(const findings::GoroutineKind& kind) {
  return kind.state.empty() ? "at work (running, sleeping or in system calls)"
                            : escape_controls(kind.state);
}

class DifferenceText {
 public:
  DifferenceText(Output& out, const snapshot::Snapshot& before, const snapshot::Snapshot& after,
                 const Difference& difference, const TextStyle& style)
      : out_(out), before_(before), after_(after), difference_(difference), style_(style) {}

  void render() {
    render_difference_head(out_, before_, after_, difference_, style_);
    render_grown();
    render_shrunk();
    render_remarks();
    render_doubts();
    render_end();
  }

 private:
  void write(const std::string& text, std::string (Palette::*color)(std::string_view) const) {
    out_.write((style_.palette.*color)(wrap_text(text, 0, style_.columns)) + "\n");
  }

  // ---- what grew ----

  void render_grown() {
    bool any = false;
    std::vector<std::string> nothing;
    auto tell = [&](std::string_view what, bool has_grown) {
      if (!has_grown) nothing.emplace_back(what);
      any |= has_grown;
    };
    if (difference_.types) tell("types", render_grown_types());
    if (difference_.holders) tell("holders", render_grown_holders());
    tell("goroutines", render_grown_goroutines());
    if (difference_.allocations) tell("allocation sites", render_grown_allocations());
    if (nothing.empty()) return;
    std::string text =
        any ? fmt::format("Nothing grew among {}", list_names(nothing)) : "Nothing grew";
    if (!any && nothing.size() < 4)
      text += fmt::format(" of what was compared ({})", list_names(nothing));
    if (!style_.all) text += fmt::format(" by {} or more{}", least_text(), smaller_growth());
    write_paragraph(text, any ? &Palette::faint : &Palette::good);
  }

  static std::string list_names(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
      text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return text;
  }

  // "1.5 MB (0.5 % of the live heap)"
  std::string least_text() const {
    bool is_share = difference_.least_bytes > findings::kNoiseBytes;
    return human_bytes(difference_.least_bytes) + (is_share ? " (0.5 % of the live heap)" : "");
  }

  // So that "nothing" is not read as nothing at all.
  std::string smaller_growth() const {
    if (!difference_.types || difference_.types->empty()) return "";
    const TypeChange& first = difference_.types->front();
    if (first.growth() <= 0 || findings::matters(first, difference_)) return "";
    return fmt::format("; the most is {} of {}: --all shows all", signed_bytes(first.growth()),
                       type_text(first));
  }

  void write_paragraph(const std::string& text,
                       std::string (Palette::*color)(std::string_view) const) {
    out_.write("\n");
    write(text, color);
  }

  template <typename Change>
  Rows<Change> rows_of(const std::vector<Change>& changes, bool grown) const {
    Rows<Change> rows;
    for (const Change& change : changes) {
      bool in_direction = grown ? grew(change) : change.growth() < 0;
      if (in_direction && (style_.all || findings::matters(change, difference_)))
        rows.push_back(&change);
    }
    if (!grown) std::ranges::reverse(rows);
    return rows;
  }

  template <typename Change>
  static bool grew(const Change& change) {
    return change.growth() > 0;
  }
  // More of them leaked is growth, too.
  static bool grew(const GoroutineChange& change) {
    return change.growth() > 0 ||
           (change.growth() == 0 && change.after.proven > change.before.proven);
  }

  template <typename Change>
  std::size_t shown_of(const Rows<Change>& rows, std::size_t most) const {
    return style_.all ? rows.size() : std::min(rows.size(), most);
  }

  void render_title(std::string_view last_column, std::string_view title,
                    std::string_view first_column = "growth") {
    std::string columns = fmt::format("{:>10} {:>10} {:>10} {:>11}  {}", first_column, "before",
                                      "after", last_column, title);
    out_.write("\n" + style_.palette.bold(columns) + "\n");
  }

  std::string numbers(std::uint64_t before, std::uint64_t after, const std::string& last) const {
    return fmt::format("{:>10} {:>10} {:>10} {:>11}  ",
                       signed_bytes(findings::growth_of(before, after)), human_bytes(before),
                       human_bytes(after), last);
  }

  std::string amounts(const findings::Amount& before, const findings::Amount& after) const {
    std::int64_t objects = findings::growth_of(before.objects, after.objects);
    return numbers(before.bytes, after.bytes, objects == 0 ? "" : signed_count(objects));
  }

  void write_row(const std::string& before, std::size_t indent, const std::string& text) {
    out_.write(before + wrap_text(text, indent, style_.columns) + "\n");
  }

  void render_rest(std::size_t count, std::string_view what, std::size_t indent) {
    if (count == 0) return;
    out_.write(std::string(indent, ' ') +
               style_.palette.faint(fmt::format("{} more: --all shows {}", plural(count, what),
                                                count == 1 ? "it" : "them")) +
               "\n");
  }

  static std::string type_text(const TypeChange& change) {
    return escape_controls(change.type.empty() ? unknown_text({.slot_bytes = change.slot_bytes,
                                                               .has_pointers = change.has_pointers,
                                                               .held_by = change.held_by})
                                               : change.type);
  }

  bool render_grown_types() {
    Rows<TypeChange> rows = rows_of(*difference_.types, true);
    if (rows.empty()) return false;
    render_title("objects", "grew, by type");
    std::size_t shown = shown_of(rows, kShownTypes);
    for (std::size_t i = 0; i < shown; ++i)
      write_row(amounts(rows[i]->before, rows[i]->after), kIndent, type_text(*rows[i]));
    render_rest(rows.size() - shown, "type", kIndent);
    return true;
  }

  std::vector<HolderLine> holder_lines(Direction direction) const {
    return tell_changed_holders(*difference_.holders, *difference_.types, direction,
                                style_.all ? 1 : difference_.least_bytes);
  }

  bool render_grown_holders() {
    std::vector<HolderLine> lines = holder_lines(Direction::kGrew);
    if (lines.empty()) return false;
    render_title("objects", "grew, by who holds it");
    std::size_t shown = style_.all ? lines.size() : std::min(lines.size(), kShownHolders);
    // Not a holder without the place below it.
    while (shown < lines.size() && shown > 1 && lines[shown].depth > 0) --shown;
    if (shown == 1 && lines.size() > 1 && lines[1].depth > 0) shown = 2;
    for (std::size_t i = 0; i < shown; ++i) {
      std::size_t indent = std::size_t{lines[i].depth} * 2;
      write_row(amounts(lines[i].change->before, lines[i].change->after) + std::string(indent, ' '),
                kIndent + indent, lines[i].text);
    }
    std::size_t rest = std::ranges::count(lines.begin() + static_cast<std::ptrdiff_t>(shown),
                                          lines.end(), 0U, &HolderLine::depth);
    render_rest(rest, "holder", kIndent);
    return true;
  }

  bool render_grown_goroutines() {
    Rows<GoroutineChange> rows = rows_of(difference_.goroutines, true);
    if (rows.empty()) return false;
    out_.write("\n" +
               style_.palette.bold(fmt::format("{:>10} {:>10} {:>10}  grew, goroutines", "growth",
                                               "before", "after")) +
               "\n");
    std::size_t shown = shown_of(rows, kShownGoroutines);
    for (std::size_t i = 0; i < shown; ++i) render_goroutines(*rows[i]);
    if (rows.size() > shown) render_rest(rows.size() - shown, "kind", kGoroutineIndent);
    return true;
  }

  static std::string counts(const GoroutineChange& change) {
    return fmt::format("{:>10} {:>10} {:>10}  ", signed_count(change.growth()),
                       human_count(change.before.all), human_count(change.after.all));
  }

  void render_goroutines(const GoroutineChange& change) {
    std::string found = found_text(change.after);
    std::string text = state_text(change.what);
    if (!found.empty()) text += ": " + found;
    findings::Confidence confidence = change.after.proven > 0   ? findings::Confidence::kProven
                                      : change.after.likely > 0 ? findings::Confidence::kLikely
                                                                : findings::Confidence::kUnknown;
    out_.write(
        counts(change) +
        style_.palette.confidence(confidence, wrap_text(text, kGoroutineIndent, style_.columns)) +
        "\n");
    const findings::GoroutineKind& what = change.what;
    std::vector<CodeLine> lines = {code_line(what.at, "")};
    if (const CodePlace* own = own_caller(what.at, what.stack))
      lines.push_back(code_line(*own, "called by "));
    if (!what.created_by.function.empty())
      lines.push_back(code_line(what.created_by, "started by "));
    render_code_lines(out_, style_, kGoroutineIndent, lines);
  }

  bool render_grown_allocations() {
    Rows<AllocationChange> rows = rows_of(*difference_.allocations, true);
    if (rows.empty()) return false;
    bool has_flow = difference_.relation == Relation::kSameProcess;
    render_title(has_flow ? "allocated" : "objects", "in use grew, by who allocated it");
    std::size_t shown = shown_of(rows, kShownSites);
    std::vector<CodeLine> lines;
    for (std::size_t i = 0; i < shown; ++i) add_site(*rows[i], has_flow, lines);
    render_code_lines(out_, style_, 0, lines);
    render_rest(rows.size() - shown, "stack", kIndent);
    return true;
  }

  // What was allocated meanwhile, and is not in use more, was freed.
  void add_site(const AllocationChange& change, bool has_flow, std::vector<CodeLine>& lines) const {
    std::string row = has_flow
                          ? numbers(change.before.bytes, change.after.bytes,
                                    signed_bytes(findings::growth_of(change.allocated_before.bytes,
                                                                     change.allocated_after.bytes)))
                          : amounts(change.before, change.after);
    if (change.stack.empty()) return lines.push_back({.prefix = row, .function = "?"});
    lines.push_back(code_line(change.stack.front(), row));
    std::size_t shown =
        style_.all ? change.stack.size() : std::min<std::size_t>(3, change.stack.size());
    bool has_own = false;
    for (std::size_t i = 0; i < shown; ++i)
      has_own |= findings::is_of_a_module(change.stack[i].function);
    std::string called = fmt::format("{:>{}}  ", "called by", kIndent - 2);
    std::string further(kIndent, ' ');
    for (std::size_t i = 1; i < shown; ++i) {
      const CodePlace* place = &change.stack[i];
      const CodePlace* own = own_caller(*place, change.stack);
      bool is_last = i + 1 == shown;
      if (is_last && !has_own && own != nullptr) place = own;
      lines.push_back(code_line(*place, i == 1 ? called : further));
    }
  }

  // ---- what shrank ----

  void render_shrunk() {
    std::vector<std::pair<std::string, std::string>> rows;
    auto add = [&](const auto& changes, auto&& numbers_of, auto&& text_of) {
      for (std::size_t i = 0; i < shown_of(changes, kShownShrunk); ++i)
        rows.emplace_back(numbers_of(*changes[i]), text_of(*changes[i]));
      hidden_ += changes.size() - shown_of(changes, kShownShrunk);
    };
    auto bytes = [&](const auto& change) { return amounts(change.before, change.after); };
    hidden_ = 0;
    if (difference_.types)
      add(rows_of(*difference_.types, false), bytes,
          [](const TypeChange& change) { return "type " + type_text(change); });
    if (difference_.holders) add_shrunk_holders(rows);
    add(
        rows_of(difference_.goroutines, false),
        [](const GoroutineChange& change) { return counts(change) + std::string(12, ' '); },
        shrunk_goroutines);
    if (difference_.allocations)
      add(rows_of(*difference_.allocations, false), bytes, shrunk_allocations);
    if (rows.empty()) {
      std::string least = style_.all ? "" : fmt::format(" by {} or more", least_text());
      return write_paragraph("Nothing shrank" + least, &Palette::faint);
    }
    render_title("objects", "shrank, or was freed", "change");
    for (const auto& [numbers, text] : rows) write_row(numbers, kIndent, text);
    if (hidden_ > 0)
      out_.write(std::string(kIndent, ' ') +
                 style_.palette.faint(
                     fmt::format("{} more that shrank: --all shows them", human_count(hidden_))) +
                 "\n");
  }

  // Where it was: the line below, if there is one, says it best.
  void add_shrunk_holders(std::vector<std::pair<std::string, std::string>>& rows) {
    std::vector<HolderLine> lines = holder_lines(Direction::kShrank);
    std::size_t shown = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].depth > 0) continue;
      if (shown++ >= kShownShrunk && !style_.all) {
        ++hidden_;
        continue;
      }
      bool has_place = i + 1 < lines.size() && lines[i + 1].depth == 1;
      std::string text = "held by " + lines[has_place ? i + 1 : i].whole;
      rows.emplace_back(amounts(lines[i].change->before, lines[i].change->after), text);
    }
  }

  static std::string shrunk_goroutines(const GoroutineChange& change) {
    std::string text = fmt::format("goroutines, {} in {}", state_text(change.what),
                                   short_function(change.what.at));
    if (!change.what.created_by.function.empty())
      text += ", started by " + short_function(change.what.created_by);
    return text;
  }

  static std::string shrunk_allocations(const AllocationChange& change) {
    if (change.stack.empty()) return "allocated by ?";
    std::string text = "allocated by " + short_function(change.stack.front());
    const CodePlace* own = own_caller(change.stack.front(), change.stack);
    if (own != nullptr)
      text += ", called by " + short_function(*own);
    else if (change.stack.size() > 1)
      text += ", called by " + short_function(change.stack[1]);
    return text;
  }

  // ---- the end ----

  void render_remarks() {
    for (std::string remark : difference_.remarks) {
      remark = escape_controls(remark);
      if (!remark.empty() && remark.front() >= 'a' && remark.front() <= 'z')
        remark.front() = static_cast<char>(remark.front() - 'a' + 'A');
      write_paragraph(remark, &Palette::warning);
    }
  }

  void render_doubts() {
    for (const snapshot::Snapshot* one : {&before_, &after_})
      for (const snapshot::Doubt& doubt : one->doubts)
        write_paragraph(
            fmt::format("Doubt, of {}: {}", picture_text(one->target), escape_controls(doubt.what)),
            &Palette::warning);
  }

  void render_end() {
    out_.write("\n");
    if (difference_.allocations && !difference_.allocations->empty())
      write(
          "Allocations are estimated from the samples of the program's runtime, as of its last "
          "collection before each picture; what was allocated and is not in use more was freed",
          &Palette::faint);
    for (const snapshot::Snapshot* one : {&before_, &after_})
      if (one->target.kind == "process") render_pause_line(out_, one->picture, style_);
    render_next();
  }

  void render_next() {
    const snapshot::TargetFacts& target = after_.target;
    std::string name =
        target.kind == "process" ? fmt::format("{}", target.pid) : escape_controls(target.name);
    if (!difference_.types || difference_.types->empty()) return;
    const TypeChange& most = difference_.types->front();
    if (most.growth() <= 0 || most.type.empty()) return;
    std::string type = type_text(most);
    bool is_plain = type.find_first_of(" *[]{}()<>|&;'\"$`\\") == std::string::npos;
    write(fmt::format("Who holds all of one type: goshawk heap {} --path {}", name,
                      is_plain ? type : "'" + type + "'"),
          &Palette::faint);
  }

  Output& out_;
  const snapshot::Snapshot& before_;
  const snapshot::Snapshot& after_;
  const Difference& difference_;
  const TextStyle& style_;
  std::size_t hidden_ = 0;  // of what shrank
};

}  // namespace

void render_difference_text(Output& out, const snapshot::Snapshot& before,
                            const snapshot::Snapshot& after, const Difference& difference,
                            const TextStyle& style) {
  DifferenceText(out, before, after, difference, style).render();
}

}  // namespace goshawk::report
