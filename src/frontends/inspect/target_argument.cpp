// TARGET is a process id or a file. A number is always a process: "./4711" is a file of that name.
#include "frontends/inspect/target_argument.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <limits>

#include "base/duration.h"
#include "base/memory_size.h"
#include "base/nearest_word.h"
#include "goruntime/census.h"
#include "target/process.h"
#include "target/process_list.h"

namespace goshawk::frontends::inspect {
namespace {

constexpr std::size_t kMostSuggested = 3;

bool has_name(const target::ProcessEntry& entry, std::string_view name) {
  std::string_view path = entry.executable_path;
  return entry.command == name || path.substr(path.rfind('/') + 1) == name;
}

Result<std::vector<std::string>> parse_debug_directory(const TargetArgument& argument) {
  if (argument.debug_directory.empty()) return {};
  std::error_code error;
  if (std::filesystem::is_directory(argument.debug_directory, error))
    return std::vector{argument.debug_directory};
  return fail(Usage{"--debug-dir " + argument.debug_directory + " is no directory",
                    "name one that holds debug files, as /usr/lib/debug does"});
}

target::Way parse_way(std::string_view way) {
  if (way == "track") return target::Way::kTrack;
  if (way == "twin") return target::Way::kTwin;
  return way == "copy" ? target::Way::kCopy : target::Way::kBest;
}

bool is_go(const target::ProcessEntry& entry) {
  auto executable = target::open_executable_of(entry.pid);
  return executable && goruntime::read_go_executable(*executable);
}

}  // namespace

// "20" are milliseconds.
Result<std::int64_t> parse_max_pause(const std::string& text) {
  if (text.empty()) return 0;
  bool is_number = text.find_first_not_of("0123456789.") == std::string::npos;
  std::int64_t ns = TRY(parse_duration("--max-pause", is_number ? text + "ms" : text));
  if (ns > 0) return ns;
  return fail(Usage{"--max-pause 0 allows no stop at all",
                    "goshawk goroutines PID --no-stop lists goroutines without one"});
}

Result<std::uint64_t> parse_max_memory(const std::string& text) {
  if (text.empty()) return std::uint64_t{0};
  auto bytes = parse_memory_size(text);
  if (bytes && *bytes > 0) return *bytes;
  return fail(Usage{"--max-memory: \"" + text + "\" is no amount of memory",
                    "write a number with a unit, such as 500MB or 2GB"});
}

Result<inspection::Source> parse_target(const TargetArgument& argument) {
  const std::string& text = argument.text;
  std::int64_t pid = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, pid);
  bool is_number = error == std::errc() && stop == end;
  std::uint64_t max_memory_bytes = TRY(parse_max_memory(argument.max_memory));
  std::int64_t max_pause_ns = TRY(parse_max_pause(argument.max_pause));
  std::vector<std::string> debug_directories = TRY(parse_debug_directory(argument));
  if (is_number && pid > 0 && pid <= std::numeric_limits<std::int32_t>::max()) {
    if (!argument.executable.empty())
      return fail(Usage{"--exe is for cores", "a process brings its executable"});
    return inspection::Source{.name = text,
                              .pid = pid,
                              .runtime = argument.runtime,
                              .way = parse_way(argument.way),
                              .executable = {{}, debug_directories},
                              .max_pause_ns = max_pause_ns,
                              .max_memory_bytes = max_memory_bytes};
  }
  std::string hint =
      "give the id of a running process, such as 4711 (`goshawk ps` lists them), a core file or a "
      "snapshot";
  if (is_number || error == std::errc::result_out_of_range)
    return fail(Usage{text + " is no process id", hint});
  if (text.find("://") != std::string::npos)
    return fail(Usage{"\"" + text + "\" is a URL, which is not understood as a target", hint});
  std::string processes = suggest_processes(text.substr(text.rfind('/') + 1));
  if (!processes.empty()) hint = "did you mean " + processes + "? A process is named by its id";
  std::error_code ignored;
  if (std::filesystem::exists(text, ignored)) {
    if (!argument.way.empty())
      return fail(Usage{"--way is for processes", "a file does not run: nothing stops"});
    if (!argument.max_pause.empty())
      return fail(Usage{"--max-pause is for processes", "a file does not run: nothing stops"});
    auto kind = inspection::recognise_file(text);
    if (!kind && !processes.empty()) return fail(Usage{text + " is no core and no snapshot", hint});
    if (!kind) return fail(kind.error());
    if (*kind == inspection::FileKind::kProfile)
      return fail(Usage{text + " is a pprof profile, which holds too little for this",
                        fmt::format("`goshawk {}` tells what it says", text)});
    return inspection::Source{.name = text,
                              .runtime = argument.runtime,
                              .executable = {argument.executable, debug_directories},
                              .max_memory_bytes = max_memory_bytes};
  }
  return fail(Usage{"\"" + text + "\" is neither a command, a process id nor a file", hint});
}

std::string describe_source(const inspection::Source& source) {
  return source.pid != 0 ? "process " + source.name : source.name;
}

std::string suggest_processes(std::string_view name) {
  auto entries = target::list_processes();
  if (!entries || name.empty()) return "";
  std::vector<std::string> pids;
  for (const target::ProcessEntry& entry : *entries)
    if (pids.size() < kMostSuggested && has_name(entry, name) && is_go(entry))
      pids.push_back(fmt::format("{}", entry.pid));
  if (pids.empty()) return "";
  return fmt::format("{} ({})",
                     list_with_or(std::vector<std::string_view>(pids.begin(), pids.end())), name);
}

}  // namespace goshawk::frontends::inspect
