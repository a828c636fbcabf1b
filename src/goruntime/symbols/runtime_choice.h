// Which of several Go runtimes in one process is meant.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "goruntime/symbols/modules.h"

namespace goshawk::goruntime {

// Its index; `wanted` as read_modules() takes it. Usage, with the list of all, when it names none.
Result<std::size_t> choose_runtime(const std::vector<Runtime>& runtimes, std::string_view wanted);

}  // namespace goshawk::goruntime
