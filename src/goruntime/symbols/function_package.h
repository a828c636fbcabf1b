// Of which package a function is, by its name, and whether that is one of Go's own.
#pragma once

#include <string_view>

namespace goshawk::goruntime {

// "net/http" of "net/http.(*conn).serve"; empty when the name has no package.
std::string_view package_of(std::string_view function);

// By the first element of the path: what the go command itself keeps for the standard library.
bool is_of_standard_library(std::string_view function);

}  // namespace goshawk::goruntime
