// Writes JSON, streaming. Commas, quotes and valid UTF-8 are its business; that values sit where
// they may is asserted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/output.h"

namespace goshawk::report {

class JsonWriter {
 public:
  explicit JsonWriter(Output& out) : out_(out) {}
  JsonWriter(const JsonWriter&) = delete;

  void begin_object() { open('{', '}'); }
  void end_object() { close(); }
  void begin_array() { open('[', ']'); }
  void end_array() { close(); }
  void key(std::string_view name);

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(bool truth) { raw(truth ? "true" : "false"); }
  void value(std::uint64_t number);
  void value(std::int64_t number);
  void value(double number);  // a finite one
  void value(std::uint32_t number) { value(std::uint64_t{number}); }
  void null() { raw("null"); }
  // Text that is JSON already: made by another JsonWriter.
  void raw(std::string_view json);

  template <typename T>
  void member(std::string_view name, const T& content) {
    key(name);
    value(content);
  }
  template <typename T>
  void member(std::string_view name, const std::optional<T>& content) {
    key(name);
    if (content)
      value(*content);
    else
      null();
  }
  void null_member(std::string_view name) {
    key(name);
    null();
  }

  // All brackets closed; ends the text with a newline.
  void finish();

 private:
  struct Level {
    char closing = 0;
    bool has_members = false;
  };
  void open(char opening, char closing);
  void close();
  void separate();
  void quote(std::string_view text);

  Output& out_;
  std::vector<Level> levels_;
  bool after_key_ = false;
  std::string scratch_;
};

}  // namespace goshawk::report
