// A stack must be read at a glance, so all its lines share one column for the place. A path that is
// too long loses its beginning ("...": the end is what tells files apart); a function's name that
// would leave no room loses the beginning of its package path; a place that still does not fit
// comes on the next line. JSON has everything in full.
#include "report/code_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "findings/function_name.h"
#include "report/foreign_text.h"

namespace goshawk::report {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastPlaceColumns = 24;
constexpr std::size_t kPlaceIndent = 4;  // of one on the next line

// Keeps the end: "...ery/manager.go:271" would be ugly, so it cuts at a slash where there is one.
std::string keep_end(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  for (std::size_t slash = text.find('/'); slash != std::string_view::npos;
       slash = text.find('/', slash + 1))
    if (display_width(text.substr(slash)) + 3 <= columns)
      return fmt::format("...{}", text.substr(slash));
  std::size_t slash = text.rfind('/');
  return std::string(slash == std::string_view::npos ? text : text.substr(slash + 1));
}

// "github.com/org/project/pkg.(*T).f" -> ".../pkg.(*T).f", only when it must be.
std::string fit_function(std::string_view function, std::size_t columns) {
  if (display_width(function) <= columns) return std::string(function);
  std::string_view package = findings::package_of(function);
  std::size_t slash = package.rfind('/');
  if (slash == std::string_view::npos) return std::string(function);
  return fmt::format("...{}", function.substr(slash));
}

struct Columns {
  std::size_t function = 0;  // prefix included
  std::size_t place = 0;
};

// The widest function's column, unless that would squeeze the places.
Columns share_columns(std::size_t available, std::size_t widest_function) {
  std::size_t most =
      available > kGap + kLeastPlaceColumns ? available - kGap - kLeastPlaceColumns : available / 2;
  std::size_t function = std::min(widest_function, most);
  return {function, available > function + kGap ? available - function - kGap : kLeastPlaceColumns};
}

std::string function_text(const CodeLine& line, std::size_t available) {
  std::string name = escape_controls(findings::shorten_type_arguments(line.function));
  if (name.empty()) return "?";
  std::size_t needed = kGap + kLeastPlaceColumns + display_width(line.prefix);
  return fit_function(name, available > needed ? available - needed : 0);
}

std::string line_text(const TextStyle& style, const CodeLine& line, std::string_view function,
                      const Columns& columns, std::size_t indent) {
  std::size_t used = display_width(line.prefix) + display_width(function);
  std::size_t pad = used < columns.function ? columns.function - used : 0;
  std::size_t over = used > columns.function ? used - columns.function : 0;
  std::size_t room = columns.place > over ? columns.place - over : 0;
  std::string_view file = shorten_source_path(line.file, line.function);
  std::string place = place_text(file, line.line, room), gap(pad + kGap, ' ');
  if (display_width(place) > room) {
    place = place_text(file, line.line, columns.function + kGap + columns.place - kPlaceIndent);
    gap = "\n" + std::string(indent + kPlaceIndent, ' ');
  }
  return fmt::format("{}{}{}{}", style.palette.faint(line.prefix), style.palette.function(function),
                     gap, style.palette.faint(place));
}

// A colour ends with its line: a pager that shows only the second one shows it right.
std::string note_text(const TextStyle& style, std::string_view note, std::size_t indent) {
  std::string wrapped = wrap_text(note, indent, style.columns), text;
  for (std::size_t start = 0; start < wrapped.size();) {
    std::size_t end = std::min(wrapped.find('\n', start), wrapped.size());
    std::size_t first = wrapped.find_first_not_of(' ', start);
    if (start > 0) text += fmt::format("\n{:{}}", "", indent);
    text += style.palette.faint(std::string_view(wrapped).substr(first, end - first));
    start = end + 1;
  }
  return text;
}

}  // namespace

std::string_view shorten_source_path(std::string_view file, std::string_view function) {
  constexpr std::string_view kModuleCache = "/pkg/mod/";
  if (std::size_t at = file.rfind(kModuleCache); at != std::string_view::npos) {
    std::string_view inside = file.substr(at + kModuleCache.size());
    constexpr std::string_view kToolchain = "golang.org/toolchain@";
    std::size_t source = inside.find("/src/");
    if (inside.starts_with(kToolchain) && source != std::string_view::npos)
      return inside.substr(source + 5);
    return inside;
  }
  std::string_view package = findings::package_of(function);
  if (package.empty()) return file;
  std::string in_goroot = fmt::format("/src/{}/", package);
  std::size_t at = file.rfind(in_goroot);
  bool directly_inside = at != std::string_view::npos &&
                         file.find('/', at + in_goroot.size()) == std::string_view::npos;
  return directly_inside ? file.substr(at + 5) : file;
}

std::string place_text(std::string_view file, std::uint32_t line, std::size_t columns) {
  if (file.empty()) return "?";
  std::string number = line == 0 ? std::string() : fmt::format(":{}", line);
  std::string escaped = escape_controls(file);
  return keep_end(escaped, columns > number.size() ? columns - number.size() : 0) + number;
}

void render_code_lines(Output& out, const TextStyle& style, std::size_t indent,
                       const std::vector<CodeLine>& lines) {
  std::size_t available = style.columns > indent ? style.columns - indent : kLeastPlaceColumns;
  std::vector<std::string> functions;
  std::size_t widest = 0;
  for (const CodeLine& line : lines) {
    functions.push_back(line.note.empty() ? function_text(line, available) : std::string());
    if (line.note.empty())
      widest = std::max(widest, display_width(line.prefix) + display_width(functions.back()));
  }
  Columns columns = share_columns(available, widest);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string text = lines[i].note.empty()
                           ? line_text(style, lines[i], functions[i], columns, indent)
                           : note_text(style, lines[i].note, indent);
    out.write(fmt::format("{:{}}{}\n", "", indent, text));
  }
}

std::string wrap_text(std::string_view text, std::size_t hanging, std::size_t columns) {
  std::string out;
  std::size_t used = hanging;
  while (!text.empty()) {
    std::size_t blank = text.find(' ');
    std::string_view word = text.substr(0, blank);
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    if (word.empty()) continue;
    std::size_t width = display_width(word);
    bool first_on_line = used == hanging;
    if (!first_on_line && used + 1 + width > columns) {
      out += '\n';
      out.append(hanging, ' ');
      used = hanging;
      first_on_line = true;
    }
    if (!first_on_line) out += ' ', ++used;
    out += word;
    used += width;
  }
  return out;
}

}  // namespace goshawk::report
