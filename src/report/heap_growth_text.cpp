// First how the live heap itself went, so that "grew" has a measure, also where nothing did. What
// came by less than a four-hundredth of the live heap is left to --all.
#include "report/heap_growth_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::HeapAnswer;
using findings::HeapFinding;
using findings::HeapPicture;

namespace {

constexpr std::uint64_t kLeastShare = 400;
constexpr std::size_t kMost = 8;
constexpr std::size_t kMostNumbers = 6;  // of a series
constexpr std::size_t kIndent = 20;

// "10, 20, 30"; of many the first and the last.
std::string series_text(std::vector<std::string> numbers) {
  if (numbers.size() > kMostNumbers) numbers = {numbers.front(), "...", numbers.back()};
  return fmt::format("{}", fmt::join(numbers, ", "));
}

std::string counts_text(const findings::Growth& growth) {
  std::vector<std::string> counts;
  for (const findings::Growth::Sample& sample : growth.samples)
    counts.push_back(human_count(sample.count));
  return series_text(std::move(counts));
}

// Of a map or slices that were too small to be seen at first.
std::string sizes_text(const findings::Growth& growth) {
  std::vector<std::string> counts;
  for (const findings::Growth::Sample& sample : growth.samples)
    counts.push_back(sample.count == 0 ? "few" : human_count(sample.count));
  return series_text(std::move(counts));
}

std::string bytes_text(const findings::Growth& growth) {
  std::vector<std::string> bytes;
  for (const findings::Growth::Sample& sample : growth.samples)
    bytes.push_back(human_bytes(sample.count));
  return series_text(std::move(bytes));
}

std::string heap_text(const std::vector<HeapPicture>& pictures) {
  std::vector<std::string> live;
  std::int64_t longest = 0;
  for (const HeapPicture& picture : pictures) {
    live.push_back(human_bytes(picture.live_bytes));
    longest = std::max(longest, picture.pause_ns);
  }
  auto span_ns = static_cast<std::int64_t>(pictures.back().seconds * 1e9);
  return fmt::format(
      "{} in {}: {} of Go objects in use; RSS {}, then {}; the process stood still for {} at most "
      "each time",
      plural(pictures.size(), "picture"), human_duration(span_ns), series_text(std::move(live)),
      human_bytes(pictures.front().rss_bytes), human_bytes(pictures.back().rss_bytes),
      human_duration(longest));
}

// By SIGSTOP, ^Z or a debugger that let go of it.
std::string stopped_text(const std::vector<HeapPicture>& pictures) {
  auto stopped =
      static_cast<std::size_t>(std::ranges::count_if(pictures, &HeapPicture::is_stopped));
  if (stopped == 0) return "";
  if (stopped == pictures.size())
    return "The process was stopped by a signal for all of it: nothing can grow until it goes on "
           "(SIGCONT)";
  return fmt::format(
      "The process was stopped by a signal at {} of these pictures: less can grow "
      "meanwhile",
      human_count(stopped));
}

std::string nothing_text(std::uint64_t first_bytes, std::uint64_t last_bytes) {
  std::uint64_t noise = std::max<std::uint64_t>(first_bytes / 50, 64 << 10);
  if (last_bytes <= first_bytes + noise)
    return "Nothing: no map, no slice and no type has more from each picture to the next";
  return fmt::format(
      "No map, slice or type can be told that did so each time, though {} more is in use: take "
      "pictures farther apart, or compare two snapshots (goshawk diff)",
      human_bytes(last_bytes - first_bytes));
}

std::string came_with_text(const HeapFinding& found) {
  std::string text;
  for (const findings::TypeCost& type : found.came_with)
    text += fmt::format("{}{} × {} ({})", text.empty() ? "; with them came " : ", ",
                        human_count(type.objects),
                        type.type.empty() ? "objects of unknown type" : escape_controls(type.type),
                        human_bytes(type.bytes));
  return text;
}

std::string type_of(const HeapFinding& found) {
  if (!found.type.empty()) return escape_controls(found.type);
  return found.slot_bytes == 0
             ? "large objects of unknown type"
             : fmt::format("objects of unknown type in slots of {}", human_bytes(found.slot_bytes));
}

std::string text_of(const HeapFinding& found) {
  const findings::Growth& growth = *found.finding.growth;
  std::string place = escape_controls(found.place);
  if (found.finding.rule == "heap/growing-map")
    return fmt::format("{} ({}{}): {} entries{}", place,
                       found.finding.count == 1 ? "" : human_count(found.finding.count) + " maps, ",
                       type_of(found), sizes_text(growth), came_with_text(found));
  if (found.finding.rule == "heap/growing-slice")
    return fmt::format(
        "{} ({}{}): {} elements{}", place,
        found.finding.count == 1 ? "" : human_count(found.finding.count) + " slices, ",
        type_of(found), sizes_text(growth), came_with_text(found));
  if (found.finding.count == 0)
    return fmt::format("{}: {}, one of them {}{}", type_of(found), bytes_text(growth), place,
                       came_with_text(found));
  return fmt::format("{}: {} objects, one of them {}{}", type_of(found), counts_text(growth), place,
                     came_with_text(found));
}

}  // namespace

bool is_growth(const HeapFinding& found) { return found.finding.rule.starts_with("heap/growing-"); }

void render_heap_growth(Output& out, const HeapAnswer& answer, const TextStyle& style) {
  const HeapPicture& first = answer.pictures.front();
  const HeapPicture& last = answer.pictures.back();
  double seconds = std::max(last.seconds - first.seconds, 1e-9);
  std::size_t shown = 0, left = 0;
  out.write(wrap_text(heap_text(answer.pictures), 0, style.columns) + "\n");
  if (std::string stopped = stopped_text(answer.pictures); !stopped.empty())
    out.write(style.palette.warning(wrap_text(stopped, 0, style.columns)) + "\n");
  for (const HeapFinding& found : answer.findings) {
    if (!is_growth(found)) continue;
    std::uint64_t bytes = found.finding.cost.retained_bytes.value_or(0);
    if (!style.all && (bytes < last.live_bytes / kLeastShare || shown == kMost)) {
      ++left;
      continue;
    }
    ++shown;
    std::string rate =
        human_bytes(static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds));
    out.write(
        fmt::format("{:>10}  {:>6}  {}\n", "+" + human_bytes(bytes), "",
                    style.palette.confidence(found.finding.confidence,
                                             wrap_text(text_of(found), kIndent, style.columns))));
    std::string rule =
        fmt::format("{} ({}): {} a second; {}", findings::to_text(found.finding.confidence),
                    found.finding.rule, rate, found.finding.advice);
    out.write(std::string(kIndent, ' ') +
              style.palette.faint(wrap_text(rule, kIndent, style.columns)) + "\n");
  }
  if (shown == 0 && left == 0)
    out.write(wrap_text(nothing_text(first.live_bytes, last.live_bytes), 0, style.columns) + "\n");
  if (left > 0)
    out.write(std::string(kIndent, ' ') +
              style.palette.faint(fmt::format("{} more: --all shows them", human_count(left))) +
              "\n");
}

}  // namespace goshawk::report
