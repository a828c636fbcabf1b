// How long it was from one dump to the next the log says; where it does not, the times at which the
// files were written, if they are in that order: of files that were copied they may be wrong, so
// that the result says whose they are, and less than a second is none.
#include "inspection/dump_series.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>

#include "analyses/profile/groups_of_dump.h"

namespace goshawk::inspection {

using analyses::profile::SiteGrowth;
using dumps::Time;

namespace {

constexpr double kLeastSeconds = 1;

Time written_at(const std::string& path) {
  struct stat status{};
  if (path == "-" || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return {Time::Scale::kUnix, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

}  // namespace

void DumpSeries::add(const DumpFile& file) {
  const dumps::Dump& last = file.dumps.dumps[file.whole.back()];
  parts_.push_back({file.name, last.damaged, last.time, written_at(file.name)});
  if (file.lives.size() > 1)
    doubts_.push_back(
        fmt::format("{} has dumps of {} processes, of which only the last one in it was compared",
                    file.name, file.lives.size()));
  auto signs = analyses::profile::find_life_signs(file.dumps, last);
  if (parts_.size() > 1 && analyses::profile::is_another_process(last_, signs))
    one_process_ = false;
  last_ = std::move(signs);
  groups_.push_back(analyses::profile::group_goroutines(file.dumps, last));
}

// Each later than the one before.
bool DumpSeries::tell_times(const std::vector<Part>& parts, Time Part::* time,
                            std::vector<double>& seconds) {
  seconds.clear();
  const Time& first = parts.front().*time;
  for (const Part& part : parts) {
    const Time& now = part.*time;
    if (now.scale == Time::Scale::kUnknown || now.scale != first.scale) return false;
    seconds.push_back(static_cast<double>(now.ns - first.ns) / 1e9);
    if (seconds.size() > 1 && seconds.back() - seconds[seconds.size() - 2] < kLeastSeconds)
      return false;
  }
  return true;
}

findings::StackSeries DumpSeries::finish() {
  findings::StackSeries series;
  std::vector<double> seconds;
  if (tell_times(parts_, &Part::in_log, seconds))
    series.clock = "the log's";
  else if (tell_times(parts_, &Part::of_file, seconds))
    series.clock = "those of the files: when each was written";
  else
    seconds.assign(parts_.size(), 0);
  SiteGrowth growth;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    growth.add(seconds[i], groups_[i]);
    series.parts.push_back({parts_[i].name, groups_[i].goroutines, parts_[i].not_read, seconds[i]});
  }
  series.sites = growth.list();
  series.doubts = doubts_;
  if (one_process_) return series;
  series.of_one_process = false;
  for (findings::SiteSeries& site : series.sites) site.confidence = findings::Confidence::kUnknown;
  return series;
}

}  // namespace goshawk::inspection
