// Matching is from left to right: each text between two stars is taken where it is found first,
// which is as good as any other place, since a star takes whatever lies before the next one.
#include "findings/function_pattern.h"

#include <utility>

#include "findings/function_name.h"

namespace goshawk::findings {
namespace {

// Of the first star that stands for any text.
std::size_t find_star(std::string_view pattern) {
  std::size_t at = pattern.find('*');
  while (at != std::string_view::npos && at > 0 && pattern[at - 1] == '(')
    at = pattern.find('*', at + 1);
  return at;
}

}  // namespace

FunctionPattern::FunctionPattern(std::string text)
    : text_(std::move(text)), normal_(normalize_function(text_)), star_(find_star(normal_)) {}

bool FunctionPattern::fits(std::string_view normal) const {
  if (normal_.empty()) return true;
  std::string_view pattern = normal_;
  std::size_t star = star_;
  if (star == std::string_view::npos) return pattern == normal;
  if (!normal.starts_with(pattern.substr(0, star))) return false;
  normal.remove_prefix(star);
  for (;;) {
    pattern.remove_prefix(star + 1);
    star = find_star(pattern);
    std::string_view part = pattern.substr(0, star);
    if (star == std::string_view::npos) return normal.ends_with(part);
    std::size_t found = normal.find(part);
    if (found == std::string_view::npos) return false;
    normal.remove_prefix(found + part.size());
  }
}

bool FunctionPattern::fits_everything() const {
  return normal_.find_first_not_of('*') == std::string::npos;
}

}  // namespace goshawk::findings
