// A prefix is words between blanks; what is left of it without times, levels, streams and places in
// source code is a name.
#include "dumps/writer_name.h"

#include <algorithm>
#include <array>

#include "dumps/json_line.h"

namespace goshawk::dumps {
namespace {

constexpr auto kNoNames = std::to_array<std::string_view>(
    {"Jan",  "Feb",   "Mar",   "Apr",    "May",     "Jun",       "Jul",   "Aug",   "Sep",
     "Oct",  "Nov",   "Dec",   "Mon",    "Tue",     "Wed",       "Thu",   "Fri",   "Sat",
     "Sun",  "UTC",   "GMT",   "stdout", "stderr",  "F",         "P",     "TRACE", "DEBUG",
     "INFO", "WARN",  "ERROR", "FATAL",  "PANIC",   "WARNING",   "trace", "debug", "info",
     "warn", "error", "fatal", "panic",  "warning", "goroutine", "stack"});
constexpr auto kKeys =
    std::to_array<std::string_view>({"pod=", "pid=", "instance=", "host=", "container="});

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Without the signs around it: "[web]", "web:", "|web|".
std::string_view bare(std::string_view word) {
  constexpr std::string_view kBefore = "|\"'", kBehind = "|:,;\"'";
  while (!word.empty() && kBefore.find(word.front()) != std::string_view::npos)
    word.remove_prefix(1);
  while (!word.empty() && kBehind.find(word.back()) != std::string_view::npos)
    word.remove_suffix(1);
  bool enclosed = word.size() > 2 && (word.starts_with('[') || word.starts_with('(')) &&
                  (word.ends_with(']') || word.ends_with(')'));
  return enclosed ? word.substr(1, word.size() - 2) : word;
}

// klog's "E1129"
bool is_level_and_day(std::string_view word) {
  return word.size() == 5 && std::string_view("IWEF").find(word[0]) != std::string_view::npos &&
         std::ranges::all_of(word.substr(1), is_digit);
}

bool is_name(std::string_view word, std::string_view as_written) {
  if (word.empty()) return false;
  if (std::ranges::all_of(word, is_digit)) return as_written.starts_with('[');  // a process' id
  if (!is_letter(word.front()) || is_level_and_day(word)) return false;
  if (word.find('=') != std::string_view::npos)
    return std::ranges::any_of(kKeys, [&](std::string_view key) { return word.starts_with(key); });
  return word.find(".go:") == std::string_view::npos &&
         std::ranges::find(kNoNames, word) == kNoNames.end();
}

}  // namespace

std::string name_in_prefix(std::string_view prefix) {
  std::string name;
  while (!prefix.empty()) {
    std::size_t end = std::min(prefix.find_first_of(" \t"), prefix.size());
    std::string_view written = prefix.substr(0, end), word = bare(written);
    prefix.remove_prefix(std::min(end + 1, prefix.size()));
    if (!is_name(word, written)) continue;
    if (!name.empty()) name += ' ';
    name += word;
  }
  return name;
}

std::string name_in_json(std::string_view line) {
  constexpr auto kOfProcess =
      std::to_array<std::string_view>({"_PID", "_HOSTNAME", "pod", "pod_name", "container",
                                       "container_name", "container_id", "hostname", "instance"});
  std::string name;
  for (std::string_view key : kOfProcess) {
    auto value = find_json_string(line, key);
    if (!value || value->empty()) continue;
    if (!name.empty()) name += ' ';
    name += *value;
  }
  return name;
}

}  // namespace goshawk::dumps
