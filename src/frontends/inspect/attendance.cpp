#include "frontends/inspect/attendance.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string>

#include "frontends/inspect/delivery.h"
#include "frontends/inspect/target_argument.h"
#include "report/measures.h"
#include "report/picture_lines.h"

namespace goshawk::frontends::inspect {

Attendance::Attendance(const inspection::Source& source, const inspection::Schedule& schedule,
                       bool verbose)
    : source_(source),
      schedule_(schedule),
      tells_(verbose || ::isatty(STDERR_FILENO) == 1),
      progress_(std::in_place, *source.stages, "reading " + describe_source(source)) {}

inspection::WaitForNext Attendance::wait_for_next() {
  return [this](std::uint32_t, std::int64_t due_in_ns) {
    interrupted_ = !patience_.wait(due_in_ns);
    progress_.emplace(*source_.stages, "reading " + describe_source(source_));
    return !interrupted_;
  };
}

inspection::AfterPicture Attendance::after_picture() {
  return [this](std::uint32_t number, const snapshot::Snapshot& picture) {
    progress_.reset();
    if (interrupted_) print_note(fmt::format("interrupted: picture {} is the last", number));
    if (tells_ && !interrupted_) announce(number, picture);
  };
}

void Attendance::announce(std::uint32_t number, const snapshot::Snapshot& picture) const {
  std::string next = number < schedule_.samples
                         ? fmt::format("; the next one in {}, Ctrl-C takes it at once as the last",
                                       report::human_duration(schedule_.every_ns))
                         : std::string();
  print_note(fmt::format("picture {} of {}: {}, the process stood still for {}{}", number,
                         schedule_.samples, report::goroutines_text(picture),
                         report::human_duration(picture.picture.pause_ns), next));
}

}  // namespace goshawk::frontends::inspect
