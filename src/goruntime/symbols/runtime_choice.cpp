// The number counts from 1 in the order of find_runtimes, which is the same in every process of the
// same files: by their paths, not by where they happen to be mapped. A file's name alone will do
// where no other has it. Who names none gets the first that can be read, and is told of the others.
#include "goruntime/symbols/runtime_choice.h"

#include <fmt/format.h>

#include <algorithm>

namespace goshawk::goruntime {
namespace {

std::string list_runtimes(const std::vector<Runtime>& runtimes) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < runtimes.size(); ++i)
    texts.push_back(fmt::format("{} {}", i + 1, runtimes[i].name.text()));
  return fmt::format("{}", fmt::join(texts, ", "));
}

bool is_named(const RuntimeName& name, std::size_t number, std::string_view wanted) {
  std::string_view path = name.path;
  return wanted == fmt::format("{}", number) || wanted == path ||
         wanted == path.substr(path.rfind('/') + 1);
}

}  // namespace

std::string RuntimeName::text() const {
  return fmt::format("{} ({})", path.empty() ? "no file" : path,
                     version.empty() ? "an unknown Go release" : version);
}

Result<std::size_t> choose_runtime(const std::vector<Runtime>& runtimes, std::string_view wanted) {
  if (wanted.empty()) {
    auto first = std::ranges::find_if(
        runtimes, [](const Runtime& runtime) { return runtime.modules.has_value(); });
    return first == runtimes.end() ? 0 : static_cast<std::size_t>(first - runtimes.begin());
  }
  std::vector<std::size_t> named;
  for (std::size_t i = 0; i < runtimes.size(); ++i)
    if (is_named(runtimes[i].name, i + 1, wanted)) named.push_back(i);
  if (named.size() == 1) return named.front();
  return fail(Usage{fmt::format("--runtime {} names {} of this process' Go runtimes", wanted,
                                named.empty() ? "none" : "more than one"),
                    "name one by its number or path: " + list_runtimes(runtimes)});
}

}  // namespace goshawk::goruntime
