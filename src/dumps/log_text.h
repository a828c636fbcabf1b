// The bytes of a log as their reader wants them: UTF-8, with whole lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dumps/partial_lines.h"
#include "dumps/reader.h"
#include "dumps/utf16_text.h"

namespace goshawk::dumps {

class LogText {
 public:
  explicit LogText(Reader& into) : into_(&into) {}

  // The next bytes, cut anywhere.
  void feed(std::string_view bytes);
  // No more bytes come.
  void finish();

 private:
  void begin();
  void pass_on(std::string_view text);

  Reader* into_;
  bool begun_ = false;
  std::string beginning_;  // until it tells what the log is
  std::optional<Utf16Text> utf16_;
  std::optional<PartialLines> parts_;
  std::string decoded_, joined_;
};

}  // namespace goshawk::dumps
