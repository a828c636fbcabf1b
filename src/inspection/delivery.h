// How a command hands over its result: format, place, colour, and the exit code.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::inspection {

// The program's exit codes; scripts rely on them.
enum class ExitCode : int {
  kFine = 0,
  kFindings = 1,  // at or above --fail-on
  kUsage = 2,
  kUnreadable = 3,  // the target could not be read, or the result not written
  kDenied = 4,
};

enum class Format { kText, kJson, kSarif, kJunit, kGithub, kMarkdown, kToml, kPprof, kFolded };
enum class ColorChoice { kAuto, kAlways, kNever };

struct Delivery {
  Format format = Format::kText;
  std::string path;  // empty: standard output
  ColorChoice color = ColorChoice::kAuto;
  bool verbose = false;
  bool timings = false;  // on standard error, and in JSON: where the time went
};

ExitCode exit_code_of(const Error& error);
// On standard error, "goshawk: " before it: one line, but broken at a terminal's width.
void print_note(std::string_view text);
// The same for an error; gives the code that belongs to it.
ExitCode report_error(const Error& error);

// Opens the place, lets `write` fill it, closes it. `code` is given back unless writing fails; a
// reader that closed the pipe is no failure.
template <typename Write>
ExitCode deliver(const Delivery& delivery, ExitCode code, Write&& write);

// For deliver(): the place that is written to.
class Destination {
 public:
  static Result<Destination> open(const Delivery& delivery);
  report::Output& output() { return *output_; }
  report::TextStyle text_style(bool all) const;
  // What remains of `code` after everything was written.
  ExitCode close(ExitCode code);

 private:
  std::unique_ptr<report::FileOutput> output_;
  bool terminal_ = false;
  ColorChoice color_ = ColorChoice::kAuto;
};

template <typename Write>
ExitCode deliver(const Delivery& delivery, ExitCode code, Write&& write) {
  auto destination = Destination::open(delivery);
  if (!destination) return report_error(destination.error());
  write(*destination);
  return destination->close(code);
}

// Text of ours to standard output: help, completions, the manual page.
ExitCode print(std::string_view text);

}  // namespace goshawk::inspection
