// Every file is opened through the process' own directory of /proc, so that it is that of this very
// process: as its mounts, its root and its network namespace have it, not as ours do.
#include "target/process_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "target/process_access.h"

namespace goshawk::target {
namespace {

// The tables are those of the process' own network namespace. They have every socket of it: what is
// beyond a limit stays without an address.
void read_socket_tables(const ProcessDirectory& directory, SocketsByInode& sockets) {
  constexpr std::uint64_t kMostTableBytes = 64 << 20;
  for (const char* table : {"net/tcp", "net/tcp6", "net/udp", "net/udp6"})
    if (auto text = directory.read_file(table, kMostTableBytes))
      parse_internet_sockets(*text, std::string_view(table).substr(4, 3), sockets);
  if (auto text = directory.read_file("net/unix", kMostTableBytes))
    parse_unix_sockets(*text, sockets);
}

}  // namespace

// The kernel's link leads to the very file that runs, deleted, replaced or out of our sight.
Result<int> open_executable(const ProcessDirectory& directory) {
  FileDescriptor file = directory.open_file("exe", O_RDONLY);
  if (file.is_open()) return file.release();
  if (errno != EACCES && errno != EPERM) return fail(explain_gone(directory));
  if (directory.read_link("exe"))  // what the kernel lets nobody follow who may not look into it
    return fail(Denied{"the executable of " + name_process(directory) +
                           " may not be read: its file's mode or its folder forbids it",
                       "run goshawk as root (sudo goshawk ...), or let its user read the file"});
  return fail(explain_denied_access(directory, "open the executable of"));
}

// The file of the mapping's inode is meant, not what has its path by now. Its path is that of the
// process' own mounts, below its own root; of a process in a jail (chroot) it may be ours instead.
// What was deleted or replaced is opened by the kernel's own link, where that is allowed (root).
Result<int> open_mapped_file(const ProcessDirectory& directory, const Mapping& mapping) {
  if (mapping.path == directory.read_link("exe").value_or("")) return open_executable(directory);
  std::string by_range =
      fmt::format("map_files/{:x}-{:x}", mapping.range.start.value(), mapping.range.end.value());
  for (const std::string& path : {"root" + mapping.path, mapping.path, by_range}) {
    FileDescriptor file = directory.open_file(path.c_str(), O_RDONLY | O_NONBLOCK);
    struct stat status{};
    if (file.is_open() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_ino == mapping.inode)
      return file.release();
  }
  return fail(Missing{"the file " + mapping.path + " as the process has it", "its symbols"});
}

// Links are followed inside of that root, and to nowhere else.
Result<int> open_in_root(const ProcessDirectory& directory, const std::string& path) {
  FileDescriptor root = directory.open_file("root", O_PATH | O_DIRECTORY);
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_IN_ROOT;
  FileDescriptor file(
      static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
  if (!file.is_open()) return fail(Missing{"the file " + path + " in the process' root", ""});
  return file.release();
}

std::vector<OpenFile> read_open_files(const ProcessDirectory& directory,
                                      std::span<const std::uint32_t> descriptors) {
  std::vector<OpenFile> files;
  files.reserve(descriptors.size());
  for (std::uint32_t descriptor : descriptors)
    files.push_back(parse_descriptor_link(
        directory.read_link(fmt::format("fd/{}", descriptor).c_str()).value_or("")));
  return files;
}

// The kernel lists a table piece by piece: a socket that opens or closes between two of them, of
// any process, can hide another one. What is in no table is looked for again.
void find_socket_addresses(const ProcessDirectory& directory, std::vector<OpenFile>& files) {
  constexpr int kLooks = 4;
  SocketsByInode missing, found;
  for (const OpenFile& file : files)
    if (file.kind == "socket") missing[file.inode] = file;
  for (int look = 0; look < kLooks && !missing.empty(); ++look) {
    read_socket_tables(directory, missing);
    std::erase_if(missing, [&](const auto& socket) {
      if (socket.second.kind == "socket") return false;
      found.insert(socket);
      return true;
    });
  }
  for (OpenFile& file : files)
    if (auto socket = found.find(file.inode); file.kind == "socket" && socket != found.end())
      file = socket->second;
}

}  // namespace goshawk::target
