// Goroutines with the same stack and labels are counted together, the largest group first: its
// return addresses, its labels, then a line for each call, inlined ones too. Calls of the runtime
// at the top of a stack are left out, unless there is nothing else. Columns stand as Go's
// text/tabwriter puts them (cells of whole tabs of 8). Unlike in older releases' own text, deep
// stacks are whole. Follows runtime/pprof/pprof.go (printCountProfile, printStackRecord).
#include "report/goroutine_counts_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "report/foreign_text.h"

namespace goshawk::report {

using snapshot::Frame;
using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::StackId;

namespace {

constexpr std::size_t kTab = 8;
constexpr std::size_t kColumns = 3;

using Line = std::array<std::string, kColumns>;  // address, function, place

void append_aligned(std::string& text, const std::vector<Line>& lines) {
  std::array<std::size_t, kColumns> tabs{};  // how many of them each column is wide
  for (const Line& line : lines)
    for (std::size_t i = 0; i < kColumns; ++i)
      tabs[i] = std::max(tabs[i], line[i].size() / kTab + 1);
  for (const Line& line : lines) {
    text += "#\t" + line[0];
    for (std::size_t i = 1; i < kColumns; ++i) {
      text.append(tabs[i - 1] - line[i - 1].size() / kTab, '\t');
      text += line[i];
    }
    text += '\n';
  }
}

class CountsText {
 public:
  explicit CountsText(const Snapshot& snapshot) : snapshot_(snapshot) {}

  void add(const Goroutine& goroutine) {
    auto [found, is_new] =
        numbers_.try_emplace({goroutine.stack, labels_text(goroutine)}, groups_.size());
    if (is_new) groups_.push_back({found->first.first, found->first.second, 0});
    ++groups_[found->second].count;
  }

  void write(Output& out) {
    std::ranges::stable_sort(groups_, std::greater(), &Group::count);
    for (const Group& group : groups_)
      if (out.usable()) out.write(render(group));
  }

 private:
  struct Group {
    StackId stack = 0;
    std::string labels;
    std::uint64_t count = 0;
  };

  std::string render(const Group& group) const {
    std::string text = fmt::format("{} @", group.count);
    bool belongs = false;  // something at this address does: not a wrapper alone
    for (FrameId id : snapshot_.stacks[group.stack]) {
      const Frame& frame = snapshot_.stacks.frame(id);
      belongs = belongs || !frame.elided;
      if (frame.inlined || !belongs) continue;
      fmt::format_to(std::back_inserter(text), " {:#x}", frame.pc.value());
      belongs = false;
    }
    text += "\n" + group.labels;
    std::vector<Line> lines = list_calls(group.stack, false);
    append_aligned(text, lines.empty() ? list_calls(group.stack, true) : lines);
    return text + "\n";
  }

  std::string labels_text(const Goroutine& goroutine) const {
    if (goroutine.label_count == 0) return "";
    std::vector<std::string> labels;
    for (std::uint32_t i = 0; i < goroutine.label_count; ++i) {
      const snapshot::Label& label = snapshot_.labels[goroutine.first_label + i];
      labels.push_back(fmt::format("\"{}\":\"{}\"", escape_controls(snapshot_.strings[label.key]),
                                   escape_controls(snapshot_.strings[label.value])));
    }
    std::ranges::sort(labels);
    return fmt::format("# labels: {{{}}}\n", fmt::join(labels, ", "));
  }

  std::vector<Line> list_calls(StackId stack, bool all) const {
    std::vector<Line> lines;
    for (FrameId id : snapshot_.stacks[stack]) {
      const Frame& frame = snapshot_.stacks.frame(id);
      std::string_view name =
          snapshot_.strings[frame.symbol != snapshot::kNone ? frame.symbol : frame.function];
      bool of_runtime = name.starts_with("runtime.") || name.starts_with("internal/runtime/");
      if (frame.elided || name == "runtime.goexit" || (!all && lines.empty() && of_runtime))
        continue;
      lines.push_back(
          {fmt::format("{:#x}", frame.pc.value() - 1),
           fmt::format("{}+{:#x}", escape_controls(name), offset_of(frame)),
           fmt::format("{}:{}", escape_controls(snapshot_.strings[frame.file]), frame.line)});
    }
    return lines;
  }

  // In the call, not behind it.
  static std::uint64_t offset_of(const Frame& frame) {
    return frame.entry_offset == 0 ? 0 : frame.entry_offset - 1;
  }

  const Snapshot& snapshot_;
  std::vector<Group> groups_;
  std::map<std::pair<StackId, std::string>, std::size_t> numbers_;
};

}  // namespace

void render_goroutine_counts(Output& out, const Snapshot& snapshot, const Selection& selection,
                             std::string_view type) {
  out.write(fmt::format("{} profile: total {}\n", type, selection.size()));
  CountsText text(snapshot);
  for (std::uint32_t index : selection) text.add(snapshot.goroutines[index]);
  text.write(out);
}

}  // namespace goshawk::report
