// Dumps of threads that other languages' programs print.
#pragma once

#include <string_view>

namespace goshawk::inspection {

// "a Java thread dump", by marks that its first text has; empty: none is known.
std::string_view name_of_foreign_dump(std::string_view text);

}  // namespace goshawk::inspection
