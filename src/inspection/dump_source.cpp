// A dump may stand anywhere in a log, so that only reading all of it tells whether there is one;
// what is recognised by its first bytes is not read.
#include "inspection/dump_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "analyses/profile/groups_of_dump.h"
#include "analyses/profile/site_growth.h"
#include "analyses/profile/stack_groups.h"
#include "analyses/profile/stack_verdict.h"
#include "base/byte_stream.h"
#include "dumps/dump_file.h"
#include "inspection/judge.h"
#include "inspection/source.h"
#include "report/measures.h"

namespace goshawk::inspection {

using analyses::profile::SiteGrowth;
using analyses::profile::StackGroups;
using dumps::Dump;

namespace {

constexpr std::size_t kMostToldDumps = 6;

// What says that it is packed and is not, is nothing to read.
bool can_be_unpacked(const std::string& path) {
  auto stream = ByteStream::open(path, UINT64_MAX);
  return stream && stream->peek(1);
}

bool may_be_text(const std::string& target) {
  if (target == "-") return true;
  if (target.find_first_not_of("0123456789") == std::string::npos) return false;
  struct stat status{};
  if (::stat(target.c_str(), &status) != 0) return false;
  if (S_ISFIFO(status.st_mode)) return true;
  return S_ISREG(status.st_mode) && status.st_size > 0 && !recognise_file(target) &&
         can_be_unpacked(target);
}

// How long after the first one; 0 where the log does not tell.
double seconds_after(const Dump& first, const Dump& dump) {
  bool told = first.time.scale != dumps::Time::Scale::kUnknown &&
              first.time.scale == dump.time.scale && dump.time.ns > first.time.ns;
  return told ? static_cast<double>(dump.time.ns - first.time.ns) / 1e9 : 0;
}

// What the runtime opens with a signal, a panic or a fatal error is the last that it prints.
bool ends_its_process(const Dump& dump) { return dump.opening != dumps::kNone; }

std::string counts_text(const DumpFile& file) {
  std::string text;
  std::size_t shown = std::min(file.whole.size(), kMostToldDumps);
  for (std::size_t i = file.whole.size() - shown; i < file.whole.size(); ++i)
    text += fmt::format("{}{}", text.empty() ? "" : " → ",
                        report::human_count(file.dumps.dumps[file.whole[i]].count));
  return shown < file.whole.size() ? "... → " + text : text;
}

std::vector<std::string> tell_about(const DumpFile& file) {
  const Dump& last = file.dumps.dumps[file.whole.back()];
  std::vector<std::string> lines;
  std::string opening(file.dumps.text(last.opening));
  std::string begins = opening.empty() ? "" : fmt::format(", begun by \"{}\"", opening);
  if (file.whole.size() > 1)
    lines.push_back(fmt::format("{} in the file, of {} goroutines; this is the last one{}",
                                report::plural(file.whole.size(), "dump"), counts_text(file),
                                begins));
  else if (!opening.empty())
    lines.push_back(fmt::format("The dump was made at \"{}\"", opening));
  if (file.traces > 0)
    lines.push_back(fmt::format("Not looked at: {} of single goroutines, as a program logs them",
                                report::plural(file.traces, "stack")));
  return lines;
}

void choose_whole(DumpFile& file) {
  const std::vector<Dump>& all = file.dumps.dumps;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].count + all[i].damaged > 1) file.whole.push_back(i);
  file.traces = all.size() - file.whole.size();
  if (!file.whole.empty()) return;
  file.whole.push_back(all.size() - 1);
  --file.traces;
}

}  // namespace

snapshot::TargetFacts facts_of(const DumpFile& file) {
  snapshot::TargetFacts facts;
  facts.name = file.name;
  facts.kind = "dump";
  return facts;
}

std::vector<std::string> doubts_of_last(const DumpFile& file) {
  std::vector<std::string> doubts;
  const Dump& last = file.dumps.dumps[file.whole.back()];
  if (last.count == 1 && last.damaged == 0)
    doubts.emplace_back(
        "the dump holds one goroutine only, the one that panicked or was asked for: with "
        "GOTRACEBACK=all in its environment a program prints all of them");
  if (last.damaged > 0)
    doubts.push_back(fmt::format("{} cut or garbled in the file: what is left of {} was not judged",
                                 last.damaged == 1
                                     ? std::string("1 goroutine is")
                                     : report::human_count(last.damaged) + " goroutines are",
                                 last.damaged == 1 ? "it" : "them"));
  if (file.dumps.left_out > 0)
    doubts.push_back(fmt::format("the file has {} more than can be kept",
                                 report::plural(file.dumps.left_out, "goroutine")));
  return doubts;
}

Result<std::optional<DumpFile>> read_if_dump(const std::string& target, const std::string& name) {
  if (!may_be_text(target)) return std::nullopt;
  DumpFile file{
      .name = name.empty() ? target : name, .dumps = TRY(dumps::read_dumps(target)), .whole = {}};
  if (file.dumps.dumps.empty()) {
    if (target != "-") return std::nullopt;
    return fail(Usage{"standard input has no goroutine dump in it",
                      "pipe a log into it, or the answer of /debug/pprof/goroutine?debug=2"});
  }
  choose_whole(file);
  return file;
}

report::Judged judge_dumps(const DumpFile& file, const Accepted& accepted) {
  const std::vector<Dump>& all = file.dumps.dumps;
  SiteGrowth growth;
  StackGroups last;
  std::size_t first = file.whole.front(), before = first;
  for (std::size_t number : file.whole) {
    if (number != first && ends_its_process(all[before])) {  // this is of another one
      growth = {};
      first = number;
    }
    last = analyses::profile::group_goroutines(file.dumps, all[number]);
    growth.add(seconds_after(all[first], all[number]), last);
    before = number;
  }
  HoldingSuppressions suppressions = find_holding(accepted);
  report::Judged judged;
  judged.target = facts_of(file);
  judged.picture.way = "dump";
  judged.picture.bytes_read = file.dumps.bytes;
  judged.verdict = analyses::profile::judge_stacks(last, {.noun = "dump", .growth = &growth},
                                                   suppressions.holding);
  note_accepted(judged.verdict, accepted, std::move(suppressions));
  judged.about = tell_about(file);
  judged.verdict.doubts = doubts_of_last(file);
  return judged;
}

}  // namespace goshawk::inspection
