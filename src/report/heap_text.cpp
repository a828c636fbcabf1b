// The largest line first, with its share; what is below half a percent is put together, unless all
// is asked for, so that the lines still add up. Below it stands what is not in the sum.
#include "report/heap_text.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/picture_lines.h"

namespace goshawk::report {

using findings::Balance;
using findings::BalanceLine;

namespace {

constexpr std::uint64_t kAdvisedShare = 10;  // percent from which a line's advice is given

std::string share_text(std::uint64_t bytes, std::uint64_t total) {
  if (total == 0) return "";
  auto tenths = static_cast<std::uint64_t>(
      std::lround(static_cast<double>(bytes) * 1000.0 / static_cast<double>(total)));
  if (tenths < 1) return "<0.1 %";
  if (tenths >= 100) return fmt::format("{} %", (tenths + 5) / 10);
  return fmt::format("{}.{} %", tenths / 10, tenths % 10);
}

class HeapText {
 public:
  HeapText(Output& out, const snapshot::Snapshot& snapshot, const Balance& balance,
           const findings::HeapHolders& holders, const TextStyle& style)
      : out_(out), snapshot_(snapshot), balance_(balance), holders_(holders), style_(style) {}

  void render(bool dominators) {
    render_heading();
    render_target_line(out_, snapshot_.target, style_);
    out_.write("\n");
    render_lines();
    out_.write("\n");
    render_beside();
    out_.write("\n");
    if (dominators)
      render_tree();
    else
      render_suspects();
    for (const snapshot::Doubt& doubt : snapshot_.doubts)
      write("Doubt: " + escape_controls(doubt.what), &Palette::warning);
    render_pause_line(out_, snapshot_.picture, style_);
    render_next();
  }

 private:
  void write(const std::string& text, std::string (Palette::*color)(std::string_view) const) {
    out_.write((style_.palette.*color)(wrap_text(text, 0, style_.columns)) + "\n");
  }

  void render_heading() {
    write(fmt::format("{} {}; {} of Go objects are in use", human_bytes(balance_.total_bytes),
                      balance_.by_kernel ? "in memory (RSS)" : "of memory in the core",
                      human_bytes(balance_.live_bytes)),
          &Palette::bold);
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
    if (!beside.empty()) write(beside, &Palette::faint);
    if (!balance_.by_kernel)
      write(
          "A core does not say what was resident (RSS): its pages count that hold anything but "
          "zeros",
          &Palette::faint);
  }

  // "main.sessions holds 812 MB in 1,200,000 objects (62 % of the live heap)"
  std::string holding_text(const findings::HeapHolder& holder) const {
    return fmt::format("{} {} {} in {} ({} of the live heap)", escape_controls(holder.path),
                       holder.path.find(" goroutines, in ") == std::string::npos ? "holds" : "hold",
                       human_bytes(holder.retained_bytes),
                       plural(holder.retained_objects, "object"),
                       share_text(holder.retained_bytes, holders_.live_bytes));
  }

  void render_suspects() {
    for (const findings::HeapSuspect& suspect : holders_.suspects) {
      out_.write(
          style_.palette.confidence(suspect.finding.confidence,
                                    wrap_text(holding_text(suspect.holder), 0, style_.columns)) +
          "\n");
      if (suspect.accumulation.path != suspect.holder.path)
        write_indented(fmt::format("spreads out at {}: {} in {}",
                                   escape_controls(suspect.accumulation.path),
                                   human_bytes(suspect.accumulation.retained_bytes),
                                   plural(suspect.accumulation.retained_objects, "object")));
    }
    if (holders_.suspects.empty())
      out_.write("Nobody holds a tenth of the live heap and 10 MB of it.\n");
    else
      out_.write(style_.palette.faint(wrap_text(
                     fmt::format("suspected, by its size alone ({}): {}; goshawk explain retained",
                                 holders_.suspects.front().finding.rule,
                                 holders_.suspects.front().finding.advice),
                     0, style_.columns)) +
                 "\n");
    out_.write("\n");
  }

  void write_indented(const std::string& text) {
    out_.write("  " + wrap_text(text, 2, style_.columns) + "\n");
  }

  void render_tree() {
    out_.write(fmt::format("What would be freed if its holder let go, of {} in use:\n\n",
                           human_bytes(holders_.live_bytes)));
    for (const findings::HeapHolder& holder : holders_.tree) {
      std::size_t indent = 20 + std::size_t{holder.depth} * 2;
      std::string text = holder.path.empty() ? fmt::format("object at {:#x}", holder.address)
                                             : escape_controls(holder.path);
      out_.write(fmt::format(
          "{:>10}  {:>6}  {}{}\n", human_bytes(holder.retained_bytes),
          share_text(holder.retained_bytes, holders_.live_bytes), std::string(indent - 20, ' '),
          wrap_text(fmt::format("{} ({})", text, plural(holder.retained_objects, "object")), indent,
                    style_.columns)));
    }
    out_.write("\n");
  }

  void render_next() {
    if (snapshot_.target.kind == "process")
      write(
          fmt::format("Who holds what below these: goshawk heap {} --dominators; which goroutines "
                      "leak: goshawk {}",
                      snapshot_.target.pid, snapshot_.target.pid),
          &Palette::faint);
  }

  Output& out_;
  const snapshot::Snapshot& snapshot_;
  const Balance& balance_;
  const findings::HeapHolders& holders_;
  const TextStyle& style_;
};

}  // namespace

void render_heap_text(Output& out, const snapshot::Snapshot& snapshot, const Balance& balance,
                      const findings::HeapHolders& holders, const TextStyle& style,
                      bool dominators) {
  HeapText(out, snapshot, balance, holders, style).render(dominators);
}

}  // namespace goshawk::report
