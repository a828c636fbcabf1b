// Finds the goroutine dumps in a text of any length, such as a log: net/http/pprof's debug=2, what
// a panic, a fatal error and SIGQUIT print, stacks that a program logs itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "dumps/dumps.h"
#include "dumps/log_writer.h"

namespace goshawk::dumps {

class Reader {
 public:
  Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The next piece, cut anywhere. Of what was read no more is kept than the goroutines in it and
  // the last line.
  void feed(std::string_view piece);
  // All that was found; nothing can be read after.
  Dumps finish();

 private:
  struct Line {
    std::string_view raw;   // as it stands in the buffer
    std::string_view text;  // without colours and the "\r" of a line end
    std::uint64_t offset = 0;
  };

  struct FirstLine {
    std::string_view text;
    bool goes_on = false;    // LogWriter::goes_on_at
    bool in_record = false;  // one of several lines in one of the log
  };

  void read_lines(std::size_t end);
  void skip_to_header(std::size_t end);
  void take_line(std::string_view raw);
  void pass_on(const Line& line);
  bool is_attentive() const { return open_ > 0 || attention_ > 0; }
  bool offer_to_writers(const Line& line, bool open);
  bool take_as(LogWriter& writer, const Line& line, std::string_view text);
  bool find_first_line(const Line& line);
  void begin_goroutine(LogWriter& writer, const Line& line, const FirstLine& first);
  void take_record(LogWriter& writer, const Line& line, std::string_view text);
  Before look_back(const LogWriter& writer, const Line& line);
  LogWriter& writer_of_text(std::string_view prefix, std::string_view line);
  LogWriter& writer_of_json(std::string_view prefix, std::string_view key, std::string_view line);
  LogWriter& move_to_front(const std::deque<LogWriter>::iterator& found);
  LogWriter& add_writer(LogWriter writer);
  void drop_oldest_writer();
  void note_open(LogWriter& writer, bool was_open);

  Dumps found_;
  std::string buffer_;
  std::size_t position_ = 0;         // of what is not read yet, in the buffer
  std::uint64_t buffer_offset_ = 0;  // of the buffer in the text
  std::deque<LogWriter> writers_;    // the last one to begin a goroutine first
  std::size_t open_ = 0;             // writers in the middle of a goroutine
  std::size_t attention_;            // lines that are looked at one by one still
  bool awaits_text_ = false;         // a goroutine has begun with the latest line
  std::string line_storage_, text_storage_, back_storage_, back_line_storage_;
};

}  // namespace goshawk::dumps
