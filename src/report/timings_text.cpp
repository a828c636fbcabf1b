// A row for each stage, and what they are together. The speed of reading stands beside what the
// machine does at best: the distance is what could be gained.
#include "report/timings_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/measures.h"

namespace goshawk::report {
namespace {

std::string milliseconds(std::int64_t ns) {
  return fmt::format("{:.1f} ms", static_cast<double>(ns) / 1e6);
}

std::string speed_text(double bytes_per_second) {
  return fmt::format("{:.2f} GB/s", bytes_per_second / double{1 << 30});
}

std::string own_speed(const StageTime& stage, double limit) {
  if (!has_speed(stage)) return "";
  double speed = static_cast<double>(stage.bytes_read) / static_cast<double>(stage.wall_ns) * 1e9;
  if (limit <= 0) return speed_text(speed);
  return fmt::format("{}, {:.0f} % of copying", speed_text(speed), speed * 100 / limit);
}

std::string row(std::string_view name, const StageTime& stage, std::string_view speed) {
  std::string line = fmt::format("{:<34}{:>12}{:>12}{:>12}  {}", name, milliseconds(stage.wall_ns),
                                 milliseconds(stage.cpu_ns),
                                 stage.bytes_read == 0 ? "" : human_bytes(stage.bytes_read), speed);
  line.resize(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string name_of(const StageTime& stage) {
  return stage.times > 1 ? fmt::format("{} ({} times)", stage.name, stage.times) : stage.name;
}

}  // namespace

bool has_speed(const StageTime& stage) {
  constexpr std::uint64_t kMuch = 1 << 20;
  return stage.bytes_read >= kMuch && stage.wall_ns > 0;
}

std::string timings_text(std::span<const StageTime> timings, double copied_bytes_per_second,
                         std::uint64_t peak_bytes) {
  std::string text =
      fmt::format("{:<34}{:>12}{:>12}{:>12}\n", "stage", "time", "processor", "read");
  StageTime all;
  for (const StageTime& stage : timings) {
    all.wall_ns += stage.wall_ns;
    all.cpu_ns += stage.cpu_ns;
    all.bytes_read += stage.bytes_read;
    text += row(name_of(stage), stage, own_speed(stage, copied_bytes_per_second));
  }
  text += row("together", all, "");
  if (copied_bytes_per_second > 0)
    text += fmt::format("this machine copies {} of memory\n", speed_text(copied_bytes_per_second));
  if (peak_bytes > 0) text += fmt::format("peak memory: {}\n", human_bytes(peak_bytes));
  return text;
}

}  // namespace goshawk::report
