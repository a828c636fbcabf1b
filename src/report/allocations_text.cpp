// A line for each place that allocates, the one with most in use first, and below it the callers by
// which most of that came; of which all was freed, those are left to --all. Amounts are estimates
// of a sampling profiler, and what it says.
#include "report/allocations_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/picture_lines.h"
#include "snapshot/allocation_estimate.h"

namespace goshawk::report {

using snapshot::AllocationAmount;
using snapshot::AllocationEstimate;
using snapshot::AllocationSite;
using snapshot::FrameId;

namespace {

constexpr std::size_t kShownSites = 10, kShownCallers = 2;
constexpr std::size_t kIndent = 32;  // the amounts before a place

std::string share_of(std::int64_t bytes, std::int64_t total) {
  double percent = total == 0 ? 0 : 100.0 * static_cast<double>(bytes) / static_cast<double>(total);
  return fmt::format("{:.1f} %", percent);
}

class AllocationsText {
 public:
  AllocationsText(Output& out, const snapshot::Snapshot& picture, const TextStyle& style)
      : out_(out),
        picture_(picture),
        style_(style),
        total_(estimate_total(picture.allocations)),
        sites_(add_up_sites(picture)) {}

  void render() {
    render_header();
    for (const snapshot::Doubt& doubt : picture_.doubts) write_wrapped(escape_controls(doubt.what));
    if (sites_.empty()) return;
    std::string header =
        fmt::format("\n{:>10}  {:>7}  {:>9}  allocated by", "in use", "share", "objects");
    out_.write(style_.palette.bold(header) + "\n");
    std::size_t in_use = count_in_use();
    std::size_t shown = style_.all ? sites_.size() : std::min(in_use, kShownSites);
    std::vector<CodeLine> lines;
    for (std::size_t i = 0; i < shown; ++i) add_site(sites_[i], lines);
    render_code_lines(out_, style_, 0, lines);
    if (!style_.all) render_rest(in_use - shown, sites_.size() - in_use);
  }

 private:
  void render_header() {
    out_.write(style_.palette.bold(fmt::format("{} in use of {} allocated since the start\n",
                                               human_bytes(as_unsigned(total_.in_use.bytes)),
                                               human_bytes(as_unsigned(total_.allocated.bytes)))));
    render_target_line(out_, picture_.target, style_);
    std::uint64_t rate = picture_.allocations.rate_bytes;
    if (picture_.allocations.records.empty())
      write_wrapped(
          "The program's runtime has sampled no allocation yet, of which it takes one in " +
          human_bytes(rate) + ".");
    else if (rate == 0)
      write_wrapped(
          "The program has switched sampling off since (runtime.MemProfileRate is 0): amounts are "
          "of the samples alone, and too small.");
    else
      write_wrapped(fmt::format(
          "{}, as of its last collection: what that did not free counts as in use.",
          rate == 1 ? std::string("The program's runtime counts every allocation")
                    : "Estimated from the samples of the program's own runtime, one in " +
                          human_bytes(rate)));
  }

  static std::uint64_t as_unsigned(std::int64_t amount) {
    return amount < 0 ? 0 : static_cast<std::uint64_t>(amount);
  }

  void write_wrapped(const std::string& text) {
    out_.write(style_.palette.faint(wrap_text(text, 0, style_.columns)) + "\n");
  }

  CodeLine line_of(FrameId id, std::string prefix) const {
    if (id == snapshot::kNone) return {.prefix = std::move(prefix), .function = "?"};
    const snapshot::Frame& frame = picture_.stacks.frame(id);
    return {.prefix = std::move(prefix),
            .function = std::string(picture_.strings[frame.function]),
            .file = std::string(picture_.strings[frame.file]),
            .line = frame.line};
  }

  void add_site(const AllocationSite& site, std::vector<CodeLine>& lines) const {
    const AllocationAmount& in_use = site.estimate.in_use;
    lines.push_back(line_of(
        site.frame, fmt::format("{:>10}  {:>7}  {:>9}  ", human_bytes(as_unsigned(in_use.bytes)),
                                share_of(in_use.bytes, total_.in_use.bytes),
                                human_count(as_unsigned(in_use.objects)))));
    std::vector<FrameId> frames = allocation_frames(picture_, site.largest_stack);
    std::size_t end = style_.all ? frames.size() : std::min(frames.size(), kShownCallers + 1);
    for (std::size_t i = 1; i < end; ++i)
      lines.push_back(
          line_of(frames[i], fmt::format("{:>{}}  ", i == 1 ? "called by" : "", kIndent - 2)));
  }

  // Those come first.
  std::size_t count_in_use() const {
    auto end = std::ranges::find_if(
        sites_, [](const AllocationSite& site) { return site.estimate.in_use.bytes <= 0; });
    return static_cast<std::size_t>(end - sites_.begin());
  }

  // "3 more lines of code, and 2 of which all was freed: --all shows them"
  void render_rest(std::size_t more, std::size_t freed) {
    if (more + freed == 0) return;
    std::string text = more == 0 ? "" : plural(more, "more line of code", "more lines of code");
    if (freed > 0)
      text += (more == 0 ? plural(freed, "line of code", "lines of code")
                         : fmt::format(", and {}", human_count(freed))) +
              " of which all was freed";
    text += more + freed == 1 ? ": --all shows it" : ": --all shows them";
    out_.write(std::string(kIndent, ' ') +
               style_.palette.faint(wrap_text(text, kIndent, style_.columns)) + "\n");
  }

  Output& out_;
  const snapshot::Snapshot& picture_;
  const TextStyle& style_;
  AllocationEstimate total_;
  std::vector<AllocationSite> sites_;
};

}  // namespace

void render_allocations_text(Output& out, const snapshot::Snapshot& picture,
                             const TextStyle& style) {
  AllocationsText(out, picture, style).render();
}

}  // namespace goshawk::report
