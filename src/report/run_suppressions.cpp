// Each process has the same file, and its own list of what fits none of its leaks: what is in the
// lists of all of them is of no use. Entries are told apart by their lines.
#include "report/run_suppressions.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string_view>

#include "findings/suppressions.h"
#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::Suppression;

namespace {

struct IdleEntries {
  std::size_t processes = 0;                       // that had the file
  std::map<std::uint32_t, std::size_t> unused_in;  // by line, so many of them
  std::map<std::uint32_t, Suppression> unused, expired;
};

std::map<std::string, IdleEntries> collect(std::span<const Judged> processes) {
  std::map<std::string, IdleEntries> files;
  for (const Judged& process : processes) {
    const findings::SuppressionReview& review = process.verdict.suppressions;
    if (review.path.empty()) continue;
    IdleEntries& file = files[review.path];
    ++file.processes;
    for (const Suppression& entry : review.unused) {
      ++file.unused_in[entry.line];
      file.unused.try_emplace(entry.line, entry);
    }
    for (const Suppression& entry : review.expired) file.expired.try_emplace(entry.line, entry);
  }
  for (auto& one : files) {
    IdleEntries& file = one.second;
    std::erase_if(file.unused, [&](const auto& entry) {
      return file.unused_in.at(entry.first) < file.processes;
    });
  }
  return files;
}

std::string describe_entries(std::string_view path, std::string_view what,
                             const std::map<std::uint32_t, Suppression>& entries) {
  constexpr std::size_t kMost = 5;
  std::string text = fmt::format("entries of {} that {}:", escape_controls(path), what);
  std::size_t told = 0;
  for (const auto& [line, entry] : entries) {
    if (told == kMost) return text + fmt::format(" and {} more", entries.size() - told);
    text += fmt::format("{} line {} ({}{})", told++ == 0 ? "" : ",", line,
                        escape_controls(describe(entry)),
                        entry.until.empty() ? "" : "; until " + entry.until);
  }
  return text;
}

}  // namespace

std::vector<std::string> describe_idle_suppressions(std::span<const Judged> processes,
                                                    bool unused) {
  std::vector<std::string> told;
  for (const auto& [path, file] : collect(processes)) {
    if (unused && !file.unused.empty())
      told.push_back(describe_entries(path, "fit no leak of this run", file.unused));
    if (!file.expired.empty())
      told.push_back(describe_entries(path, "have expired and suppress no longer", file.expired));
  }
  return told;
}

}  // namespace goshawk::report
