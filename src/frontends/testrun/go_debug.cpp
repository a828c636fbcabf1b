// GODEBUG is a list of NAME=VALUE with commas between them, the last of a name counts (runtime1.go
// parsegodebug). Of a variable that is there twice, Go takes the last one (syscall/env_unix.go
// copyenv), as do we.
#include "frontends/testrun/go_debug.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace goshawk::frontends::testrun {
namespace {

constexpr std::string_view kVariable = "GODEBUG=";
constexpr std::string_view kSetting = "tracebackancestors=";

bool has_setting(std::string_view list) {
  while (!list.empty()) {
    std::string_view one = list.substr(0, list.find(','));
    if (one.starts_with(kSetting)) return true;
    list.remove_prefix(std::min(one.size() + 1, list.size()));
  }
  return false;
}

}  // namespace

std::vector<std::string> with_ancestors(std::vector<std::string> environment, std::uint32_t count) {
  std::string setting = fmt::format("{}{}", kSetting, count);
  auto last = std::find_if(environment.rbegin(), environment.rend(),
                           [](const std::string& one) { return one.starts_with(kVariable); });
  if (last == environment.rend()) {
    environment.push_back(fmt::format("{}{}", kVariable, setting));
    return environment;
  }
  std::string_view list = std::string_view(*last).substr(kVariable.size());
  if (has_setting(list)) return environment;
  *last += (list.empty() ? "" : ",") + setting;
  return environment;
}

}  // namespace goshawk::frontends::testrun
