// Stacks as aligned lines: function on the left, file:line on the right, both made to fit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/output.h"
#include "report/palette.h"

namespace goshawk::report {

// What all text reports are told.
struct TextStyle {
  Palette palette;
  std::size_t columns = 100;
  bool all = false;  // every member, frame and detail
};

struct CodeLine {
  std::string prefix{};    // "started by "; ours
  std::string function{};  // raw, foreign
  std::string file{};      // raw, foreign
  std::uint32_t line = 0;
  std::string note{};  // instead of all the others: "... 3 outer frames"
};

// Writes the lines indented by so many columns, each ended by a newline.
void render_code_lines(Output& out, const TextStyle& style, std::size_t indent,
                       const std::vector<CodeLine>& lines);

// "main.go:12" with as much of the path as fits; never less than the file's name.
std::string place_text(std::string_view file, std::uint32_t line, std::size_t columns);

// The path without what no reader needs: the folder of the module cache or of Go's own sources.
std::string_view shorten_source_path(std::string_view file, std::string_view function);

// Breaks text between words; every line after the first begins with `hanging` blanks. The first is
// taken to begin there too.
std::string wrap_text(std::string_view text, std::size_t hanging, std::size_t columns);

}  // namespace goshawk::report
