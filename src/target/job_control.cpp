// A stop by a signal is of all threads: the state of the first one tells it ("T"; a tracer's stop
// is "t").
#include "target/job_control.h"

#include "target/process_directory.h"

namespace goshawk::target {

bool is_stopped_by_signal(std::int64_t pid) {
  auto directory = ProcessDirectory::open(pid);
  if (!directory) return false;
  auto stat = parse_stat(directory->read_file("stat").value_or(""));
  return stat && stat->state == 'T';
}

}  // namespace goshawk::target
