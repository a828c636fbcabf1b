#include "report/path_below.h"

#include <string_view>

namespace goshawk::report {

namespace {

// Without the steps at its end of which nothing could be told.
std::string_view told_part(std::string_view path) {
  std::size_t arrow = path.rfind(" -> ");
  while (path.ends_with(" -> ...") || path.ends_with(" objects)") || path.ends_with(" object)")) {
    path = path.substr(0, arrow);
    arrow = path.rfind(" -> ");
  }
  return path;
}

// "main.shop.sessions ... 3 more steps", below what is held by the first of these steps.
bool is_cut_above(std::string_view path, std::string_view above) {
  return path.ends_with(" more steps") && above.starts_with(path.substr(0, path.rfind(" ... ")));
}

}  // namespace

std::string path_below(const std::string& path, const std::string& above) {
  if (is_cut_above(path, above)) return "...";
  std::string_view told = told_part(path), known = told_part(above);
  if (known.empty() || !told.starts_with(known)) return path;
  if (told.size() == known.size()) return "";
  return std::string_view(".[ -,'").contains(told[known.size()])
             ? std::string(told.substr(known.size()))
             : path;
}

}  // namespace goshawk::report
