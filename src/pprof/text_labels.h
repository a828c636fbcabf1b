// The labels of a record in a Go text: # labels: {"tenant":"blue", "path":"/"}
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace goshawk::pprof {

struct TextLabel {
  std::string key, value;
};

// Empty for any other line, and for one that is broken.
std::vector<TextLabel> parse_labels(std::string_view line);

}  // namespace goshawk::pprof
