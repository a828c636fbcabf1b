// The texts of /proc/PID that are parsed: maps, stat, status. A process chooses its own name and
// the paths that it maps. The input is the text, read as each of them.
#include "fuzz/fuzz.h"
#include "target/access_conditions.h"
#include "target/namespaces.h"
#include "target/process_directory.h"

namespace goshawk::fuzz {

void run(ByteView input) {
  std::string_view text = as_text(input);
  for (const target::Mapping& mapping : target::parse_mappings(text)) {
    use(mapping.range.size_bytes());
    use(mapping.path);
  }
  if (auto stat = target::parse_stat(text)) use(stat->command);
  use(static_cast<std::uint64_t>(target::find_pid_inside(text).value_or(0)));
  use(static_cast<std::uint64_t>(target::parse_effective_uid(text).value_or(0)));
  use(target::find_status_field(text, ""));
  use(static_cast<std::uint64_t>(target::parse_decimal(text).value_or(0)));
}

std::vector<std::string> seeds() {
  return {
      "400000-4b2000 r-xp 00001000 fe:01 1234                       /usr/bin/a program\n"
      "7ffd0000-7ffd1000 rw-s 00000000 00:00 0                          [stack]\n"
      "c000000000-c004000000 ---p 00000000 00:00 0\n",
      "17 (a) (b) S 1 17 17 0 -1 4194560 1 0 0 0 1 2 3 4 20 0 12 0 3456 1228800 300 184467",
      "Name:\tx\nState:\tS (sleeping)\nUid:\t1\t0\t0\t0\nNSpid:\t17\t1\n"};
}

}  // namespace goshawk::fuzz
