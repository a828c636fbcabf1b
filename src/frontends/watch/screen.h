// Where a watcher tells what it sees: lines with the time, one an event, and on a terminal below
// them a picture of now that is drawn anew.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "frontends/watch/watched_process.h"
#include "report/output.h"
#include "report/palette.h"

namespace goshawk::frontends::watch {

class Screen {
 public:
  // To standard output; live where that is a terminal.
  Screen();
  // To anywhere, with a picture of so many columns and rows; 0 columns: none.
  Screen(std::unique_ptr<report::FileOutput> out, report::Palette palette, std::size_t columns,
         std::size_t rows);

  // An event: one line, which may hold foreign text.
  void say(std::string_view text);
  // The same in red.
  void warn(std::string_view text);
  // Lines as they are: a report.
  void show(std::string_view lines);
  // What goes wrong beside: to standard error, as other commands say it.
  void note(std::string_view text);
  // Somebody else is about to write to the terminal.
  void make_room();
  // The picture of now; nothing where it is not live.
  void draw(const std::vector<std::unique_ptr<WatchedProcess>>& processes, std::string_view title);
  bool is_live() const { return columns_ > 0; }
  // False: nobody reads it any more, or it cannot be written to.
  bool is_usable() const;

 private:
  void erase_picture();
  void measure();
  void write_event(std::string_view text, bool warning);

  std::unique_ptr<report::FileOutput> out_;
  report::Palette palette_;
  std::size_t columns_ = 0, rows_ = 0;
  bool measures_ = false;
  std::size_t drawn_ = 0;  // lines of the picture that stand there
};

// A course as a line of blocks, the lowest value as the lowest block.
std::string draw_sparkline(const std::vector<float>& course, std::size_t columns);

// Lines of at most so many columns: each process with what changed most in it.
std::vector<std::string> draw_processes(
    const std::vector<std::unique_ptr<WatchedProcess>>& processes, const report::Palette& palette,
    std::size_t columns, std::size_t rows);

}  // namespace goshawk::frontends::watch
