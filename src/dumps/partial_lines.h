// The logs of Kubernetes' runtimes cut lines that are longer than 16 KB: "2026-11-29T18:30:53.25Z
// stderr P ..." is a part, the next one of that stream with an F its end. Here they are put
// together again.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace goshawk::dumps {

class PartialLines {
 public:
  // By its first line, without the newline.
  static bool is_of_runtime(std::string_view first_line);

  // Appends to `text` what is whole of it; pieces may be cut anywhere.
  void join(std::string_view piece, std::string& text);
  // What is left: lines without an end.
  void finish(std::string& text);

 private:
  void take_line(std::string_view line, std::string& text);

  std::string rest_;                  // a line whose end was not there yet
  std::array<std::string, 2> begun_;  // of stdout and stderr: the line of which parts have come
};

}  // namespace goshawk::dumps
