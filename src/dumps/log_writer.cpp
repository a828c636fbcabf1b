// A prefix is found by its shape (line_prefix), a string of JSON by its key and by what else tells
// one writer from another there.
#include "dumps/log_writer.h"

#include <algorithm>
#include <utility>

#include "dumps/frame_line.h"
#include "dumps/json_line.h"
#include "dumps/writer_name.h"

namespace goshawk::dumps {
namespace {

// From the last line of a goroutine to the first one of the next, in one text.
constexpr std::uint64_t kMostBytesBetween = 1024;

std::string joined(std::string one, std::string_view other) {
  if (!one.empty() && !other.empty()) one += ' ';
  return one.append(other);
}

}  // namespace

LogWriter::LogWriter(Dumps& into, std::string prefix)
    : prefix_(std::move(prefix)), block_(into), builder_(into, name_in_prefix(prefix_)) {}

LogWriter::LogWriter(Dumps& into, std::string prefix, std::string_view key, std::string_view json)
    : prefix_(std::move(prefix)),
      key_(key),
      name_(name_in_json(json)),
      stream_(json_stream_of(json)),
      block_(into),
      builder_(into, joined(name_in_prefix(prefix_), name_)) {}

std::optional<std::string_view> LogWriter::find_text(std::string_view line,
                                                     std::string& storage) const {
  if (is_json()) return find_json_text(line, storage);
  if (indentation_) {
    if (line.starts_with(*indentation_)) return line.substr(indentation_->size());
    return line.empty() ? std::optional(line) : std::nullopt;
  }
  auto end = match_prefix(prefix_, line);
  if (end) return line.substr(*end);
  // Blanks at the end of lines are often lost.
  std::string_view trimmed = prefix_;
  while (trimmed.ends_with(' ')) trimmed.remove_suffix(1);
  end = match_prefix(trimmed, line);
  return end == line.size() ? std::optional(std::string_view()) : std::nullopt;
}

std::optional<std::string_view> LogWriter::find_json_text(std::string_view line,
                                                          std::string& storage) const {
  auto end = match_prefix(prefix_, line);
  if (!end) return std::nullopt;
  line.remove_prefix(*end);
  if (!line.starts_with('{') || json_stream_of(line) != stream_ || name_in_json(line) != name_)
    return std::nullopt;
  auto escaped = find_json_string(line, key_);
  if (!escaped) return std::nullopt;
  storage.clear();
  unescape_json(*escaped, storage);
  while (storage.ends_with('\n') || storage.ends_with('\r')) storage.pop_back();
  return storage;
}

bool LogWriter::goes_on_at(std::string_view prefix, std::uint64_t offset) const {
  return indentation_ == prefix &&
         (open_ || offset - std::min(offset, last_line_end_) <= kMostBytesBetween);
}

void LogWriter::begin(const std::optional<Header>& header, std::uint64_t offset, Before before,
                      bool goes_on) {
  if (open_) end_goroutine();
  if (!goes_on) indentation_.reset();
  before_ = std::move(before);
  if (header)
    block_.begin(*header, offset);
  else
    block_.begin_headless(offset, true);
  open_ = is_first_line_ = true;
  last_line_end_ = offset + 1;
  if (goes_on) is_first_line_ = false;
  previous_is_call_ = false;
}

bool LogWriter::goes_on_without_prefix(std::string_view line) {
  if (!open_ || !is_first_line_ || prefix_.empty() || is_json()) return false;
  std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
  if (!parse_call(line.substr(blanks))) return false;
  indentation_ = line.substr(0, blanks);
  return true;
}

void LogWriter::await_no_text(std::uint64_t offset) {
  if (last_line_end_ != offset + 1) is_first_line_ = false;
}

bool LogWriter::take(std::string_view text, std::uint64_t offset) {
  if (!open_) return take_outside(text, offset);
  is_first_line_ = false;
  if (text.empty()) {
    end_goroutine();
    return true;
  }
  GoroutineBlock::Took took = block_.take(text);
  if (took == GoroutineBlock::Took::kNext) {
    end_goroutine();
    return take_outside(text, offset);
  }
  if (took == GoroutineBlock::Took::kForeign) return false;
  last_line_end_ = offset + 1;
  return true;
}

// A stack whose first line is lost: a call and its place, or a place as only the runtime writes it.
bool LogWriter::take_outside(std::string_view text, std::uint64_t offset) {
  auto place = parse_place(text);
  bool is_part = place && (place->has_offset || previous_is_call_);
  previous_is_call_ = parse_call(text).has_value();
  if (!is_part) return false;
  before_ = {.gap_bytes = offset - std::min(offset, last_line_end_)};
  last_line_end_ = offset + 1;
  block_.begin_headless(offset, false);
  open_ = true;
  is_first_line_ = false;
  block_.take(text);
  return true;
}

void LogWriter::end_goroutine(End end) {
  if (!open_) return;
  open_ = false;
  previous_is_call_ = false;
  block_.end(end);
  builder_.add(block_, before_, end);
}

}  // namespace goshawk::dumps
