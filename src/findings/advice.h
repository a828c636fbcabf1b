// How to mend what makes goroutines leak, as far as a rule and functions tell. One line each.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace goshawk::findings {

// Of goroutines that only the user of a library can end.
struct LibraryAdvice {
  std::string_view advice;
  std::string_view title;  // a headline for those that never run again; empty: their rule's
};

// By whom they are started, or in what they wait. Nothing: they are of no library that is known.
std::optional<LibraryAdvice> find_library_advice(std::string_view rule, std::string_view blocked_in,
                                                 std::string_view creator);

// `creator`: the function with the go statement, or "the creator".
std::string advise_by_rule(std::string_view rule, std::string_view creator);

}  // namespace goshawk::findings
