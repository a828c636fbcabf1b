// Reading /proc/PID through one descriptor of the directory.
//
// The kernel answers ESRCH through that descriptor once the process has been reaped, whoever has
// its number by then. Files of /proc have no length: they are read until nothing more comes.
//
// Texts: proc(5). A command in stat may hold anything, so the fields are counted from the last
// closing parenthesis. A path in maps ends at the end of its line (the kernel escapes line feeds
// as \012); " (deleted)" at its end is left as the kernel says it.
#include "target/process_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

namespace goshawk::target {
namespace {

std::string_view take_word(std::string_view& text) {
  std::size_t start = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(start);
  std::size_t length = std::min(text.find(' '), text.size());
  std::string_view word = text.substr(0, length);
  text.remove_prefix(length);
  return word;
}

template <typename T>
bool parse_whole(std::string_view text, int base, T& value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool parse_range(std::string_view text, AddressRange& range) {
  std::size_t dash = text.find('-');
  std::uint64_t start = 0, end = 0;
  if (dash == std::string_view::npos || !parse_whole(text.substr(0, dash), 16, start) ||
      !parse_whole(text.substr(dash + 1), 16, end) || start >= end)
    return false;
  range = {Address(start), Address(end)};
  return true;
}

// fe:01
std::uint64_t parse_device(std::string_view text) {
  std::size_t colon = std::min(text.find(':'), text.size());
  std::uint32_t numbers[2] = {};
  parse_whole(text.substr(0, colon), 16, numbers[0]);
  parse_whole(text.substr(std::min(colon + 1, text.size())), 16, numbers[1]);
  return std::uint64_t{numbers[0]} << 32 | numbers[1];
}

// 7f00-7f01 r-xp 00001000 fe:01 1234      /usr/lib/x.so
std::optional<Mapping> parse_mapping(std::string_view line) {
  Mapping mapping;
  if (!parse_range(take_word(line), mapping.range)) return std::nullopt;
  std::string_view permissions = take_word(line);
  if (permissions.size() != 4) return std::nullopt;
  mapping.readable = permissions[0] == 'r';
  mapping.writable = permissions[1] == 'w';
  mapping.executable = permissions[2] == 'x';
  mapping.shared = permissions[3] == 's';
  if (!parse_whole(take_word(line), 16, mapping.file_offset)) return std::nullopt;
  mapping.device = parse_device(take_word(line));
  if (!parse_whole(take_word(line), 10, mapping.inode)) return std::nullopt;
  std::size_t path = line.find_first_not_of(' ');
  if (path != std::string_view::npos) mapping.path = line.substr(path);
  return mapping;
}

}  // namespace

std::optional<ProcessDirectory> ProcessDirectory::open(std::int64_t pid) {
  if (pid <= 0) return std::nullopt;
  int fd = ::open(fmt::format("/proc/{}", pid).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  return ProcessDirectory(pid, FileDescriptor(fd));
}

FileDescriptor ProcessDirectory::open_file(const char* name, int flags) const {
  return FileDescriptor(::openat(fd(), name, flags | O_CLOEXEC));
}

std::optional<std::string> ProcessDirectory::read_file(const char* name,
                                                       std::uint64_t limit_bytes) const {
  FileDescriptor file = open_file(name, O_RDONLY);
  if (!file.is_open()) return std::nullopt;
  std::string text;
  std::size_t filled = 0;
  while (filled < limit_bytes) {
    if (text.size() - filled < 4096) text.resize(std::max<std::size_t>(8192, text.size() * 2));
    ssize_t n = ::read(file.get(), text.data() + filled, text.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  text.resize(filled);
  return text;
}

std::optional<std::string> ProcessDirectory::read_link(const char* name) const {
  std::string path(4096, '\0');
  ssize_t n = ::readlinkat(fd(), name, path.data(), path.size());
  if (n < 0) return std::nullopt;
  path.resize(static_cast<std::size_t>(n));
  return path;
}

std::vector<std::int64_t> ProcessDirectory::list_threads() const {
  std::vector<std::int64_t> tids;
  FileDescriptor task = open_file("task", O_RDONLY | O_DIRECTORY);
  if (!task.is_open()) return tids;
  std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })> entries(
      ::fdopendir(task.get()));
  if (!entries) return tids;
  task.release();
  while (const dirent* entry = ::readdir(entries.get()))
    if (auto tid = parse_decimal(entry->d_name)) tids.push_back(*tid);
  return tids;
}

std::string_view find_status_field(std::string_view status, std::string_view name) {
  // The command's line comes first, and the kernel escapes line feeds in it.
  while (!status.empty()) {
    std::size_t end = std::min(status.find('\n'), status.size());
    std::string_view line = status.substr(0, end);
    status.remove_prefix(std::min(end + 1, status.size()));
    if (!line.starts_with(name) || line.substr(name.size(), 1) != ":") continue;
    line.remove_prefix(name.size() + 1);
    std::size_t start = line.find_first_not_of(" \t");
    return start == std::string_view::npos ? std::string_view() : line.substr(start);
  }
  return {};
}

std::optional<std::int64_t> parse_decimal(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::optional<ProcessStat> parse_stat(std::string_view text) {
  std::size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return std::nullopt;
  ProcessStat stat;
  stat.command = text.substr(open + 1, close - open - 1);
  std::string_view rest = text.substr(close + 1);
  std::array<std::string_view, 25> fields;  // [3] is the state: counted as proc(5) does
  for (std::size_t i = 3; i < fields.size(); ++i) fields[i] = take_word(rest);
  if (fields[3].size() != 1) return std::nullopt;
  stat.state = fields[3][0];
  if (!parse_whole(fields[4], 10, stat.parent_pid) ||
      !parse_whole(fields[20], 10, stat.thread_count) ||
      !parse_whole(fields[22], 10, stat.start_ticks))
    return std::nullopt;
  constexpr std::int64_t kKernelThread = 0x200000;  // PF_KTHREAD
  stat.kernel_thread = (parse_decimal(fields[9]).value_or(0) & kKernelThread) != 0;
  std::int64_t resident = parse_decimal(fields[24]).value_or(0);
  stat.resident_pages = resident > 0 ? static_cast<std::uint64_t>(resident) : 0;
  return stat;
}

std::vector<Mapping> parse_mappings(std::string_view maps) {
  std::vector<Mapping> mappings;
  while (!maps.empty()) {
    std::size_t end = std::min(maps.find('\n'), maps.size());
    if (auto mapping = parse_mapping(maps.substr(0, end))) mappings.push_back(std::move(*mapping));
    maps.remove_prefix(std::min(end + 1, maps.size()));
  }
  return mappings;
}

}  // namespace goshawk::target
