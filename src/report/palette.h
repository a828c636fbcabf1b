// Colour, only where it was asked for. Every method gives the text back unchanged otherwise.
#pragma once

#include <string>
#include <string_view>

#include "findings/finding.h"

namespace goshawk::report {

class Palette {
 public:
  Palette() = default;
  explicit Palette(bool on) : on_(on) {}

  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string faint(std::string_view text) const { return wrap("2", text); }
  std::string good(std::string_view text) const { return wrap("32", text); }
  std::string bad(std::string_view text) const { return wrap("1;31", text); }
  std::string warning(std::string_view text) const { return wrap("33", text); }
  std::string function(std::string_view text) const { return wrap("36", text); }

  std::string confidence(findings::Confidence confidence, std::string_view text) const {
    switch (confidence) {
      case findings::Confidence::kProven:
        return bad(text);
      case findings::Confidence::kLikely:
        return warning(text);
      default:
        return bold(text);
    }
  }

 private:
  std::string wrap(std::string_view code, std::string_view text) const {
    if (!on_ || text.empty()) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
  }
  bool on_ = false;
};

}  // namespace goshawk::report
