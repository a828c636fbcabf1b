// `ps`: a table for people, whose footnotes say why a process cannot be looked into; JSON with one
// entry for each process.
#include "report/processes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/foreign_text.h"
#include "report/json_parts.h"
#include "report/measures.h"

namespace goshawk::report {
namespace {

constexpr std::string_view kUnknown = "?";

std::string count_or_unknown(const std::optional<std::uint64_t>& count) {
  return count ? human_count(*count) : std::string(kUnknown);
}

// The program's own, as `goshawk goroutines` counts them.
std::optional<std::uint64_t> own_goroutines(const GoProcess& process) {
  if (!process.goroutines) return std::nullopt;
  return *process.goroutines - std::min(process.of_runtime.value_or(0), *process.goroutines);
}

std::string bytes_or_unknown(const std::optional<std::uint64_t>& bytes) {
  return bytes ? human_bytes(*bytes) : std::string(kUnknown);
}

// Equal reasons share one footnote.
class Footnotes {
 public:
  std::size_t number_of(const std::string& reason) {
    auto found = std::ranges::find(reasons_, reason);
    if (found != reasons_.end()) return static_cast<std::size_t>(found - reasons_.begin()) + 1;
    reasons_.push_back(reason);
    return reasons_.size();
  }
  const std::vector<std::string>& reasons() const { return reasons_; }

 private:
  std::vector<std::string> reasons_;
};

// "/usr/bin/python3.11 (libgo.so)"
std::string name_program(const GoProcess& process, std::size_t columns) {
  std::string libraries;
  for (const std::string& path : process.libraries)
    libraries += fmt::format("{}{}", libraries.empty() ? " (" : ", ",
                             escape_controls(path.substr(path.rfind('/') + 1)));
  if (!libraries.empty()) libraries += ')';
  std::size_t left = columns > libraries.size() ? columns - libraries.size() : 0;
  return place_text(process.executable, 0, std::max<std::size_t>(left, 16)) + libraries;
}

// A column that is there only where some process has another number in its container.
constexpr int kInsideColumns = 8;

bool shows_inside(const ProcessListing& listing) {
  return std::ranges::any_of(listing.processes,
                             [](const GoProcess& one) { return one.pid_inside.has_value(); });
}

std::string inside_text(const GoProcess& process) {
  return process.pid_inside ? fmt::format("{}", *process.pid_inside) : "";
}

void render_row(Output& out, const GoProcess& process, Footnotes& footnotes, bool inside,
                const TextStyle& style) {
  std::size_t before = 62;
  if (inside) before += kInsideColumns;
  std::string look = style.palette.good("yes");
  if (!process.inspectable)
    look = style.palette.warning(fmt::format("no ({})", footnotes.number_of(process.why_not)));
  std::string pad(process.inspectable ? 4 : 1, ' ');
  std::string version = process.go_version.empty() ? std::string(kUnknown) : process.go_version;
  out.write(
      fmt::format("{:>8}{:>{}}  {:<10}  {:>10}  {:>8}  {:>7}  {}{}  {}\n", process.pid,
                  inside ? inside_text(process) : "", inside ? kInsideColumns : 0,
                  escape_controls(version.substr(0, version.find(' '))),
                  count_or_unknown(own_goroutines(process)), bytes_or_unknown(process.heap_bytes),
                  short_duration(process.age_ns), look, pad,
                  name_program(process, style.columns > before ? style.columns - before : 24)));
}

constexpr std::size_t kNamedProcesses = 3;

// "process 1 (init)", "processes 1 (init) and 7 (cron)", "34 processes"
std::string name_closed(const std::vector<const ClosedProcess*>& closed) {
  if (closed.size() > kNamedProcesses) return plural(closed.size(), "process", "processes");
  std::string text = closed.size() == 1 ? "process" : "processes";
  for (std::size_t i = 0; i < closed.size(); ++i) {
    if (i > 0) text += i + 1 == closed.size() ? " and" : ",";
    text += fmt::format(" {} ({})", closed[i]->pid, closed[i]->name);
  }
  return text;
}

std::string describe_group(const std::vector<const ClosedProcess*>& closed) {
  bool one = closed.size() == 1;
  if (closed.front()->of_another_user)
    return fmt::format("{} of {} could not be looked at; run `sudo goshawk ps` to see {}",
                       name_closed(closed), one ? "another user" : "other users",
                       one ? "it" : "them");
  return fmt::format("{} could not be looked at: {}; {}", name_closed(closed), closed.front()->why,
                     closed.front()->remedy);
}

void write_process(JsonWriter& json, const GoProcess& process) {
  json.begin_object();
  json.key("target");
  json.begin_object();
  json.member("kind", "process");
  json.member("pid", process.pid);
  json.member("pid_inside", process.pid_inside);
  json.member("exe", process.executable);
  json.key("libraries");
  json.begin_array();
  for (const std::string& path : process.libraries) json.value(path);
  json.end_array();
  json.member("go", process.go_version);
  json.member("arch", process.arch);
  json.end_object();
  json.member("goroutines", process.goroutines);
  json.member("runtime_goroutines", process.of_runtime);
  json.member("heap_bytes", process.heap_bytes);
  json.member("age_ns", process.age_ns);
  json.member("inspectable", process.inspectable);
  json.member("why_not", process.why_not);
  json.end_object();
}

}  // namespace

void render_processes_text(Output& out, const ProcessListing& listing, const TextStyle& style) {
  if (listing.processes.empty()) return out.write("No Go process was found.\n");
  bool inside = shows_inside(listing);
  out.write(
      style.palette.bold(fmt::format("{:>8}{:>{}}  {:<10}  {:>10}  {:>8}  {:>7}  {:<7}  {}", "PID",
                                     inside ? "INSIDE" : "", inside ? kInsideColumns : 0, "GO",
                                     "GOROUTINES", "HEAP", "AGE", "LOOK IN", "PROGRAM")) +
      "\n");
  Footnotes footnotes;
  for (const GoProcess& process : listing.processes)
    render_row(out, process, footnotes, inside, style);
  for (std::size_t i = 0; i < footnotes.reasons().size(); ++i) {
    std::string text = fmt::format("({}) {}", i + 1, escape_controls(footnotes.reasons()[i]));
    out.write(fmt::format("{}{}\n", i == 0 ? "\n" : "", wrap_text(text, 4, style.columns)));
  }
}

void render_process_ids(Output& out, const ProcessListing& listing) {
  for (const GoProcess& process : listing.processes) out.write(fmt::format("{}\n", process.pid));
}

std::vector<std::string> describe_closed(const ProcessListing& listing) {
  std::map<std::string, std::vector<const ClosedProcess*>> groups;
  for (const ClosedProcess& closed : listing.closed)
    groups[closed.of_another_user ? "" : closed.why + closed.remedy].push_back(&closed);
  std::vector<std::string> sentences;
  for (const auto& [reason, members] : groups) sentences.push_back(describe_group(members));
  return sentences;
}

void render_processes_json(Output& out, const ProcessListing& listing) {
  JsonWriter json(out);
  json.begin_object();
  json.member("schema", kJsonSchema);
  json.key("targets");
  json.begin_array();
  for (const GoProcess& process : listing.processes) write_process(json, process);
  json.end_array();
  json.member("closed", std::uint64_t{listing.closed.size()});
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
