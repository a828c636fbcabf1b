// Results go to standard output or to a file, messages to standard error. Colour is used on a
// terminal only, unless asked for; NO_COLOR (no-color.org: set and not empty) and TERM=dumb switch
// the automatic one off. Text keeps to 100 columns, or to the terminal's width where that is less.
#include "frontends/inspect/delivery.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "report/foreign_text.h"

namespace goshawk::frontends::inspect {
namespace {

constexpr std::size_t kMostColumns = 100;
constexpr std::size_t kLeastColumns = 60;

bool environment_allows_color() {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* terminal = std::getenv("TERM");
  return terminal == nullptr || std::strcmp(terminal, "dumb") != 0;
}

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kMostColumns;
  return std::clamp<std::size_t>(size.ws_col, kLeastColumns, kMostColumns);
}

}  // namespace

ExitCode exit_code_of(const Error& error) {
  if (std::holds_alternative<Usage>(error)) return ExitCode::kUsage;
  if (std::holds_alternative<Denied>(error)) return ExitCode::kDenied;
  return ExitCode::kUnreadable;
}

ExitCode report_error(const Error& error) {
  fmt::print(stderr, "goshawk: {}\n", report::escape_controls(describe(error)));
  return exit_code_of(error);
}

Result<Destination> Destination::open(const Delivery& delivery) {
  Destination destination;
  destination.color_ = delivery.color;
  if (delivery.path.empty() || delivery.path == "-") {
    destination.output_ = report::FileOutput::to_descriptor(STDOUT_FILENO, "standard output");
    destination.terminal_ = ::isatty(STDOUT_FILENO) == 1;
  } else {
    destination.output_ = TRY(report::FileOutput::to_file(delivery.path));
  }
  if (delivery.format == Format::kPprof && destination.terminal_)
    return fail(Usage{"a pprof profile is binary and would garble the terminal",
                      "write it to a file: -o goroutines.pb.gz"});
  return destination;
}

report::TextStyle Destination::text_style(bool all) const {
  bool color = color_ == ColorChoice::kAlways ||
               (color_ == ColorChoice::kAuto && terminal_ && environment_allows_color());
  return {.palette = report::Palette(color),
          .columns = terminal_ ? terminal_columns() : kMostColumns,
          .all = all};
}

ExitCode Destination::close(ExitCode code) {
  auto finished = output_->finish();
  if (finished || output_->reader_has_gone()) return code;
  return report_error(finished.error());
}

ExitCode print(std::string_view text) {
  return deliver(Delivery{}, ExitCode::kFine,
                 [&](Destination& destination) { destination.output().write(text); });
}

}  // namespace goshawk::frontends::inspect
