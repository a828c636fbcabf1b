// The JSON is read as a stream of events (nlohmann's SAX interface, which does not recurse): of a
// file of any shape only what is wanted is ever held. Names that are not known are passed over, as
// docs/schema asks of readers; what makes a report of leaks one must be there.
#include "findings/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <span>

namespace goshawk::findings {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostDepth = 64;  // a report has 5
constexpr std::uint64_t kSchema = 1;

bool is_fingerprint(const std::string& text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

class ReportReader : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool binary(Json::binary_t&) override { return true; }

  bool number_unsigned(std::uint64_t value) override {
    if (is_at({"schema"})) {
      if (value != kSchema) return refuse(fmt::format("it has schema {}, not {}", value, kSchema));
      has_schema_ = true;
    }
    if (in_finding({"count"})) findings_.back().count = value;
    return true;
  }

  bool string(std::string& value) override {
    if (findings_.empty()) return true;
    KnownFinding& finding = findings_.back();
    if (in_finding({"fingerprint"})) finding.fingerprint = value;
    if (in_finding({"rule"})) finding.rule = value;
    if (in_finding({"blocked_at", "function"}) || in_finding({"blocked_in"}))
      finding.blocked_in = value;
    if (in_finding({"created_at", "function"}) || in_finding({"created_by"}))
      finding.created_by = value;
    return true;
  }

  bool start_object(std::size_t) override {
    has_checked_ = has_checked_ || in_target({"checked"});
    if (in_finding({})) findings_.emplace_back();
    return enter("");
  }
  bool key(std::string& name) override {
    path_.back() = name;
    return true;
  }
  bool end_object() override {
    path_.pop_back();
    if (!in_finding({})) return true;
    if (findings_.back().rule.empty() || !is_fingerprint(findings_.back().fingerprint))
      return refuse("a finding in it has no rule or no fingerprint");
    return true;
  }

  bool start_array(std::size_t) override {
    has_findings_ = has_findings_ || in_target({"findings"});
    has_lists_ = has_lists_ || is_at({"baseline"}) || is_at({"targets"});
    return enter(kElement);
  }
  bool end_array() override {
    path_.pop_back();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return refuse(fmt::format("it is no JSON from byte {} on", position));
  }

  // Empty: it is a report.
  std::string problem() const {
    if (!problem_.empty()) return problem_;
    bool is_report = has_checked_ && has_findings_;
    return has_schema_ && (is_report || has_lists_) ? "" : "it is the JSON of something else";
  }
  std::vector<KnownFinding> take() { return std::move(findings_); }

 private:
  static constexpr const char* kElement = "\xff";  // no key, for it is no UTF-8

  using Path = std::initializer_list<std::string_view>;

  static bool begins(std::span<const std::string> path, Path begin) {
    return path.size() >= begin.size() && std::ranges::equal(path.first(begin.size()), begin);
  }
  bool is_at(Path path) const { return std::ranges::equal(path_, path); }
  // Below a report: that of the file, or one of a run's.
  std::span<const std::string> below_target() const {
    std::span<const std::string> path = path_;
    return begins(path, {"targets", kElement}) ? path.subspan(2) : path;
  }
  bool in_target(Path path) const { return std::ranges::equal(below_target(), path); }
  bool in_finding(Path path) const {
    std::span<const std::string> below = below_target();
    if (!begins(below, {"findings", kElement}) && !begins(path_, {"baseline", kElement}))
      return false;
    return std::ranges::equal(below.subspan(2), path);
  }
  bool enter(std::string_view first) {
    if (path_.size() >= kMostDepth) return refuse("it is nested too deeply");
    path_.emplace_back(first);
    return true;
  }
  bool refuse(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  std::vector<std::string> path_;  // a key for each object, kElement for each array
  std::vector<KnownFinding> findings_;
  bool has_schema_ = false, has_checked_ = false, has_findings_ = false;
  bool has_lists_ = false;  // of known findings, or of reports
  std::string problem_;
};

}  // namespace

Result<Baseline> parse_baseline(std::string_view text, const std::string& path) {
  ReportReader reader;
  Json::sax_parse(text.begin(), text.end(), &reader);
  if (std::string problem = reader.problem(); !problem.empty())
    return fail(
        Usage{fmt::format("{} is no baseline and no report of `goshawk leaks`: {}", path, problem),
              "make one: goshawk baseline TARGET -o FILE"});
  return Baseline{path, reader.take()};
}

std::vector<KnownFinding> known_findings(const Verdict& verdict) {
  std::vector<KnownFinding> known;
  for (const Finding& finding : verdict.findings)
    known.push_back({.fingerprint = finding.fingerprint,
                     .rule = finding.rule,
                     .count = finding.count,
                     .blocked_in = finding.blocked_at.function,
                     .created_by = finding.created_at.function});
  return known;
}

void compare_with_baseline(Verdict& verdict, const Baseline& baseline) {
  std::set<std::string_view> known, present;
  for (const KnownFinding& finding : baseline.findings) known.insert(finding.fingerprint);
  auto note = [&](std::vector<Finding>& findings) {
    for (Finding& finding : findings) {
      finding.known = known.contains(finding.fingerprint);
      present.insert(finding.fingerprint);
    }
  };
  note(verdict.findings);
  note(verdict.parked);
  for (Suppressed& suppressed : verdict.suppressed) note(suppressed.findings);
  verdict.baseline = BaselineReview{.path = baseline.path, .gone = {}};
  for (const KnownFinding& finding : baseline.findings)
    if (present.insert(finding.fingerprint).second) verdict.baseline->gone.push_back(finding);
  std::ranges::stable_partition(verdict.findings,
                                [](const Finding& finding) { return finding.known != true; });
}

std::size_t count_new(const std::vector<Finding>& findings) {
  return std::ranges::count_if(findings,
                               [](const Finding& finding) { return finding.known != true; });
}

}  // namespace goshawk::findings
