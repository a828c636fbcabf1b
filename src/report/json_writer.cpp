// JSON as RFC 8259 wants it: UTF-8, control characters escaped, also those beyond ASCII and what
// reorders a line, for people look at JSON on terminals too; bytes that are no UTF-8 replaced by
// U+FFFD. Numbers are integers; 64 bits are written as they are (readers that keep doubles lose
// digits past 2^53, so addresses are written as text).
#include "report/json_writer.h"

#include <fmt/format.h>

#include <cassert>
#include <iterator>

#include "report/code_points.h"
#include "report/foreign_text.h"

namespace goshawk::report {

void JsonWriter::open(char opening, char closing) {
  separate();
  out_.write({&opening, 1});
  levels_.push_back({closing});
}

void JsonWriter::close() {
  assert(!levels_.empty() && !after_key_);
  out_.write({&levels_.back().closing, 1});
  levels_.pop_back();
}

void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (levels_.empty()) return;
  if (levels_.back().has_members) out_.write(",");
  levels_.back().has_members = true;
}

void JsonWriter::key(std::string_view name) {
  assert(!levels_.empty() && levels_.back().closing == '}' && !after_key_);
  separate();
  quote(name);
  out_.write(":");
  after_key_ = true;
}

void JsonWriter::value(std::string_view text) {
  separate();
  quote(text);
}

void JsonWriter::value(std::uint64_t number) {
  separate();
  out_.write(fmt::format_int(number).c_str());
}

// Ten digits: no measure of ours has more, and 0.1 stays 0.1.
void JsonWriter::value(double number) { raw(fmt::format("{:.10g}", number)); }

void JsonWriter::value(std::int64_t number) {
  separate();
  out_.write(fmt::format_int(number).c_str());
}

void JsonWriter::raw(std::string_view json) {
  separate();
  out_.write(json);
}

void JsonWriter::quote(std::string_view text) {
  scratch_ = '"';
  while (!text.empty()) {
    std::size_t length = utf8_sequence_length(text);
    char c = text.front();
    auto byte = static_cast<unsigned char>(c);
    if (length == 0)
      scratch_ += "\xef\xbf\xbd";
    else if (c == '"' || c == '\\')
      scratch_ += {'\\', c};
    else if (std::uint32_t point = length == 1 ? byte : decode_utf8(text.substr(0, length));
             acts_on_a_terminal(point))
      fmt::format_to(std::back_inserter(scratch_), "\\u{:04x}", point);
    else
      scratch_ += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  scratch_ += '"';
  out_.write(scratch_);
}

void JsonWriter::finish() {
  assert(levels_.empty());
  out_.write("\n");
}

}  // namespace goshawk::report
