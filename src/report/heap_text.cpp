// Whoever asks for one part of it (what grows, the tree of holders, the types) gets that part first
// and the balance in one line below it; all the rest only with all, or where nobody can ask again.
//
// Of the balance the largest line first, with its share; what is below half a percent is put
// together, unless all is asked for, so that the lines still add up. Below it stands what is not in
// the sum.
#include "report/heap_text.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "report/foreign_text.h"
#include "report/heap_findings_text.h"
#include "report/heap_growth_text.h"
#include "report/heap_lines_text.h"
#include "report/holders_text.h"
#include "report/measures.h"
#include "report/picture_lines.h"
#include "report/type_table_text.h"

namespace goshawk::report {

using findings::Balance;
using findings::BalanceLine;

namespace {

constexpr std::uint64_t kAdvisedShare = 10;  // percent from which a line's advice is given

constexpr std::uint64_t kAbsentShare = 100;  // of the live heap: a hundredth is worth a word

constexpr std::size_t kToldInShort = 4;  // parts of memory

class HeapText {
 public:
  HeapText(Output& out, const snapshot::Snapshot& snapshot, const findings::HeapAnswer& answer,
           const TextStyle& style)
      : out_(out), snapshot_(snapshot), balance_(answer.balance), answer_(answer), style_(style) {}

  void render(const HeapDetails& details) {
    bool is_part_asked = grows() || details.dominators || details.types;
    if (is_part_asked) render_asked(details);
    if (is_part_asked && !style_.all && !answer_.cut_short)
      render_balance_in_short();
    else
      render_whole(details);
    for (const snapshot::Doubt& doubt : snapshot_.doubts)
      write("Doubt: " + escape_controls(doubt.what), &Palette::warning);
    render_pause_line(out_, snapshot_.picture, style_);
    render_next(details);
  }

 private:
  bool grows() const { return answer_.pictures.size() > 1; }

  void write(const std::string& text, std::string (Palette::*color)(std::string_view) const) {
    out_.write((style_.palette.*color)(wrap_text(text, 0, style_.columns)) + "\n");
  }

  // The first one says what it is of.
  void render_title(const std::string& title) {
    write(title, &Palette::bold);
    if (has_title_) return;
    has_title_ = true;
    render_target_line(out_, snapshot_.target, style_);
    out_.write("\n");
  }

  void render_asked(const HeapDetails& details) {
    if (grows()) {
      render_title("What grew from each picture to the next");
      render_heap_growth(out_, answer_, style_);
      out_.write("\n");
    }
    if (details.dominators) {
      render_title(holder_tree_title(answer_.holders));
      render_holder_tree(out_, answer_.holders, style_);
      out_.write("\n");
    }
    if (details.types && answer_.types) render_types(details);
  }

  void render_types(const HeapDetails& details) {
    render_title(type_table_title(*answer_.types));
    render_type_table(out_, *answer_.types, details.types, style_);
    out_.write("\n");
  }

  // "1.2 GB in memory (RSS): live objects with pointers 600 MB, free heap pages 398 MB, ..."
  void render_balance_in_short() {
    std::string text = fmt::format("{} {}", human_bytes(balance_.total_bytes), memory_text());
    std::size_t told = 0;
    for (const BalanceLine& line : balance_.lines) {
      if (line.bytes < balance_.total_bytes / 200 || told == kToldInShort) break;
      text += fmt::format("{} {} {}", told++ == 0 ? ":" : ",", findings::line_in_short(line.text),
                          human_bytes(line.bytes));
    }
    out_.write(wrap_text(text, 0, style_.columns) + "\n");
  }

  void render_whole(const HeapDetails& details) {
    render_title(fmt::format("{} {}; {} of Go objects are in use",
                             human_bytes(balance_.total_bytes), memory_text(),
                             human_bytes(balance_.live_bytes)));
    if (answer_.cut_short && !grows()) {
      write("What grows is not told: there is no second picture", &Palette::warning);
      out_.write("\n");
    }
    render_lines();
    out_.write("\n");
    render_beside();
    out_.write("\n");
    if (!details.dominators) {
      if (answer_.holders.known) render_suspects(out_, answer_.holders, style_);
      render_heap_findings(out_, answer_.findings, balance_.live_bytes, style_);
      render_heap_lines(out_, answer_.lines, balance_.live_bytes, style_);
    }
    if (!details.types && answer_.types) render_types(details);
  }

  bool is_of_dump() const { return snapshot_.target.kind == "heap-dump"; }

  std::string_view memory_text() const {
    if (is_of_dump()) return "of objects in the heap dump";
    return balance_.by_kernel ? "in memory (RSS)" : "of memory in the core";
  }

  void render_lines() {
    std::uint64_t small = 0;
    std::size_t small_count = 0;
    for (const BalanceLine& line : balance_.lines) {
      if (line.bytes == 0) continue;
      if (!style_.all && line.bytes < balance_.total_bytes / 200) {
        small += line.bytes;
        ++small_count;
        continue;
      }
      render_line(line);
    }
    if (small_count > 0)
      render_line({"", "", small, small_count, "smaller line", "goshawk heap --all shows them"});
    out_.write(fmt::format("{:>10}  {:>6}  total\n", human_bytes(balance_.total_bytes), "100 %"));
  }

  void render_line(const BalanceLine& line) {
    std::string text(line.text);
    if (line.count)
      text += fmt::format("{}{}", text.empty() ? "" : ": ", plural(*line.count, line.unit));
    constexpr std::size_t kIndent = 20;
    out_.write(fmt::format("{:>10}  {:>6}  {}\n", human_bytes(line.bytes),
                           share_text(line.bytes, balance_.total_bytes),
                           wrap_text(text, kIndent, style_.columns)));
    bool large = line.bytes >= balance_.total_bytes * kAdvisedShare / 100;
    if (!line.advice.empty() && (large || line.name.empty()))
      out_.write(std::string(kIndent, ' ') +
                 style_.palette.faint(wrap_text(line.advice, kIndent, style_.columns)) + "\n");
  }

  void render_beside() {
    std::string beside;
    auto add = [&](std::uint64_t bytes, std::string_view what) {
      if (bytes != 0)
        beside +=
            fmt::format("{}{} {}", beside.empty() ? "Not in it: " : ", ", human_bytes(bytes), what);
    };
    add(balance_.page_table_bytes, "of the kernel's page tables");
    add(balance_.swapped_bytes, "in swap");
    if (balance_.absent_live_bytes > balance_.live_bytes / kAbsentShare)
      add(balance_.absent_live_bytes,
          balance_.by_kernel
              ? "of live objects that are not in memory (never touched, or swapped out)"
              : "of live objects of which the core holds nothing but zeros");
    if (!beside.empty()) write(beside, &Palette::faint);
    if (balance_.by_kernel) return;
    write(is_of_dump() ? "A heap dump has the objects of Go's heap: no stacks, free pages, nor "
                         "memory outside of it"
                       : "A core does not say what was resident (RSS): its pages count that hold "
                         "anything but zeros",
          &Palette::faint);
  }

  void render_next(const HeapDetails& details) {
    if (snapshot_.target.kind != "process" || answer_.cut_short) return;
    std::string text;
    auto add = [&](std::string_view what, std::string_view how) {
      std::string command =
          text.empty() ? fmt::format("goshawk heap {}", snapshot_.target.pid) : "";
      text += fmt::format("{}{}: {}{}{}", text.empty() ? "" : "; ", what, command,
                          command.empty() || how.empty() ? "" : " ", how);
    };
    bool is_part_asked = grows() || details.dominators || details.types;
    if (is_part_asked) add("All of the balance, and what is not needed", "");
    if (!details.dominators)
      add(is_part_asked ? "who holds what" : "Who holds what below these", "--dominators");
    add("all of one type", "--object TYPE");
    add("which lines of code allocated it", "--allocations");
    if (!grows()) add("what grows", "--samples 5 --every 1m");
    text += fmt::format("; which goroutines leak: goshawk {}", snapshot_.target.pid);
    write(text, &Palette::faint);
  }

  Output& out_;
  const snapshot::Snapshot& snapshot_;
  const Balance& balance_;
  const findings::HeapAnswer& answer_;
  const TextStyle& style_;
  bool has_title_ = false;
};

}  // namespace

void render_heap_text(Output& out, const snapshot::Snapshot& snapshot,
                      const findings::HeapAnswer& answer, const TextStyle& style,
                      const HeapDetails& details) {
  HeapText(out, snapshot, answer, style).render(details);
}

}  // namespace goshawk::report
