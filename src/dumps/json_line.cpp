// No more of JSON is understood than where its strings begin and end: a quote that nothing escapes.
// A quote inside of a string is always escaped, so `"log":"` cannot stand in one.
#include "dumps/json_line.h"

#include <cstdint>

#include "dumps/utf8.h"

namespace goshawk::dumps {
namespace {

// The quote that ends a string; `at` is behind its first one. npos: it does not end.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at;
  }
  return std::string_view::npos;
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == ' ') ++at;
  return at;
}

std::optional<std::uint32_t> parse_hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (char c : text.substr(0, 4)) {
    std::uint32_t digit = c >= '0' && c <= '9'   ? static_cast<std::uint32_t>(c - '0')
                          : c >= 'a' && c <= 'f' ? static_cast<std::uint32_t>(c - 'a' + 10)
                          : c >= 'A' && c <= 'F' ? static_cast<std::uint32_t>(c - 'A' + 10)
                                                 : 16;
    if (digit == 16) return std::nullopt;
    value = value * 16 + digit;
  }
  return value;
}

// Behind "\u"; gives how many bytes of `rest` that took.
std::size_t append_escaped_rune(std::string_view rest, std::string& text) {
  auto rune = parse_hex4(rest);
  if (!rune) return 0;
  std::size_t taken = 4;
  if (*rune >= 0xd800 && *rune < 0xdc00 && rest.substr(4).starts_with("\\u")) {
    auto low = parse_hex4(rest.substr(6));
    if (low && *low >= 0xdc00 && *low < 0xe000) {
      rune = 0x10000 + ((*rune - 0xd800) << 10) + (*low - 0xdc00);
      taken = 10;
    }
  }
  append_utf8(text, *rune);
  return taken;
}

}  // namespace

std::optional<std::string_view> find_json_key(std::string_view line, std::size_t position) {
  std::size_t at = skip_blanks(line, 0);
  if (at >= line.size() || line[at] != '{') return std::nullopt;
  std::string_view key;
  while ((at = line.find('"', at)) != std::string_view::npos && at < position) {
    std::size_t end = end_of_string(line, at + 1);
    if (end == std::string_view::npos || end > position)
      return key.empty() ? std::nullopt : std::optional(key);
    std::size_t next = skip_blanks(line, end + 1);
    if (next < line.size() && line[next] == ':') key = line.substr(at + 1, end - at - 1);
    at = end + 1;
  }
  return std::nullopt;
}

std::optional<std::string_view> find_json_string(std::string_view line, std::string_view key) {
  for (std::size_t at = 0; (at = line.find(key, at)) != std::string_view::npos; ++at) {
    std::size_t quote = at + key.size();
    if (at == 0 || line[at - 1] != '"' || quote >= line.size() || line[quote] != '"') continue;
    std::size_t colon = skip_blanks(line, quote + 1);
    if (colon >= line.size() || line[colon] != ':') continue;
    std::size_t begin = skip_blanks(line, colon + 1);
    if (begin >= line.size() || line[begin] != '"') continue;
    std::size_t end = end_of_string(line, begin + 1);
    return line.substr(begin + 1, end == std::string_view::npos ? end : end - begin - 1);
  }
  return std::nullopt;
}

void unescape_json(std::string_view escaped, std::string& text) {
  for (std::size_t at = 0; at < escaped.size(); ++at) {
    if (escaped[at] != '\\' || at + 1 == escaped.size()) {
      text += escaped[at];
      continue;
    }
    switch (char c = escaped[++at]) {
      case 'n':
        text += '\n';
        break;
      case 't':
        text += '\t';
        break;
      case 'r':
        text += '\r';
        break;
      case 'u':
        at += append_escaped_rune(escaped.substr(at + 1), text);
        break;
      default:
        text += c;
    }
  }
}

std::string_view json_stream_of(std::string_view line) {
  return find_json_string(line, "stream").value_or(std::string_view());
}

}  // namespace goshawk::dumps
