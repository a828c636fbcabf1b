// "VmHWM:      1234 kB" of /proc/self/status.
#include "base/peak_memory.h"

#include <charconv>
#include <cstring>
#include <fstream>
#include <string>

namespace goshawk {

std::uint64_t read_peak_memory_bytes() {
  constexpr const char* kField = "VmHWM:";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(kField)) continue;
    std::size_t digits = line.find_first_of("0123456789");
    std::uint64_t kilobytes = 0;
    if (digits != std::string::npos)
      std::from_chars(line.data() + digits, line.data() + line.size(), kilobytes);
    return kilobytes * 1024;
  }
  return 0;
}

}  // namespace goshawk
