// A holder is known again in another build by the words of its path. Numbers in it (addresses,
// offsets, ids and counts of goroutines) are another one's each time, and are left out.
#include "findings/heap_holders.h"

#include <algorithm>
#include <cctype>

#include "findings/name_hash.h"

namespace goshawk::findings {

namespace {

// "the stacks of 120 goroutines, in main.work2": the word that is a number goes, main.work2 stays.
std::string without_numbers(std::string_view path) {
  std::string kept;
  bool inside_word = false, inside_number = false;
  for (char letter : path) {
    bool is_word = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
    if (is_word && !inside_word)
      inside_number = std::isdigit(static_cast<unsigned char>(letter)) != 0;
    if (!is_word) inside_number = false;
    inside_word = is_word;
    if (!inside_number) kept += letter;
  }
  return kept;
}

// "the stack of goroutine 7, in main.refresh (asleep in time.Sleep)": what a function is in just
// then differs from picture to picture.
std::string without_inner_function(std::string_view path) {
  for (std::string_view opening : {" (asleep in ", " (in "}) {
    std::size_t begin = path.find(opening);
    if (begin == std::string_view::npos) continue;
    std::size_t end = begin + 1, open = 0;
    do {
      if (path[end] == '(') ++open;
      if (path[end] == ')') --open;
    } while (open > 0 && ++end < path.size());
    return std::string(path.substr(0, begin)).append(path.substr(std::min(end + 1, path.size())));
  }
  return std::string(path);
}

}  // namespace

std::string compute_holder_fingerprint(std::string_view rule, std::string_view path) {
  NameHash hash;
  hash.add(rule);
  hash.add(without_numbers(without_inner_function(path)));
  return hash.hex();
}

}  // namespace goshawk::findings
