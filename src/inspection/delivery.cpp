// Results go to standard output or to a file, messages to standard error. Colour is used on a
// terminal only, unless asked for; NO_COLOR (no-color.org: set and not empty) and TERM=dumb switch
// the automatic one off. Text keeps to 100 columns, or to the terminal's width where that is less;
// where there is no terminal, to COLUMNS if that is set.
#include "inspection/delivery.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "report/foreign_text.h"

namespace goshawk::inspection {
namespace {

constexpr std::size_t kMostColumns = 100;
constexpr std::size_t kLeastColumns = 60;
constexpr std::size_t kMostWantedColumns = 1000;
constexpr std::string_view kName = "goshawk: ";

bool environment_allows_color() {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* terminal = std::getenv("TERM");
  return terminal == nullptr || std::strcmp(terminal, "dumb") != 0;
}

// Nothing when it is no terminal, or one that does not tell.
std::optional<std::size_t> terminal_columns(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return std::clamp<std::size_t>(size.ws_col, kLeastColumns, kMostColumns);
}

std::size_t columns_without_terminal() {
  const char* text = std::getenv("COLUMNS");
  std::size_t columns = 0;
  if (text == nullptr) return kMostColumns;
  auto [stop, error] = std::from_chars(text, text + std::strlen(text), columns);
  if (error != std::errc() || *stop != '\0' || columns == 0) return kMostColumns;
  return std::clamp(columns, kLeastColumns, kMostWantedColumns);
}

}  // namespace

ExitCode exit_code_of(const Error& error) {
  if (std::holds_alternative<Usage>(error)) return ExitCode::kUsage;
  if (std::holds_alternative<Denied>(error)) return ExitCode::kDenied;
  return ExitCode::kUnreadable;
}

void print_note(std::string_view text) {
  std::string escaped = report::escape_controls(text);
  if (auto columns = terminal_columns(STDERR_FILENO))
    escaped = report::wrap_text(escaped, kName.size(), *columns);
  fmt::print(stderr, "{}{}\n", kName, escaped);
}

ExitCode report_error(const Error& error) {
  print_note(describe(error));
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
                      "write it to a file: -o profile.pb.gz"});
  return destination;
}

report::TextStyle Destination::text_style(bool all) const {
  bool color = color_ == ColorChoice::kAlways ||
               (color_ == ColorChoice::kAuto && terminal_ && environment_allows_color());
  return {.palette = report::Palette(color),
          .columns = terminal_ ? terminal_columns(STDOUT_FILENO).value_or(kMostColumns)
                               : columns_without_terminal(),
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

}  // namespace goshawk::inspection
