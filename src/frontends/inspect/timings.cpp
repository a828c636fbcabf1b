// The speed at which a target was read means something only beside what the machine could do at
// best: copying memory, with as many threads. That is measured here and now, if anything was read
// to speak of.
#include "frontends/inspect/timings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/copy_speed.h"
#include "base/peak_memory.h"
#include "report/timings_text.h"

namespace goshawk::frontends::inspect {

void print_timings(Stages& stages) {
  stages.end();
  bool is_much_read = std::ranges::any_of(stages.times(), report::has_speed);
  double copied = is_much_read ? measure_copy_speed() : 0;
  fmt::print(stderr, "{}", report::timings_text(stages.times(), copied, read_peak_memory_bytes()));
}

std::span<const StageTime> timings_for(const Delivery& delivery, const Stages& stages) {
  return delivery.timings ? std::span(stages.times()) : std::span<const StageTime>();
}

}  // namespace goshawk::frontends::inspect
