// TARGET is a process id; other kinds of target are recognised so far as to say that they are not
// understood.
#include "frontends/inspect/target_argument.h"

#include <charconv>
#include <filesystem>
#include <limits>

namespace goshawk::frontends::inspect {

Result<std::int64_t> parse_target(const std::string& text) {
  std::int64_t pid = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, pid);
  bool is_number = error == std::errc() && stop == end;
  if (is_number && pid > 0 && pid <= std::numeric_limits<std::int32_t>::max()) return pid;
  std::string hint = "give the id of a running process, such as 4711; `goshawk ps` lists them";
  if (is_number || error == std::errc::result_out_of_range)
    return fail(Usage{text + " is no process id", hint});
  std::error_code ignored;
  if (text.find("://") != std::string::npos)
    return fail(Usage{"\"" + text + "\" is a URL, which is not understood as a target", hint});
  if (std::filesystem::exists(text, ignored))
    return fail(Usage{"\"" + text + "\" is a file, which is not understood as a target", hint});
  return fail(Usage{"\"" + text + "\" is neither a command nor a process id", hint});
}

}  // namespace goshawk::frontends::inspect
