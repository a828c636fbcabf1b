// Each process is judged alone, for what many do in one process is another thing than what a few do
// in each of many. Then findings of one site are added up.
#include "analyses/profile/merged_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "analyses/profile/stack_verdict.h"

namespace goshawk::analyses::profile {

using findings::Checked;
using findings::CodePlace;
using findings::Finding;
using findings::Verdict;

namespace {

constexpr std::size_t kMostTold = 4;

// Findings of one place, each with the process that has it.
class Merging {
 public:
  explicit Merging(std::size_t processes) : processes_(processes) {}

  void add(const std::string& process, Finding finding) {
    auto [found, is_new] = numbers_.try_emplace(Key{finding.rule, finding.confidence, finding.title,
                                                    finding.blocked_at, finding.created_at},
                                                merged_.size());
    if (is_new) merged_.emplace_back();
    merged_[found->second].push_back({process, std::move(finding)});
  }

  std::vector<Finding> finish() {
    std::vector<Finding> findings;
    for (std::vector<Part>& parts : merged_) findings.push_back(merge(parts));
    return findings;
  }

 private:
  using Key = std::tuple<std::string, findings::Confidence, std::string, CodePlace, CodePlace>;
  struct Part {
    std::string process;
    Finding finding;
  };

  Finding merge(std::vector<Part>& parts) const {
    std::ranges::stable_sort(parts, std::greater(),
                             [](const Part& part) { return part.finding.count; });
    Finding merged = parts.front().finding;
    merged.evidence.insert(merged.evidence.begin(), whose(parts));
    if (parts.size() == 1) return merged;
    merged.goids.clear();
    merged.growth.reset();
    for (const Part& part : std::span(parts).subspan(1)) {
      merged.count += part.finding.count;
      merged.longest_wait_ns = std::max(merged.longest_wait_ns, part.finding.longest_wait_ns);
    }
    return merged;
  }

  // "in 3 of the 5 processes: 12 in shop-1, 9 in shop-2, 1 in shop-5"
  std::string whose(const std::vector<Part>& parts) const {
    std::string text = parts.size() == processes_
                           ? fmt::format("in each of the {} processes: ", processes_)
                           : fmt::format("in {} of the {} processes: ", parts.size(), processes_);
    for (std::size_t i = 0; i < std::min(parts.size(), kMostTold); ++i)
      text +=
          fmt::format("{}{} in {}", i == 0 ? "" : ", ", parts[i].finding.count, parts[i].process);
    if (parts.size() > kMostTold) text += fmt::format(" and {} more", parts.size() - kMostTold);
    return text;
  }

  std::size_t processes_;
  std::map<Key, std::size_t> numbers_;
  std::vector<std::vector<Part>> merged_;
};

void add(Checked& sum, const Checked& one) {
  sum.goroutines += one.goroutines;
  sum.alive += one.alive;
  sum.leaked += one.leaked;
  sum.likely += one.likely;
  sum.parked += one.parked;
  sum.suppressed += one.suppressed;
  sum.unknown += one.unknown;
  for (const auto& [reason, count] : one.unknown_reasons) sum.unknown_reasons[reason] += count;
}

void add_background(std::vector<findings::Background>& sum, findings::Background one) {
  auto found = std::ranges::find(sum, one.function, &findings::Background::function);
  if (found == sum.end()) return sum.push_back(std::move(one));
  found->goids.insert(found->goids.end(), one.goids.begin(), one.goids.end());
  std::ranges::sort(found->goids);
}

// An entry did nothing if it did nothing for any of them.
void keep_unused_in_both(std::vector<findings::Suppression>& unused, const Verdict& other) {
  std::erase_if(unused, [&](const findings::Suppression& entry) {
    return std::ranges::find(other.suppressions.unused, entry.line, &findings::Suppression::line) ==
           other.suppressions.unused.end();
  });
}

}  // namespace

Verdict merge_verdicts(std::vector<ProcessVerdict> processes) {
  Verdict merged;
  Merging found(processes.size()), parked(processes.size());
  std::map<std::uint32_t, std::pair<findings::Suppression, Merging>> suppressed;  // by its line
  merged.suppressions = processes.front().verdict.suppressions;
  for (ProcessVerdict& one : processes) {
    add(merged.checked, one.verdict.checked);
    for (Finding& finding : one.verdict.findings) found.add(one.process, std::move(finding));
    for (Finding& finding : one.verdict.parked) parked.add(one.process, std::move(finding));
    for (findings::Suppressed& entry : one.verdict.suppressed) {
      auto& [suppression, findings] =
          suppressed.try_emplace(entry.entry.line, entry.entry, Merging(processes.size()))
              .first->second;
      for (Finding& finding : entry.findings) findings.add(one.process, std::move(finding));
    }
    for (findings::Background& background : one.verdict.background)
      add_background(merged.background, std::move(background));
    keep_unused_in_both(merged.suppressions.unused, one.verdict);
  }
  merged.findings = found.finish();
  merged.parked = parked.finish();
  for (auto& [line, entry] : suppressed)
    merged.suppressed.push_back({std::move(entry.first), entry.second.finish()});
  std::ranges::sort(merged.background, {}, &findings::Background::function);
  name_and_sort(merged);
  return merged;
}

}  // namespace goshawk::analyses::profile
