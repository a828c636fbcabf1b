// The picture is the last thing on the terminal: before anything else is written it is erased, and
// what is written scrolls away above it as ever. Lines are cut to the terminal's width, since a
// line that breaks would be two to erase. The text is flushed at each event, so that a pipe has it.
#include "frontends/watch/screen.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "frontends/watch/alert.h"
#include "report/code_lines.h"
#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::frontends::watch {
namespace {

constexpr std::size_t kSparkColumns = 24;
constexpr std::size_t kMostSitesShown = 5;
constexpr std::array<std::string_view, 8> kBlocks = {"\u2581", "\u2582", "\u2583", "\u2584",
                                                     "\u2585", "\u2586", "\u2587", "\u2588"};

bool is_terminal_with(const char* variable, bool (*wants)(const char*)) {
  return ::isatty(STDOUT_FILENO) == 1 && wants(std::getenv(variable));
}

report::Palette palette_of_terminal() {
  bool not_refused = is_terminal_with(
      "NO_COLOR", [](const char* value) { return value == nullptr || *value == '\0'; });
  return report::Palette(not_refused);
}

std::string cut(std::string_view text, std::size_t columns) {
  std::string fitting;
  for (std::size_t used = 0; !text.empty() && used < columns; ++used) {
    std::size_t length = std::max<std::size_t>(1, report::utf8_sequence_length(text));
    fitting += text.substr(0, length);
    text.remove_prefix(length);
  }
  return fitting;
}

std::string amount_text(const GrowingNumber& number) {
  auto latest = static_cast<std::uint64_t>(number.latest());
  auto change = static_cast<std::int64_t>(number.latest() - number.first());
  bool bytes = is_memory(number.quantity());
  std::string text = bytes ? report::human_bytes(latest) : report::human_count(latest);
  if (change == 0) return text;
  return fmt::format("{} ({})", text,
                     bytes ? report::signed_bytes(change) : report::signed_count(change));
}

std::string state_of(const GrowingNumber& number) {
  if (!number.growth()) return "";
  return number.growth()->grade == analyses::trend::Grade::kGrowing ? "growing" : "rising";
}

std::vector<const GrowingNumber*> choose_sites(const WatchedProcess& process, std::size_t most) {
  std::vector<const GrowingNumber*> sites;
  for (const auto& number : process.numbers())
    if (number->quantity() == Quantity::kGoroutines) sites.push_back(number.get());
  std::ranges::sort(sites, [](const GrowingNumber* a, const GrowingNumber* b) {
    double change_of_a = std::abs(a->latest() - a->first());
    double change_of_b = std::abs(b->latest() - b->first());
    if (change_of_a != change_of_b) return change_of_a > change_of_b;
    return a->latest() > b->latest();
  });
  sites.resize(std::min(sites.size(), most));
  return sites;
}

std::string number_line(const GrowingNumber& number, std::string_view what,
                        const report::Palette& palette, std::size_t columns) {
  std::string spark = draw_sparkline(number.course(), kSparkColumns);
  std::string text = cut(fmt::format("  {}{:{}}  {:>20}  {:7}  {}", spark, "",
                                     kSparkColumns - report::display_width(spark),
                                     amount_text(number), state_of(number), what),
                         columns);
  return number.growth() ? palette.warning(text) : text;
}

}  // namespace

std::string draw_sparkline(const std::vector<float>& course, std::size_t columns) {
  std::string line;
  if (course.empty()) return line;
  auto [least, most] = std::ranges::minmax(course);
  std::size_t width = std::min(columns, course.size());
  for (std::size_t i = 0; i < width; ++i) {
    float value = course[(i + 1) * course.size() / width - 1];
    float share = most > least ? (value - least) / (most - least) : 0;
    line += kBlocks[static_cast<std::size_t>(std::lround(share * (kBlocks.size() - 1)))];
  }
  return line;
}

std::vector<std::string> draw_processes(
    const std::vector<std::unique_ptr<WatchedProcess>>& processes, const report::Palette& palette,
    std::size_t columns, std::size_t rows) {
  std::vector<std::string> lines;
  std::size_t per_process = rows / std::max<std::size_t>(1, processes.size());
  std::size_t sites = per_process > 4 ? std::min(kMostSitesShown, per_process - 4) : 0;
  for (const auto& process : processes) {
    if (lines.size() + 1 >= rows) {
      lines.emplace_back("  ...");
      break;
    }
    std::string name = report::escape_controls(process->name());
    lines.push_back(palette.bold(
        cut(fmt::format("{} {}: {} goroutines, heap {}, resident {}", name, process->pid(),
                        amount_text(process->all_goroutines()), amount_text(process->heap()),
                        amount_text(process->resident())),
            columns)));
    if (sites == 0) continue;
    lines.push_back(number_line(process->all_goroutines(), "all goroutines", palette, columns));
    lines.push_back(number_line(process->heap(), "Go's heap", palette, columns));
    for (const GrowingNumber* site : choose_sites(*process, sites))
      lines.push_back(
          number_line(*site,
                      fmt::format("{}  {}", report::escape_controls(site->site().function),
                                  report::place_text(site->site().file, site->site().line, 0)),
                      palette, columns));
  }
  return lines;
}

Screen::Screen()
    : out_(report::FileOutput::to_descriptor(STDOUT_FILENO, "standard output")),
      palette_(palette_of_terminal()) {
  measures_ = is_terminal_with("TERM", [](const char* value) {
    return value == nullptr || std::strcmp(value, "dumb") != 0;
  });
  measure();
}

Screen::Screen(std::unique_ptr<report::FileOutput> out, report::Palette palette,
               std::size_t columns, std::size_t rows)
    : out_(std::move(out)), palette_(palette), columns_(columns), rows_(rows) {}

// It may have become another one.
void Screen::measure() {
  winsize size{};
  if (!measures_ || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return;
  columns_ = size.ws_col;
  rows_ = size.ws_row;
}

void Screen::erase_picture() {
  if (drawn_ > 0) out_->write(fmt::format("\x1b[{}A\x1b[J", drawn_));
  drawn_ = 0;
}

void Screen::write_event(std::string_view text, bool warning) {
  erase_picture();
  auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string time = local_time(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
  std::string escaped = report::escape_controls(text);
  out_->write(
      fmt::format("{}  {}\n", palette_.faint(time), warning ? palette_.bad(escaped) : escaped));
  out_->flush();
}

void Screen::say(std::string_view text) { write_event(text, false); }
void Screen::warn(std::string_view text) { write_event(text, true); }

void Screen::show(std::string_view lines) {
  erase_picture();
  out_->write(lines);
  out_->flush();
}

void Screen::draw(const std::vector<std::unique_ptr<WatchedProcess>>& processes,
                  std::string_view title) {
  measure();
  if (!is_live() || rows_ < 3) return;
  erase_picture();
  std::vector<std::string> lines = draw_processes(processes, palette_, columns_, rows_ - 2);
  lines.insert(lines.begin(), palette_.faint(cut(title, columns_)));
  for (const std::string& line : lines) out_->write(line + "\n");
  drawn_ = lines.size();
  out_->flush();
}

bool Screen::is_usable() const { return out_->usable(); }

}  // namespace goshawk::frontends::watch
