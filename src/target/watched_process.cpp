// Threads come and go while they are looked at: one that is gone when /proc is asked has no say.
#include "target/watched_process.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <string_view>

#include "target/ptrace_request.h"

namespace goshawk::target {
namespace {

// The system call that a thread waits in; none, or unknown: -1.
long read_system_call(std::int64_t pid, std::int64_t tid) {
  auto directory = ProcessDirectory::open(pid);
  auto text =
      directory ? directory->read_file(fmt::format("task/{}/syscall", tid).c_str()) : std::nullopt;
  return text ? parse_decimal(*text).value_or(-1) : -1;
}

bool has_come(const WatchedProcess& process, std::int64_t tid) {
  return process.held.contains(tid) || process.unread.contains(tid);
}

}  // namespace

char read_thread_state(const ProcessDirectory& directory, std::int64_t tid) {
  auto stat =
      parse_stat(directory.read_file(fmt::format("task/{}/stat", tid).c_str()).value_or(""));
  return stat ? stat->state : '\0';
}

bool waits_in_exec(std::int64_t pid, const WatchedProcess& process) {
  return std::ranges::any_of(process.threads, [&](std::int64_t tid) {
    if (has_come(process, tid)) return false;
    long call = read_system_call(pid, tid);
    return call == SYS_execve || call == SYS_execveat;
  });
}

bool lacks_privileges(const ProcessDirectory& directory) {
  struct stat executable{};
  if (::fstatat(directory.fd(), "exe", &executable, 0) != 0) return false;
  std::string status = directory.read_file("status").value_or("");
  std::string_view users = find_status_field(status, "Uid");  // real, effective, ...
  users.remove_prefix(std::min(users.find('\t') + 1, users.size()));
  return (executable.st_mode & S_ISUID) != 0 && find_status_field(status, "NoNewPrivs") != "1" &&
         parse_decimal(users) != std::int64_t{executable.st_uid};
}

std::int64_t WatchedProcesses::process_of(std::int64_t tid) {
  auto known = process_of_.find(tid);
  if (known != process_of_.end()) return known->second;
  auto directory = ProcessDirectory::open(tid);
  std::string status = directory ? directory->read_file("status").value_or("") : "";
  std::int64_t pid = parse_decimal(find_status_field(status, "Tgid")).value_or(0);
  if (pid == 0) return 0;
  process_of_[tid] = pid;
  processes_[pid].threads.insert(tid);
  return pid;
}

WatchedProcess* WatchedProcesses::find(std::int64_t pid) {
  auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : &found->second;
}

const WatchedProcess* WatchedProcesses::find(std::int64_t pid) const {
  auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : &found->second;
}

void WatchedProcesses::add(std::int64_t pid) {
  processes_[pid].threads = {pid};
  process_of_[pid] = pid;
}

WatchedProcess& WatchedProcesses::restart(std::int64_t pid) {
  WatchedProcess& process = processes_[pid];
  for (std::int64_t other : process.threads) process_of_.erase(other);
  process = WatchedProcess();
  process.executes = true;
  add(pid);
  return process;
}

void WatchedProcesses::forget_thread(std::int64_t tid) {
  auto known = process_of_.find(tid);
  if (known == process_of_.end()) return;
  if (WatchedProcess* process = find(known->second)) process->threads.erase(tid);
  process_of_.erase(known);
}

void WatchedProcesses::forget(std::int64_t pid) {
  processes_.erase(pid);
  process_of_.erase(pid);
}

bool WatchedProcesses::have_all_come(std::int64_t pid, const WatchedProcess& process) const {
  if (process.threads.size() > process.held.size() + process.unread.size()) return false;
  auto directory = ProcessDirectory::open(pid);
  if (!directory) return true;
  return std::ranges::all_of(directory->list_threads(), [&](std::int64_t tid) {
    if (has_come(process, tid)) return true;
    char state = read_thread_state(*directory, tid);
    return state == '\0' || state == 'Z' || state == 'X' || knows(tid) ||
           read_system_call(pid, tid) == SYS_exit;
  });
}

void WatchedProcesses::let_held_go(WatchedProcess& process) {
  std::set<std::int64_t> going = std::move(process.unread);
  for (const auto& [tid, thread] : process.held) going.insert(tid);
  for (std::int64_t tid : going) request_of_thread(PTRACE_CONT, tid);
  for (std::int64_t tid : going) forget_thread(tid);
  process.held.clear();
  process.unread.clear();
  process.ends_since.reset();
  process.lost = false;
}

}  // namespace goshawk::target
