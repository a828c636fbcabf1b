// Functions as a user names them in a file: exactly, or with `*` for any text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace goshawk::findings {

// Functions are compared without what changes from build to build (type arguments, numbers of
// closures), as in fingerprints. The star of a pointer receiver, "main.(*Pool).run", means itself:
// a `*` right after a `(` always does.
class FunctionPattern {
 public:
  FunctionPattern() = default;  // fits everything
  explicit FunctionPattern(std::string text);

  // `normal`: as normalize_function() gives it.
  bool fits(std::string_view normal) const;
  // Nothing but stars: no function is left out.
  bool fits_everything() const;
  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }

 private:
  std::string text_, normal_;
  std::size_t star_ = std::string::npos;  // the first in normal_ that stands for any text
};

}  // namespace goshawk::findings
