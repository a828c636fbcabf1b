// A time namespace shifts the clock of its processes (time_namespaces(7)): the offset of ours is
// taken away, that of the process added.
#include "target/process_clock.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <string_view>

namespace goshawk::target {
namespace {

// "monotonic           -5         250000000" of /proc/PID/timens_offsets.
std::int64_t parse_monotonic_offset_ns(std::string_view offsets) {
  std::size_t at = offsets.find("monotonic");
  if (at == std::string_view::npos) return 0;
  offsets.remove_prefix(at + std::strlen("monotonic"));
  std::int64_t values[2] = {};
  for (std::int64_t& value : values) {
    offsets.remove_prefix(std::min(offsets.find_first_not_of(" \t"), offsets.size()));
    value = parse_decimal(offsets).value_or(0);
    offsets.remove_prefix(std::min(offsets.find_first_of(" \t\n"), offsets.size()));
  }
  constexpr std::int64_t kSecondsLimit = 1'000'000'000;
  if (values[0] > kSecondsLimit || values[0] < -kSecondsLimit) return 0;
  return values[0] * 1'000'000'000 + values[1] % 1'000'000'000;
}

}  // namespace

std::int64_t read_monotonic_ns(const ProcessDirectory& directory) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  std::int64_t ns = now.tv_sec * 1'000'000'000 + now.tv_nsec;
  auto self = ProcessDirectory::open(::getpid());
  if (!self || self->read_link("ns/time") == directory.read_link("ns/time")) return ns;
  return ns - parse_monotonic_offset_ns(self->read_file("timens_offsets").value_or("")) +
         parse_monotonic_offset_ns(directory.read_file("timens_offsets").value_or(""));
}

}  // namespace goshawk::target
