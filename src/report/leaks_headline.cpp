// What is proven comes first and carries the cost; what is less certain is counted after it.
#include "report/leaks_headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "findings/baseline.h"
#include "report/measures.h"
#include "report/picture_lines.h"

namespace goshawk::report {

using findings::Confidence;
using findings::Finding;
using findings::Verdict;

namespace {

std::uint64_t count_members(const std::vector<Finding>& findings, Confidence confidence) {
  std::uint64_t count = 0;
  for (const Finding& finding : findings)
    if (finding.confidence == confidence) count += finding.count;
  return count;
}

struct Group {
  std::uint64_t groups = 0;
  std::uint64_t stack_bytes = 0;
  std::uint64_t retained_bytes = 0;
};

Group sum_groups(const std::vector<Finding>& findings, Confidence confidence) {
  Group sum;
  for (const Finding& finding : findings) {
    if (finding.confidence != confidence) continue;
    ++sum.groups;
    sum.stack_bytes += finding.cost.stack_bytes;
    sum.retained_bytes += finding.cost.retained_bytes.value_or(0);
  }
  return sum;
}

std::string in_groups(std::uint64_t members, std::uint64_t groups) {
  if (members == 1) return "";
  return groups == 1 ? ", all in one group" : fmt::format(", in {}", plural(groups, "group"));
}

// "38 goroutines will never run again, in 6 groups; they hold 152 KB of stacks and 3 MB of heap"
std::string what_is_proven(const Verdict& verdict) {
  std::uint64_t proven = count_members(verdict.findings, Confidence::kProven);
  if (proven == 0) {
    if (verdict.checked.leaked > 0) return "None of the leaked goroutines is of the kind asked for";
    std::string none = "No goroutine is proven to be leaked";
    if (verdict.checked.suppressed > 0)
      none = fmt::format("Apart from {} suppressed, no goroutine is proven to be leaked",
                         human_count(verdict.checked.suppressed));
    if (verdict.checked.unknown == 0) return none;
    return fmt::format("{}, but {} of {} could not be decided", none,
                       human_count(verdict.checked.unknown),
                       human_count(verdict.checked.goroutines));
  }
  Group sum = sum_groups(verdict.findings, Confidence::kProven);
  // Some of it may be what likely ones share.
  if (shows_all(verdict) && verdict.checked.likely == 0)
    sum.retained_bytes += verdict.shared_retained_bytes;
  std::string_view kind = proven == verdict.checked.leaked ? "" : " of the kind asked for";
  std::string text = fmt::format("{}{} will never run again{}", plural(proven, "goroutine"), kind,
                                 in_groups(proven, sum.groups));
  if (sum.stack_bytes == 0 && sum.retained_bytes == 0) return text;  // a dump does not tell
  return fmt::format("{}; {} {}", text, proven == 1 ? "it holds" : "they hold",
                     memory_text(sum.stack_bytes, sum.retained_bytes));
}

// ", 4 more are likely leaked": what the headline does not count.
std::string less_certain(const Verdict& verdict) {
  std::string text;
  std::string_view more = count_members(verdict.findings, Confidence::kProven) > 0 ? " more" : "";
  for (Confidence confidence : {Confidence::kLikely, Confidence::kSuspected}) {
    std::uint64_t count = count_members(verdict.findings, confidence);
    if (count == 0) continue;
    std::string_view word = confidence == Confidence::kLikely ? "likely leaked" : "suspected";
    text += fmt::format("; {}{} {} {}", human_count(count), more, count == 1 ? "is" : "are", word);
  }
  return text;
}

// "; 1 of the 2 groups is new": with a baseline.
std::string what_is_new(const Verdict& verdict) {
  if (!verdict.baseline || verdict.findings.empty()) return "";
  std::size_t fresh = findings::count_new(verdict.findings), all = verdict.findings.size();
  if (fresh == 0) return "; nothing of it is new";
  if (fresh == all) return "; all of it is new";
  return fmt::format("; {} of the {} groups {} new", human_count(fresh), human_count(all),
                     fresh == 1 ? "is" : "are");
}

}  // namespace

std::string headline(const Verdict& verdict) {
  return what_is_proven(verdict) + less_certain(verdict) + what_is_new(verdict);
}

std::string memory_text(std::uint64_t stack_bytes, std::uint64_t heap_bytes) {
  std::string text = human_bytes(stack_bytes) + " of stacks";
  if (heap_bytes > 0) text += fmt::format(" and {} of heap", human_bytes(heap_bytes));
  return text;
}

std::string checked_text(const findings::Checked& checked, std::uint64_t of_runtime) {
  std::string text =
      fmt::format("{} checked: {} alive",
                  goroutines_text(checked.goroutines, std::min(of_runtime, checked.goroutines)),
                  human_count(checked.alive));
  auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) text += fmt::format(", {} {}", human_count(count), what);
  };
  add(checked.leaked, "leaked");
  add(checked.likely, "likely leaked");
  add(checked.parked, "parked on purpose");
  add(checked.suppressed, "suppressed");
  return text + fmt::format(", {} undecided", human_count(checked.unknown));
}

std::vector<std::string> undecided_texts(const findings::Checked& checked) {
  std::vector<std::pair<std::string, std::uint64_t>> reasons(checked.unknown_reasons.begin(),
                                                             checked.unknown_reasons.end());
  std::ranges::stable_sort(reasons, std::greater(), &std::pair<std::string, std::uint64_t>::second);
  std::vector<std::string> texts;
  for (const auto& [reason, count] : reasons)
    texts.push_back(fmt::format("{} undecided: {}", human_count(count), reason));
  return texts;
}

bool shows_all(const Verdict& verdict) {
  return verdict.checked.suppressed == 0 &&
         count_members(verdict.findings, Confidence::kProven) == verdict.checked.leaked;
}

}  // namespace goshawk::report
