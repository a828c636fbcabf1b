// No list of loggers: the prefix is what stands before the first line of a goroutine, and the lines
// that follow have the same but for the time. Two writers to one log (two pods, two processes)
// differ in a name ("web-1", "pod/db-0/db") or in the number in brackets or behind "pid=", and so
// are told apart; digits elsewhere are of times and counters, and may be any.
#include "dumps/line_prefix.h"

#include <algorithm>
#include <cstring>

namespace goshawk::dumps {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::size_t end_of_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

std::size_t end_of_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == ' ') ++at;
  return at;
}

// "[4711]": of the number that begins at `at`.
bool is_in_brackets(std::string_view text, std::size_t at, std::size_t end) {
  return at > 0 && text[at - 1] == '[' && end < text.size() && text[end] == ']';
}

// What a name is made of: a word that begins with a letter.
bool is_of_word(char c) {
  return is_digit(c) || is_letter(c) || c == '-' || c == '_' || c == '.' || c == '/';
}

// klog begins its lines with a level and a day: "E1129 18:30:53.123456".
bool is_klog_day(std::string_view word) {
  return word.size() == 5 && std::string_view("IWEF").find(word[0]) != std::string_view::npos &&
         end_of_digits(word, 1) == word.size();
}

bool is_of_name(std::string_view text, std::size_t at) {
  std::size_t begin = at, end = at;
  while (begin > 0 && is_of_word(text[begin - 1])) --begin;
  while (end < text.size() && is_of_word(text[end])) ++end;
  return is_letter(text[begin]) && !is_klog_day(text.substr(begin, end - begin));
}

// Whether the number that begins at `at` tells writers apart.
bool tells_writer(std::string_view text, std::size_t at, std::size_t end) {
  return is_in_brackets(text, at, end) || is_of_name(text, at) ||
         text.substr(0, at).ends_with("pid=");
}

// The end of an escape sequence that begins at `at` (ECMA-48: CSI, parameters, a final byte).
std::size_t end_of_escape(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size() || text[at + 1] != '[') return std::min(at + 2, text.size());
  for (at += 2; at < text.size(); ++at)
    if (text[at] >= '@' && text[at] <= '~') return at + 1;
  return at;
}

}  // namespace

std::optional<std::size_t> match_prefix(std::string_view prefix, std::string_view line) {
  std::size_t p = 0, l = 0;
  while (p < prefix.size()) {
    if (l >= line.size()) return std::nullopt;
    if (is_digit(prefix[p]) && is_digit(line[l])) {
      std::size_t p_end = end_of_digits(prefix, p), l_end = end_of_digits(line, l);
      if (tells_writer(prefix, p, p_end) &&
          prefix.substr(p, p_end - p) != line.substr(l, l_end - l))
        return std::nullopt;
      p = p_end;
      l = l_end;
    } else if (prefix[p] == ' ' && line[l] == ' ' && p + 1 < prefix.size()) {
      // "Nov  9" becomes "Nov 10". At the prefix' end blanks may belong to the line.
      std::size_t p_end = end_of_blanks(prefix, p);
      l = p_end < prefix.size() ? end_of_blanks(line, l) : l + (p_end - p);
      p = p_end;
    } else if (prefix[p] == line[l]) {
      ++p;
      ++l;
    } else {
      return std::nullopt;
    }
  }
  if (l > line.size()) return std::nullopt;
  return l;
}

std::string_view without_controls(std::string_view line, std::string& storage) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (std::memchr(line.data(), '\x1b', line.size()) == nullptr) return line;
  storage.clear();
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == '\x1b') {
      at = end_of_escape(line, at);
    } else {
      storage += line[at++];
    }
  }
  return storage;
}

}  // namespace goshawk::dumps
