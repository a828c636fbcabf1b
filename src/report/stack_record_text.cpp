// Calls of the runtime at the top of a stack are left out, unless there is nothing else. Columns
// stand as Go's text/tabwriter puts them (cells of whole tabs of 8). Unlike in older releases' own
// text, deep stacks are whole. Follows runtime/pprof/pprof.go (printStackRecord).
#include "report/stack_record_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "report/foreign_text.h"

namespace goshawk::report {

using snapshot::Frame;
using snapshot::FrameId;
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

// In the call, not behind it.
std::uint64_t offset_of(const Frame& frame) {
  return frame.entry_offset == 0 ? 0 : frame.entry_offset - 1;
}

std::vector<Line> list_calls(const Snapshot& snapshot, StackId stack, bool all) {
  std::vector<Line> lines;
  for (FrameId id : snapshot.stacks[stack]) {
    const Frame& frame = snapshot.stacks.frame(id);
    std::string_view name =
        snapshot.strings[frame.symbol != snapshot::kNone ? frame.symbol : frame.function];
    bool of_runtime = name.starts_with("runtime.") || name.starts_with("internal/runtime/");
    if (frame.elided || name == "runtime.goexit" || (!all && lines.empty() && of_runtime)) continue;
    lines.push_back(
        {fmt::format("{:#x}", frame.pc.value() - 1),
         fmt::format("{}+{:#x}", escape_controls(name), offset_of(frame)),
         fmt::format("{}:{}", escape_controls(snapshot.strings[frame.file]), frame.line)});
  }
  return lines;
}

}  // namespace

void append_return_addresses(std::string& text, const Snapshot& snapshot, StackId stack) {
  bool belongs = false;  // something at this address does: not a wrapper alone
  for (FrameId id : snapshot.stacks[stack]) {
    const Frame& frame = snapshot.stacks.frame(id);
    belongs = belongs || !frame.elided;
    if (frame.inlined || !belongs) continue;
    fmt::format_to(std::back_inserter(text), " {:#x}", frame.pc.value());
    belongs = false;
  }
}

void append_calls(std::string& text, const Snapshot& snapshot, StackId stack) {
  std::vector<Line> lines = list_calls(snapshot, stack, false);
  append_aligned(text, lines.empty() ? list_calls(snapshot, stack, true) : lines);
}

}  // namespace goshawk::report
