// Follows runtime/pprof/label.go (labelMap.String) and strconv.Quote, whose escapes they are in.
#include "pprof/text_labels.h"

#include <cstdint>
#include <optional>

#include "pprof/text_lines.h"

namespace goshawk::pprof {
namespace {

void append_utf8(std::string& text, std::uint32_t point) {
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xc0 | point >> 6);
    text += static_cast<char>(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    text += static_cast<char>(0xe0 | point >> 12);
    text += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    text += static_cast<char>(0xf0 | (point >> 18 & 7));
    text += static_cast<char>(0x80 | (point >> 12 & 0x3f));
    text += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (point & 0x3f));
  }
}

// After "\x", "\u" or "\U": so many digits.
bool unescape_number(std::string_view& rest, std::size_t digits, bool is_byte, std::string& text) {
  std::uint32_t value = 0;
  TextCursor cursor(rest.substr(0, digits));
  if (rest.size() < digits || cursor.number(value, 16).failed() || !cursor.rest().empty())
    return false;
  rest.remove_prefix(digits);
  if (is_byte)
    text += static_cast<char>(value);
  else
    append_utf8(text, value);
  return true;
}

bool unescape(std::string_view& rest, std::string& text) {
  constexpr std::string_view kLetters = "abfnrtv\\\"'", kMeanings = "\a\b\f\n\r\t\v\\\"'";
  if (rest.empty()) return false;
  char letter = rest.front();
  rest.remove_prefix(1);
  if (std::size_t at = kLetters.find(letter); at != std::string_view::npos) {
    text += kMeanings[at];
    return true;
  }
  if (letter == 'x') return unescape_number(rest, 2, true, text);
  if (letter == 'u') return unescape_number(rest, 4, false, text);
  return letter == 'U' && unescape_number(rest, 8, false, text);
}

std::optional<std::string> take_quoted(std::string_view& rest) {
  if (!rest.starts_with('"')) return std::nullopt;
  rest.remove_prefix(1);
  std::string text;
  while (!rest.empty()) {
    char letter = rest.front();
    rest.remove_prefix(1);
    if (letter == '"') return text;
    if (letter != '\\')
      text += letter;
    else if (!unescape(rest, text))
      return std::nullopt;
  }
  return std::nullopt;
}

bool take(std::string_view& rest, std::string_view text) {
  if (!rest.starts_with(text)) return false;
  rest.remove_prefix(text.size());
  return true;
}

}  // namespace

std::vector<TextLabel> parse_labels(std::string_view line) {
  std::vector<TextLabel> labels;
  if (!take(line, "# labels: {")) return {};
  for (;;) {
    auto key = take_quoted(line);
    if (!key || !take(line, ":")) return {};
    auto value = take_quoted(line);
    if (!value) return {};
    labels.push_back({std::move(*key), std::move(*value)});
    if (take(line, "}")) return labels;
    if (!take(line, ", ")) return {};
  }
}

}  // namespace goshawk::pprof
