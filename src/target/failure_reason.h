// What an error says when there is nobody to turn to with it: another way is taken, and told why.
#pragma once

#include <string>

#include "base/result.h"

namespace goshawk::target {

inline std::string name_reason(const Error& error) {
  if (const auto* missing = std::get_if<Missing>(&error)) return missing->name;
  if (const auto* denied = std::get_if<Denied>(&error)) return denied->action;
  return describe(error);
}

}  // namespace goshawk::target
