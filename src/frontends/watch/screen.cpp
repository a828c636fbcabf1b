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
#include <tuple>

#include "frontends/watch/alert.h"
#include "inspection/delivery.h"
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

// Bytes beside goroutines: by how many times, so that neither hides the other.
double change_of(const GrowingNumber& number) {
  double some = is_memory(number.quantity()) ? 1e6 : 10;
  return std::abs(number.latest() - number.first()) / (number.first() + some);
}

std::vector<const GrowingNumber*> choose_parts(const WatchedProcess& process, std::size_t most) {
  std::vector<const GrowingNumber*> parts;
  for (const auto& number : process.numbers())
    if (is_part(number->quantity())) parts.push_back(number.get());
  std::ranges::sort(parts, [](const GrowingNumber* a, const GrowingNumber* b) {
    return std::tuple(a->growth().has_value(), change_of(*a), a->latest()) >
           std::tuple(b->growth().has_value(), change_of(*b), b->latest());
  });
  parts.resize(std::min(parts.size(), most));
  return parts;
}

std::string heading_of(const WatchedProcess& process) {
  std::string text = report::escape_controls(process.title()) + ": " +
                     amount_text(process.total(Quantity::kAllGoroutines)) + " goroutines";
  for (auto [quantity, what] : {std::pair(Quantity::kTimers, "timers"),
                                {Quantity::kHeap, "heap"},
                                {Quantity::kResident, "resident"}})
    if (const GrowingNumber& number = process.total(quantity); number.is_known())
      text += fmt::format(", {} {}", what, amount_text(number));
  return process.why_missed().empty() ? text : text + "; this sample was missed";
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
    lines.push_back(palette.bold(cut(heading_of(*process), columns)));
    if (sites == 0) continue;
    for (Quantity quantity : {Quantity::kAllGoroutines, Quantity::kHeap})
      if (const GrowingNumber& number = process->total(quantity); number.is_known())
        lines.push_back(number_line(number, describe_in_short(quantity, {}), palette, columns));
    for (const GrowingNumber* part : choose_parts(*process, sites))
      lines.push_back(number_line(
          *part, report::escape_controls(describe_in_short(part->quantity(), part->site())),
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

void Screen::make_room() {
  erase_picture();
  out_->flush();
}

void Screen::note(std::string_view text) {
  make_room();
  inspection::print_note(text);
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
