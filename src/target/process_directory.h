// /proc/PID, held open: what is read through it is of this very process, even if its number is
// given to another one meanwhile (then every read fails). Its texts are hostile: a process chooses
// its own name, and the paths that it maps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/file_descriptor.h"
#include "target/target.h"

namespace goshawk::target {

class ProcessDirectory {
 public:
  static std::optional<ProcessDirectory> open(std::int64_t pid);  // nullopt: no such process

  std::int64_t pid() const { return pid_; }
  int fd() const { return directory_.get(); }
  FileDescriptor open_file(const char* name, int flags) const;  // errno says why it is not open
  // The whole of a file of /proc/PID ("maps", "task/7/status"); nullopt with errno when it cannot
  // be read.
  std::optional<std::string> read_file(const char* name,
                                       std::uint64_t limit_bytes = 1ULL << 30) const;
  std::optional<std::string> read_link(const char* name) const;
  std::vector<std::int64_t> list_threads() const;  // empty: the process is gone

 private:
  ProcessDirectory(std::int64_t pid, FileDescriptor directory)
      : pid_(pid), directory_(std::move(directory)) {}

  std::int64_t pid_;
  FileDescriptor directory_;
};

// The value of a line "Name:\tvalue" of /proc/PID/status, without blanks around; empty when absent.
std::string_view find_status_field(std::string_view status, std::string_view name);
std::optional<std::int64_t> parse_decimal(
    std::string_view text);  // its leading digits, sign allowed

// What is of use in /proc/PID/stat or /proc/PID/task/TID/stat, whose command may hold blanks and
// parentheses.
struct ProcessStat {
  std::string command;
  char state = '?';  // R S D Z T t X I ...
  std::int64_t parent_pid = 0;
  std::int64_t thread_count = 0;
  std::uint64_t start_ticks = 0;  // since boot, in clock ticks
  std::uint64_t resident_pages = 0;
  bool kernel_thread = false;
};
std::optional<ProcessStat> parse_stat(std::string_view text);

// Lines that are not of the kernel's form are left out.
std::vector<Mapping> parse_mappings(std::string_view maps);

}  // namespace goshawk::target
