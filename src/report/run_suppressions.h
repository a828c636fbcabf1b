// Of a run of several processes: which entries of its suppression files did nothing.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "report/judged.h"

namespace goshawk::report {

// What is told: "entries of .goshawk.toml that fit no leak of this run: line 11 (top main.f)". An
// entry is of use if it fits a leak of any of the processes that had this file. `unused`: whether
// such entries are told, beside those that have expired.
std::vector<std::string> describe_idle_suppressions(std::span<const Judged> processes, bool unused);

}  // namespace goshawk::report
