// What a process' file descriptors lead to: sockets with their addresses, pipes, terminals, files.
// The texts are the kernel's, with names in them that the process has chosen: hostile.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace goshawk::target {

struct OpenFile {
  // "tcp", "udp", "unix", "socket" (none of these, or it cannot be told), "pipe", "terminal",
  // "file", or the kernel's word ("inotify"); empty: it is not open, or may not be seen.
  std::string kind;
  std::uint64_t inode = 0;  // of a socket
  std::string local = {};   // an address, or a path
  std::string remote = {};  // an address
  bool listens = false;     // a socket that accepts connections

  bool operator==(const OpenFile&) const = default;
};

// A link of /proc/PID/fd: "socket:[4711]", "/dev/pts/3".
OpenFile parse_descriptor_link(std::string_view link);

// Sockets whose addresses are asked for, by inode.
using SocketsByInode = std::unordered_map<std::uint64_t, OpenFile>;

// Fills in those that /proc/PID/net/tcp, tcp6, udp or udp6 (`kind`: "tcp" or "udp"), or unix has.
// Lines that are not of the kernel's form are left out.
void parse_internet_sockets(std::string_view text, std::string_view kind, SocketsByInode& sockets);
void parse_unix_sockets(std::string_view text, SocketsByInode& sockets);

}  // namespace goshawk::target
