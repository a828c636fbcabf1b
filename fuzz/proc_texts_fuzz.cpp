// The texts of /proc/PID that are parsed: maps, smaps, stat, status, cgroup, the links of
// descriptors, the tables of sockets. A process chooses its own name and the paths that it maps and
// binds. The input is the text, read as each of them.
#include "fuzz/fuzz.h"
#include "target/access_conditions.h"
#include "target/cgroup_membership.h"
#include "target/memory_use.h"
#include "target/namespaces.h"
#include "target/open_file.h"
#include "target/process_directory.h"

namespace goshawk::fuzz {

void run(ByteView input) {
  std::string_view text = as_text(input);
  for (const target::Mapping& mapping : target::parse_mappings(text)) {
    use(mapping.range.size_bytes());
    use(mapping.path);
  }
  for (const target::MappingUse& mapping : target::parse_smaps(text))
    use(mapping.resident_bytes + mapping.swapped_bytes);
  if (target::is_in_cgroup(text, "/a/b") && !target::is_in_cgroup(text, "/a")) __builtin_trap();
  use(target::shorten_cgroup(std::string(text)));
  if (auto stat = target::parse_stat(text)) use(stat->command);
  use(static_cast<std::uint64_t>(target::find_pid_inside(text).value_or(0)));
  use(static_cast<std::uint64_t>(target::parse_effective_uid(text).value_or(0)));
  use(target::find_status_field(text, ""));
  use(target::parse_descriptor_link(text).local);
  target::SocketsByInode sockets = {{17, {"socket", 17}}, {18, {"socket", 18}}};
  target::parse_internet_sockets(text, "tcp", sockets);
  target::parse_unix_sockets(text, sockets);
  if (sockets.size() != 2) __builtin_trap();
  for (const auto& [inode, socket] : sockets) {
    if (socket.inode != inode) __builtin_trap();
    use(socket.local), use(socket.remote);
  }
  use(static_cast<std::uint64_t>(target::parse_decimal(text).value_or(0)));
}

std::vector<std::string> seeds() {
  return {
      "400000-4b2000 r-xp 00001000 fe:01 1234                       /usr/bin/a program\n"
      "7ffd0000-7ffd1000 rw-s 00000000 00:00 0                          [stack]\n"
      "c000000000-c004000000 ---p 00000000 00:00 0\n",
      "c000000000-c004000000 rw-p 00000000 00:00 0\nRss:    12 kB\nSwap:    4 kB\n",
      "17 (a) (b) S 1 17 17 0 -1 4194560 1 0 0 0 1 2 3 4 20 0 12 0 3456 1228800 300 184467",
      "sl local_address\n 0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 17 1\n"
      " 1: 0000000000000000FFFF00000100007F:50 00000000000000000000000001000000:D431 01 0:0 0:0 0 "
      "0 "
      "0 18 1\n",
      "Num\n0: 2 0 00010000 1 1 17 /run/x\n0: 2 0 0 1 3 18 @y\n",
      "4:memory,cpu:/a\n0::/a/b/c\n",
      "socket:[17]",
      "anon_inode:[pidfd]",
      "Name:\tx\nState:\tS (sleeping)\nUid:\t1\t0\t0\t0\nNSpid:\t17\t1\n"};
}

}  // namespace goshawk::fuzz
