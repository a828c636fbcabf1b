// A profile's text, line by line, and the pieces of a line.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_stream.h"
#include "base/result.h"

namespace goshawk::pprof {

std::string_view trim(std::string_view text);

// Looks at the next line before it is taken.
class TextLines {
 public:
  explicit TextLines(ByteStream& stream) : stream_(stream) {}

  // Without its end; nothing: there is no more. Valid until next().
  Result<std::optional<std::string_view>> line();
  void next();
  // Malformed, at the line.
  Error malformed(std::string what) const { return stream_.malformed(std::move(what)); }

 private:
  ByteStream& stream_;
  std::size_t length_ = 0;  // of the line with its end; 0: it was not looked for
};

// Takes what it finds at the front of a text; what it does not find fails it, once and for all.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : rest_(text) {}

  TextCursor& spaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t'))
      rest_.remove_prefix(1);
    return *this;
  }
  TextCursor& literal(std::string_view text) {
    if (rest_.starts_with(text))
      rest_.remove_prefix(text.size());
    else
      failed_ = true;
    return *this;
  }
  template <typename T>
  TextCursor& number(T& value, int base = 10) {
    auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, base);
    if (error != std::errc())
      failed_ = true;
    else
      rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
    return *this;
  }
  bool failed() const { return failed_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace goshawk::pprof
