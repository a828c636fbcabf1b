// What the numbers of processes mean here, and whose rights count: Linux's pid and user namespaces,
// which is what containers are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "target/process_directory.h"

namespace goshawk::target {

// /proc may be absent, or that of another pid namespace (entered by halves): its numbers are then
// not those that the kernel takes from us, and nothing may be read by them.
Result<void> check_proc();

// Of the status file's "NSpid: 4242 17 1": the last, when it is another one than the first.
std::optional<std::int64_t> find_pid_inside(std::string_view status);

// "process 4242", "process 4242 (1 in its container)"
std::string name_process(const ProcessDirectory& directory);

// There is no process of that number: what it may be elsewhere.
Error explain_absent(std::int64_t pid);

// When goshawk itself is in a container that shows it no other processes: how to be shown them.
std::optional<std::string> explain_own_pid_namespace();

// Where a process' user namespace is, seen from ours: capabilities of ours count in those below.
enum class UserNamespace : std::uint8_t { kOurs, kBelow, kElsewhere };
UserNamespace find_user_namespace(const ProcessDirectory& directory);

}  // namespace goshawk::target
