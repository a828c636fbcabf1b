#include "pprof/text_lines.h"

#include <algorithm>
#include <cstring>

namespace goshawk::pprof {
namespace {

constexpr std::size_t kFirstLook = 1 << 12;
constexpr std::size_t kMostLineBytes = 1 << 20;  // a stack of fifty thousand frames

}  // namespace

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Result<std::optional<std::string_view>> TextLines::line() {
  for (std::size_t wanted = kFirstLook;; wanted *= 2) {
    ByteView seen = TRY(stream_.peek(wanted));
    std::string_view text = as_text(seen);
    if (text.empty()) return std::nullopt;
    std::size_t end = text.find('\n');
    if (end == std::string_view::npos && seen.size() >= wanted) {
      if (wanted >= kMostLineBytes) return fail(malformed("a line without an end"));
      continue;
    }
    length_ = end == std::string_view::npos ? text.size() : end + 1;
    std::string_view line = text.substr(0, std::min(end, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
}

void TextLines::next() {
  stream_.skip(length_);
  length_ = 0;
}

}  // namespace goshawk::pprof
