// Each process is judged by its last dump: what it has leaked is still there then. Where a file has
// several processes' dumps, what each of them has leaked is told of all in one verdict.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "analyses/profile/dump_growth.h"
#include "analyses/profile/groups_of_dump.h"
#include "analyses/profile/merged_verdict.h"
#include "analyses/profile/site_growth.h"
#include "analyses/profile/stack_verdict.h"
#include "inspection/dump_source.h"
#include "inspection/judge.h"
#include "report/measures.h"

namespace goshawk::inspection {

using analyses::profile::DumpGrowth;
using analyses::profile::Life;
using analyses::profile::SiteGrowth;
using analyses::profile::StackGroups;
using dumps::Dump;
using findings::Verdict;

namespace {

constexpr std::size_t kMostToldDumps = 6, kMostToldProcesses = 4, kMostToldOpenings = 3;

// How long after the first one; 0 where the log does not tell.
double seconds_after(const Dump& first, const Dump& dump) {
  bool told = first.time.scale != dumps::Time::Scale::kUnknown &&
              first.time.scale == dump.time.scale && dump.time.ns > first.time.ns;
  return told ? static_cast<double>(dump.time.ns - first.time.ns) / 1e9 : 0;
}

std::string ordinal(std::size_t number) {
  bool is_teen = number % 100 >= 11 && number % 100 <= 13;
  const char* end = is_teen            ? "th"
                    : number % 10 == 1 ? "st"
                    : number % 10 == 2 ? "nd"
                    : number % 10 == 3 ? "rd"
                                       : "th";
  return fmt::format("{}{}", number, end);
}

// "shop-1"; "the 2nd of shop-1", which was restarted; "the 2nd".
std::vector<std::string> names_of(const std::vector<Life>& lives) {
  std::map<std::string_view, std::size_t> all, before;
  for (const Life& life : lives) ++all[life.writer];
  std::vector<std::string> names;
  for (const Life& life : lives) {
    std::string nth = "the " + ordinal(++before[life.writer]);
    bool alone = all[life.writer] == 1;
    names.push_back(life.writer.empty() ? nth : alone ? life.writer : nth + " of " + life.writer);
  }
  return names;
}

std::string counts_text(const DumpFile& file, const Life& life) {
  std::string text;
  std::size_t shown = std::min(life.dumps.size(), kMostToldDumps);
  for (std::size_t i = life.dumps.size() - shown; i < life.dumps.size(); ++i)
    text += fmt::format("{}{}", text.empty() ? "" : " → ",
                        report::human_count(file.dumps.dumps[life.dumps[i]].count));
  return shown < life.dumps.size() ? "... → " + text : text;
}

std::string_view opening_of(const DumpFile& file, const Life& life) {
  return file.dumps.text(file.dumps.dumps[life.dumps.back()].opening);
}

std::string tell_about_one(const DumpFile& file) {
  const Life& life = file.lives.front();
  std::string opening(opening_of(file, life));
  if (life.dumps.size() > 1)
    return fmt::format("{} in the file, of {} goroutines; this is the last one{}",
                       report::plural(life.dumps.size(), "dump"), counts_text(file, life),
                       opening.empty() ? "" : fmt::format(", begun by \"{}\"", opening));
  return opening.empty() ? "" : fmt::format("The dump was made at \"{}\"", opening);
}

// "5 dumps of 2 processes in the file: shop-1 (3 → 40 goroutines), shop-2 (12); the last dump of
// each is judged"
std::string tell_about_several(const DumpFile& file) {
  std::vector<std::string> names = names_of(file.lives);
  std::string text =
      fmt::format("{} of {} processes in the file: ", report::plural(file.whole.size(), "dump"),
                  file.lives.size());
  for (std::size_t i = 0; i < std::min(file.lives.size(), kMostToldProcesses); ++i)
    text += fmt::format("{}{} ({}{})", i == 0 ? "" : ", ", names[i],
                        counts_text(file, file.lives[i]), i == 0 ? " goroutines" : "");
  if (file.lives.size() > kMostToldProcesses)
    text += fmt::format(" and {} more", file.lives.size() - kMostToldProcesses);
  return text + "; the last dump of each is judged";
}

std::string tell_openings(const DumpFile& file) {
  std::vector<std::pair<std::string_view, std::size_t>> openings;
  for (const Life& life : file.lives) {
    std::string_view opening = opening_of(file, life);
    if (opening.empty()) continue;
    auto found = std::ranges::find(openings, opening, [](const auto& one) { return one.first; });
    if (found == openings.end())
      openings.emplace_back(opening, 1);
    else
      ++found->second;
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(openings.size(), kMostToldOpenings); ++i)
    text += fmt::format("{}{} by \"{}\"", text.empty() ? "They were begun: " : ", ",
                        openings[i].second, openings[i].first);
  if (openings.size() > kMostToldOpenings)
    text += fmt::format(" and {} more", openings.size() - kMostToldOpenings);
  return text;
}

std::vector<std::string> tell_about(const DumpFile& file) {
  std::vector<std::string> lines;
  bool one = file.lives.size() == 1;
  lines.push_back(one ? tell_about_one(file) : tell_about_several(file));
  if (!one) lines.push_back(tell_openings(file));
  if (file.traces > 0)
    lines.push_back(fmt::format("Not looked at: {} of single goroutines, as a program logs them",
                                report::plural(file.traces, "stack")));
  std::erase(lines, "");
  return lines;
}

Verdict judge_life(const DumpFile& file, const Life& life,
                   std::span<const findings::Suppression> suppressions) {
  const std::vector<Dump>& all = file.dumps.dumps;
  if (life.dumps.size() == 1)
    return analyses::profile::judge_stacks(
        analyses::profile::group_goroutines(file.dumps, all[life.dumps.front()]), {.noun = "dump"},
        suppressions);
  SiteGrowth growth;
  DumpGrowth dumps(file.dumps, growth);
  for (std::size_t number : life.dumps)
    dumps.add(seconds_after(all[life.dumps.front()], all[number]), all[number]);
  StackGroups last = analyses::profile::group_goroutines(file.dumps, all[life.dumps.back()]);
  return analyses::profile::judge_stacks(last, {.noun = "dump", .growth = &growth}, suppressions);
}

Verdict judge_lives(const DumpFile& file, std::span<const findings::Suppression> suppressions) {
  if (file.lives.size() == 1) return judge_life(file, file.lives.front(), suppressions);
  std::vector<std::string> names = names_of(file.lives);
  std::vector<analyses::profile::ProcessVerdict> verdicts;
  for (std::size_t i = 0; i < file.lives.size(); ++i)
    verdicts.push_back({std::move(names[i]), judge_life(file, file.lives[i], suppressions)});
  return analyses::profile::merge_verdicts(std::move(verdicts));
}

}  // namespace

snapshot::TargetFacts facts_of(const DumpFile& file) {
  snapshot::TargetFacts facts;
  facts.name = file.name;
  facts.kind = "dump";
  return facts;
}

std::vector<std::string> doubts_of(const DumpFile& file, std::span<const std::size_t> numbers) {
  std::vector<std::string> doubts;
  std::uint64_t count = 0, damaged = 0;
  for (std::size_t number : numbers) {
    count += file.dumps.dumps[number].count;
    damaged += file.dumps.dumps[number].damaged;
  }
  if (count == 1 && damaged == 0)
    doubts.emplace_back(
        "the dump holds one goroutine only, the one that panicked or was asked for: with "
        "GOTRACEBACK=all in its environment a program prints all of them");
  if (damaged > 0)
    doubts.push_back(fmt::format("{} cut or garbled in the file: what is left of {} was not judged",
                                 report::plural(damaged, "goroutine is", "goroutines are"),
                                 damaged == 1 ? "it" : "them"));
  if (file.dumps.left_out > 0)
    doubts.push_back(fmt::format("the file has {} more than can be kept",
                                 report::plural(file.dumps.left_out, "goroutine")));
  return doubts;
}

report::Judged judge_dumps(const DumpFile& file, const Accepted& accepted) {
  HoldingSuppressions suppressions = find_holding(accepted);
  report::Judged judged;
  judged.target = facts_of(file);
  judged.picture.way = "dump";
  judged.picture.bytes_read = file.dumps.bytes;
  judged.verdict = judge_lives(file, suppressions.holding);
  note_accepted(judged.verdict, accepted, std::move(suppressions));
  judged.about = tell_about(file);
  std::vector<std::size_t> judged_dumps;
  for (const Life& life : file.lives) judged_dumps.push_back(life.dumps.back());
  judged.verdict.doubts = doubts_of(file, judged_dumps);
  return judged;
}

}  // namespace goshawk::inspection
