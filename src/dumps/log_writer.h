// One of those who write to a log: how its lines are told from those of others, and the dumps that
// are in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dumps/dump_builder.h"
#include "dumps/dumps.h"
#include "dumps/goroutine_block.h"
#include "dumps/line_prefix.h"

namespace goshawk::dumps {

class LogWriter {
 public:
  // Who has `prefix` before each line.
  LogWriter(Dumps& into, std::string prefix);
  // Who has `prefix` before lines of JSON, in whose string of this key the text is; of the same
  // process and stream as `json`.
  LogWriter(Dumps& into, std::string prefix, std::string_view key, std::string_view json);

  // What it has written of a line of the log; nothing: it is another's. Lines of text begin at
  // where its prefix ends; `storage` may hold the result.
  std::optional<std::string_view> find_text(std::string_view line, std::string& storage) const;

  bool is_json() const { return !key_.empty(); }
  bool is_open() const { return open_; }  // in the middle of a goroutine
  // Up to there all is told; the last line of a goroutine begins before.
  std::uint64_t last_line_end() const { return last_line_end_; }
  const std::string& prefix() const { return prefix_; }
  // Of a line of text of its.
  std::string_view prefix_of(std::string_view line) const {
    return line.substr(0, match_prefix(prefix_, line).value_or(0));
  }

  // Whether a goroutine that begins behind `prefix` is the next one of a text of its, of which only
  // the first line has its own prefix (goes_on_without_prefix).
  bool goes_on_at(std::string_view prefix, std::uint64_t offset) const;

  // A first line of a goroutine, or what was one (`header` nothing). `goes_on`: see goes_on_at.
  void begin(const std::optional<Header>& header, std::uint64_t offset, Before before,
             bool goes_on);
  // Any other line of its. Whether it is part of a goroutine.
  bool take(std::string_view text, std::uint64_t offset);
  // Some loggers put their prefix before the first line of a text only: whether the line after it
  // tells so. Then lines are taken as they come until the text ends.
  bool goes_on_without_prefix(std::string_view line);
  // No later line does: the one at `offset` was the next one, of whoever it was.
  void await_no_text(std::uint64_t offset);

  void end_goroutine(End end = End::kSeen);
  void end_dump() { builder_.close(); }

 private:
  std::optional<std::string_view> find_json_text(std::string_view line, std::string& storage) const;
  bool take_outside(std::string_view text, std::uint64_t offset);

  std::string prefix_;
  std::string key_, name_, stream_;         // of lines of JSON
  std::optional<std::string> indentation_;  // in place of the prefix, until its text ends
  GoroutineBlock block_;
  DumpBuilder builder_;
  Before before_;
  bool open_ = false;
  bool is_first_line_ = false;     // nothing came after the first line yet
  bool previous_is_call_ = false;  // outside of a goroutine
  std::uint64_t last_line_end_ = 0;
};

}  // namespace goshawk::dumps
