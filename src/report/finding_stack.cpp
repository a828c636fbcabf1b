// The frames of the runtime and of sync at the top say what the headline says already and are left
// out. Of a deep stack the innermost frames are shown, and the first that is the program's own:
// where a library waits, that is the one that its reader knows.
#include "report/finding_stack.h"

#include <fmt/format.h>

#include <algorithm>

#include "findings/function_name.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::CodePlace;
using findings::Finding;

namespace {

constexpr std::size_t kShownFrames = 6;

CodeLine line_of(const CodePlace& place, std::string prefix = "") {
  return {std::move(prefix), place.function, place.file, place.line};
}

// Where all wait on behalf of nobody else (go once.Do(f)): what was called, without its insides.
auto last_machinery(const std::vector<CodePlace>& stack) {
  auto last = stack.end();
  if (last != stack.begin()) --last;
  if (last != stack.begin() && last->function == "runtime.goexit") --last;
  return last;
}

void add_hidden(std::vector<CodeLine>& lines, std::size_t count, std::string_view what) {
  if (count > 0) lines.push_back({.note = fmt::format("... {}", plural(count, what))});
}

}  // namespace

std::vector<CodeLine> finding_stack(const Finding& finding, const TextStyle& style) {
  std::vector<CodeLine> lines;
  auto end = finding.stack.end();
  auto first = std::ranges::find_if_not(finding.stack, [](const CodePlace& place) {
    return findings::is_waiting_machinery(place.function);
  });
  if (style.all) first = finding.stack.begin();
  if (first == end) first = last_machinery(finding.stack);
  auto count = static_cast<std::size_t>(end - first);
  std::size_t shown = style.all || count <= kShownFrames + 1 ? count : kShownFrames;
  auto own = std::find_if(
      first, end, [](const CodePlace& place) { return findings::is_of_a_module(place.function); });
  auto own_at = static_cast<std::size_t>(own - first);
  bool is_apart = own != end && own_at >= shown;
  if (is_apart) --shown;
  for (std::size_t i = 0; i < shown; ++i)
    lines.push_back(line_of(first[static_cast<std::ptrdiff_t>(i)]));
  if (is_apart) {
    add_hidden(lines, own_at - shown, "frame");
    lines.push_back(line_of(*own));
    shown = own_at + 1;
  }
  add_hidden(lines, count - shown, "outer frame");
  if (!finding.created_at.function.empty())
    lines.push_back(line_of(finding.created_at, "started by "));
  return lines;
}

}  // namespace goshawk::report
