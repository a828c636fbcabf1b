// Go function names. A name is a package path, a dot, and a path of functions, receivers and
// closures: example.com/a/b.(*T[go.shape.int]).Method.func2.1. The compiler numbers closures
// (func1, then .1, .2 inside), go and defer wrappers (gowrap1, deferwrap1), range-over-func bodies
// (-range1) and init functions (init.0) in source order, so adding one elsewhere renumbers the
// rest. A dot in the last element of a package path is written %2e by the linker. Follows
// cmd/compile/internal/ir/func.go (closureName) and runtime/traceback.go (funcNamePiecesForPrint).
#include "findings/function_name.h"

#include <array>
#include <cctype>

namespace goshawk::findings {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool ends_with_counter_word(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kWords = {".func", ".gowrap", ".deferwrap",
                                                             "-range"};
  for (std::string_view word : kWords)
    if (text.ends_with(word)) return true;
  return false;
}

// Where the function path begins: after the last slash that is not inside type arguments.
std::size_t end_of_package_path(std::string_view name) {
  std::size_t arguments = name.find('[');
  std::size_t slash = name.substr(0, arguments).rfind('/');
  return slash == std::string_view::npos ? 0 : slash + 1;
}

}  // namespace

std::string shorten_type_arguments(std::string_view name) {
  std::size_t open = name.find('[');
  std::size_t close = name.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return std::string(name);
  return std::string(name.substr(0, open)) + "[...]" + std::string(name.substr(close + 1));
}

std::string normalize_function(std::string_view name) {
  std::string shortened = shorten_type_arguments(name);
  std::size_t start = end_of_package_path(shortened);
  std::string normal = shortened.substr(0, start);
  for (std::size_t i = start; i < shortened.size();) {
    std::size_t end = i;
    while (end < shortened.size() && is_digit(shortened[end])) ++end;
    bool closes_element = end == shortened.size() || shortened[end] == '.' || shortened[end] == '-';
    if (end == i) {
      normal += shortened[i++];
      continue;
    }
    bool whole_element = !normal.empty() && normal.back() == '.';
    if (closes_element && ends_with_counter_word(normal)) {
      // the word alone says it
    } else if (closes_element && whole_element) {
      normal += '#';
    } else {
      normal.append(shortened, i, end - i);
    }
    i = end;
  }
  return normal;
}

std::string_view package_of(std::string_view name) {
  std::size_t dot = name.find('.', end_of_package_path(name));
  return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

bool is_waiting_machinery(std::string_view name) {
  std::string_view package = package_of(name);
  return package.empty() || package == "runtime" || package == "sync" ||
         package == "internal/sync" || package.starts_with("internal/runtime/") ||
         package == "internal/poll";
}

bool is_wrapper(std::string_view name) {
  if (name.ends_with("-fm")) return true;
  while (!name.empty() && is_digit(name.back())) name.remove_suffix(1);
  return name.ends_with(".gowrap") || name.ends_with(".deferwrap");
}

bool is_of_a_module(std::string_view name) {
  std::string_view package = package_of(name);
  return package == "main" || package.substr(0, package.find('/')).contains('.');
}

}  // namespace goshawk::findings
