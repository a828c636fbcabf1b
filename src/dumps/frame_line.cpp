// Arguments are printed as numbers, so a call is told from a log line that happens to end with a
// parenthesis. Names of C functions, which a cgo symbolizer gives, may be anything: what they are
// is told by the line after them (goroutine_block). Follows runtime/traceback.go: traceback2,
// printArgs, printcreatedby1, printAncestorTraceback, printOneCgoTraceback.
#include "dumps/frame_line.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace goshawk::dumps {
namespace {

using Classes = std::array<bool, 256>;

constexpr Classes make_class(std::string_view members) {
  Classes classes{};
  for (char c : members) classes[static_cast<unsigned char>(c)] = true;
  return classes;
}
constexpr Classes kOfArguments = make_class("0123456789abcdefx, {}.?_");
constexpr Classes kOfHex = make_class("0123456789abcdef");

bool all_of(std::string_view text, const Classes& allowed) {
  return std::ranges::all_of(text, [&](unsigned char c) { return allowed[c]; });
}

// Names of generated functions spell types out, with blanks in them.
bool is_function_name(std::string_view name) {
  if (name.empty()) return false;
  if (name.starts_with("type:") || name.starts_with("type..") || name.starts_with("go:"))
    return true;
  return std::ranges::all_of(name, [](unsigned char c) { return c > ' ' && c != '"' && c != 127; });
}

std::string_view without_blanks_before(std::string_view text) {
  if (text.starts_with("#011")) text.remove_prefix(4);
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

bool take_hex_end(std::string_view& text, std::string_view name) {
  std::size_t space = text.rfind(' ');
  std::string_view word = text.substr(space == std::string_view::npos ? 0 : space + 1);
  if (!word.starts_with(name) || word.size() == name.size() ||
      !all_of(word.substr(name.size()), kOfHex))
    return false;
  text.remove_suffix(std::min(word.size() + 1, text.size()));
  return true;
}

template <typename Number>
bool parse_whole(std::string_view text, Number& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool is_level(std::string_view line) {
  for (std::string_view word :
       {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "time=", "ts=", "level=", "msg=", "{\"",
        "trace\t", "debug\t", "info\t", "warn\t", "error\t", "http: "})
    if (line.starts_with(word)) return true;
  return false;
}

}  // namespace

std::optional<std::string_view> parse_call(std::string_view line) {
  if (!line.ends_with(')')) return std::nullopt;
  std::size_t opening = line.rfind('(');
  if (opening == std::string_view::npos) return std::nullopt;
  std::string_view name = line.substr(0, opening);
  std::string_view arguments = line.substr(opening + 1, line.size() - opening - 2);
  if (!all_of(arguments, kOfArguments) || !is_function_name(name)) return std::nullopt;
  return name;
}

bool begins_as_place(std::string_view line) {
  return line.starts_with('\t') || line.starts_with(' ') || line.starts_with("#011");
}

std::optional<Place> parse_place(std::string_view line) {
  if (!begins_as_place(line)) return std::nullopt;
  line = without_blanks_before(line);
  Place place;
  bool has_pc = take_hex_end(line, "pc=0x");
  bool has_registers = take_hex_end(line, "sp=0x") && take_hex_end(line, "fp=0x");
  place.has_offset = take_hex_end(line, "+0x") || has_registers;
  place.of_c = has_pc && !has_registers;
  if (line.empty()) return place.of_c ? std::optional(place) : std::nullopt;
  std::size_t colon = line.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  if (!parse_whole(line.substr(colon + 1), place.line)) return std::nullopt;
  place.file = line.substr(0, colon);
  return place;
}

std::optional<Creator> parse_creator(std::string_view line) {
  constexpr std::string_view kWords = "created by ", kBetween = " in goroutine ";
  if (!line.starts_with(kWords)) return std::nullopt;
  Creator creator{.function = line.substr(kWords.size())};
  if (std::size_t between = creator.function.rfind(kBetween); between != std::string_view::npos) {
    if (!parse_whole(creator.function.substr(between + kBetween.size()), creator.goid))
      return std::nullopt;
    creator.function = creator.function.substr(0, between);
  }
  if (!is_function_name(creator.function)) return std::nullopt;
  return creator;
}

bool is_elision(std::string_view line) {
  constexpr std::string_view kEnd = " frames elided...";
  if (!line.starts_with("...") || !line.ends_with(kEnd)) return false;
  std::string_view amount =
      line.substr(3, line.size() - 3 - std::min(kEnd.size(), line.size() - 3));
  std::uint64_t number = 0;
  return amount == "additional" || parse_whole(amount, number);
}

std::optional<std::uint64_t> parse_ancestor(std::string_view line) {
  constexpr std::string_view kWords = "[originating from goroutine ";
  if (!line.starts_with(kWords) || !line.ends_with("]:")) return std::nullopt;
  std::uint64_t goid = 0;
  if (!parse_whole(line.substr(kWords.size(), line.size() - kWords.size() - 2), goid))
    return std::nullopt;
  return goid;
}

bool is_runtime_note(std::string_view line) {
  if (line.starts_with("runtime: ") || line.starts_with("stack: frame={")) return true;
  std::size_t colon = line.find(": ");
  return line.starts_with("0x") && colon == 18 && all_of(line.substr(2, colon - 2), kOfHex);
}

bool looks_like_log(std::string_view line) {
  if (line.size() < 5) return false;
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (line.front() == '[') line.remove_prefix(1);
  if (is_level(line)) return true;
  if (is_digit(line[0]) && is_digit(line[1]))  // 2026-11-29, 29/Nov/2026, 18:30:53, 1764441053.5
    return line[2] == ':' || line[2] == '/' || (is_digit(line[2]) && is_digit(line[3]));
  bool is_klog = (line[0] == 'I' || line[0] == 'W' || line[0] == 'E' || line[0] == 'F') &&
                 std::ranges::all_of(line.substr(1, 3), is_digit);
  constexpr std::string_view kMonths = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
  return is_klog || kMonths.find(line.substr(0, 4)) % 4 == 0;
}

bool has_part_of_stack(std::string_view line) {
  for (std::string_view part : {"(0x", "({0x", "(...)", ".go:", ", 0x", "created by "})
    if (line.find(part) != std::string_view::npos) return true;
  return false;
}

}  // namespace goshawk::dumps
