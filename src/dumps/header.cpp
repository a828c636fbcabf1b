// All releases print the same line with more and more in it. What is not known between the commas
// is passed over: a later release may add to it.
//
//   goroutine 18 [select, 5 minutes, locked to thread]:          all releases
//   goroutine 18 gp=0xc0000061c0 m=4 mp=0xc000080008 [running]:  GOTRACEBACK=system, crash; m=nil
//   [chan receive (scan)], (leaked) since 1.26, (durable) since 1.25
//   [..., synctest group 7] in 1.24, [..., synctest bubble 1] since 1.25
//   [chan receive labels:{"k": "v"}]: in 1.26, [chan receive] {k: v, "a b": c}: since 1.27
//
// Follows runtime/traceback.go, goroutineheader.
#include "dumps/header.h"

#include <algorithm>
#include <charconv>

namespace goshawk::dumps {
namespace {

constexpr std::string_view kWord = "goroutine ";
constexpr std::size_t kMostStateBytes = 200;
constexpr std::size_t kMostLineBytes = 64 << 10;  // with labels, which a program chooses

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

bool take_end(std::string_view& text, std::string_view word) {
  if (!text.ends_with(word)) return false;
  text.remove_suffix(word.size());
  return true;
}

template <typename Number>
bool take_number(std::string_view& text, Number& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// " gp=0xc0000061c0 m=4 mp=0xc000080008"; nothing is wanted of it.
void skip_addresses(std::string_view& text) {
  for (std::string_view name : {" gp=", " m=", " mp="}) {
    if (!take(text, name)) continue;
    text.remove_prefix(std::min(text.find(' '), text.size()));
  }
}

// The words that are put behind a state, in whatever order.
void take_marks(Header& header) {
  for (;;) {
    if (take_end(header.state, " (leaked)"))
      header.leaked = true;
    else if (take_end(header.state, " (scan)"))
      header.scanning = true;
    else if (take_end(header.state, " (durable)"))
      header.durable = true;
    else
      return;
  }
}

void take_item(Header& header, std::string_view item) {
  std::uint32_t minutes = 0;
  if (item == "locked to thread") {
    header.locked_to_thread = true;
  } else if (take(item, "synctest bubble ") || take(item, "synctest group ")) {
    take_number(item, header.bubble);
  } else if (take_number(item, minutes) && item == " minutes") {
    header.wait_minutes = minutes;
  }
}

// Between the brackets.
bool parse_brackets(Header& header, std::string_view text) {
  std::size_t labels = text.find(" labels:{");
  if (labels != std::string_view::npos) {
    header.labels = text.substr(labels + 9);
    if (!take_end(header.labels, "}")) return false;
    text = text.substr(0, labels);
  }
  std::size_t comma = text.find(", ");
  header.state = text.substr(0, comma);
  while (comma != std::string_view::npos) {
    text.remove_prefix(comma + 2);
    comma = text.find(", ");
    take_item(header, text.substr(0, comma));
  }
  take_marks(header);
  return !header.state.empty() && header.state.size() <= kMostStateBytes &&
         std::ranges::all_of(header.state, [](char c) { return c >= ' ' && c != '[' && c != 127; });
}

// The bracket that ends the state: labels that stand within may hold one themselves.
std::size_t find_closing(std::string_view text) {
  std::size_t closing = text.find(']');
  std::size_t labels = text.find(" labels:{");
  return labels < closing ? text.rfind(']') : closing;
}

}  // namespace

bool begins_as_header(std::string_view line) {
  std::uint64_t goid = 0;
  return take(line, kWord) && take_number(line, goid) && (take(line, " [") || take(line, " gp="));
}

std::optional<Header> parse_header(std::string_view line) {
  Header header;
  if (line.size() > kMostLineBytes) return std::nullopt;
  if (!take(line, kWord) || !take_number(line, header.goid)) return std::nullopt;
  skip_addresses(line);
  if (!take(line, " [")) return std::nullopt;
  std::size_t closing = find_closing(line);
  if (closing == std::string_view::npos) return std::nullopt;
  if (!parse_brackets(header, line.substr(0, closing))) return std::nullopt;
  line.remove_prefix(closing + 1);
  if (line == ":") return header;
  if (!take(line, " {") || !take_end(line, "}:")) return std::nullopt;
  header.labels = line;
  return header;
}

}  // namespace goshawk::dumps
