// The words in which errors reach a user: what happened, where, and the next step.
#include "base/result.h"

#include <fmt/format.h>

namespace goshawk {
namespace {

std::string with_next_step(const std::string& text, const std::string& step) {
  return step.empty() ? text : text + "; " + step;
}

struct Describe {
  std::string operator()(const Fault& e) const {
    return fmt::format("cannot read {} bytes at {:#x} of the target: {}", e.size_bytes,
                       e.address.value(), e.reason);
  }
  std::string operator()(const Malformed& e) const {
    return fmt::format("{} is malformed at offset {:#x}: {}", e.file, e.offset, e.what);
  }
  std::string operator()(const Missing& e) const { return with_next_step(e.name, e.feature); }
  std::string operator()(const Denied& e) const { return with_next_step(e.action, e.remedy); }
  std::string operator()(const Usage& e) const { return with_next_step(e.problem, e.hint); }
};

}  // namespace

std::string describe(const Error& error) { return std::visit(Describe{}, error); }

}  // namespace goshawk
