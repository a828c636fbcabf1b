// What GitHub and others read: a rule with its help, a location, related locations, fingerprints
// and code flows; what is for people and other tools beside it: stacks, suppressions, baseline
// states, properties. A finding that a baseline has and that was not found is no result (hosts
// would show it as one): it is named in the run's properties.
#include "report/sarif_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "findings/rules.h"
#include "report/finding_text.h"
#include "report/foreign_text.h"
#include "report/json_parts.h"
#include "report/json_writer.h"
#include "report/leaks_json.h"
#include "report/measures.h"
#include "report/sarif_parts.h"

namespace goshawk::report {

using findings::Finding;

namespace {

constexpr std::string_view kSchemaId =
    "https://json.schemastore.org/sarif-2.1.0.json";  // a name: nothing is fetched
constexpr std::uint64_t kCreationId = 1;              // of the related location

// Of a finding: whether it is one, and why not.
struct Standing {
  std::size_t process = 0;  // in the list of processes
  const findings::Suppressed* suppressed = nullptr;
};

class Sarif {
 public:
  Sarif(Output& out, std::span<const Judged> processes, const SourceTree& sources, bool all)
      : json_(out), processes_(processes), sources_(sources), places_(json_, sources), all_(all) {}

  void render() {
    number_rules();
    json_.begin_object();
    json_.member("$schema", kSchemaId);
    json_.member("version", "2.1.0");
    json_.key("runs");
    json_.begin_array();
    write_run();
    json_.end_array();
    json_.end_object();
    json_.finish();
  }

 private:
  template <typename Visit>
  void for_each_finding(Visit visit) const {
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      const findings::Verdict& verdict = processes_[i].verdict;
      for (const Finding& finding : verdict.findings) visit(finding, Standing{i});
      for (const findings::Suppressed& suppressed : verdict.suppressed)
        for (const Finding& finding : suppressed.findings) visit(finding, Standing{i, &suppressed});
    }
  }

  // Those that a result refers to, in the order of all rules.
  void number_rules() {
    for_each_finding([&](const Finding& finding, Standing) { rule_index_[finding.rule] = 0; });
    for (const findings::Rule& rule : findings::rules())
      if (rule_index_.contains(rule.id)) used_rules_.push_back(&rule);
    for (std::size_t i = 0; i < used_rules_.size(); ++i)
      rule_index_.find(used_rules_[i]->id)->second = i;
  }

  void write_run() {
    json_.begin_object();
    json_.key("tool");
    write_tool();
    json_.key("invocations");
    json_.begin_array();
    write_invocation();
    json_.end_array();
    json_.key("originalUriBaseIds");
    places_.write_bases();
    json_.member("columnKind", "unicodeCodePoints");
    json_.key("results");
    json_.begin_array();
    for_each_finding(
        [&](const Finding& finding, Standing standing) { write_result(finding, standing); });
    json_.end_array();
    json_.key("properties");
    write_run_properties();
    json_.end_object();
  }

  void write_tool() {
    json_.begin_object();
    json_.key("driver");
    json_.begin_object();
    json_.member("name", "Goshawk");
    json_.member("version", GOSHAWK_VERSION);
    json_.member("semanticVersion", GOSHAWK_VERSION);
    json_.key("rules");
    json_.begin_array();
    for (const findings::Rule* rule : used_rules_) write_sarif_rule(json_, *rule);
    json_.end_array();
    json_.end_object();
    json_.end_object();
  }

  // What "no results" has to be read with: what could not be read or decided.
  void write_invocation() {
    json_.begin_object();
    json_.member("executionSuccessful", true);
    json_.key("toolExecutionNotifications");
    json_.begin_array();
    for (const Judged& judged : processes_) {
      for (const std::string& doubt : judged.verdict.doubts) write_notification(judged, doubt);
      for (const auto& [reason, count] : judged.verdict.checked.unknown_reasons)
        write_notification(judged,
                           fmt::format("{} undecided: {}", plural(count, "goroutine"), reason));
    }
    json_.end_array();
    json_.key("toolConfigurationNotifications");
    json_.begin_array();
    for (const Judged& judged : processes_)
      for (const findings::Suppression& entry : judged.verdict.suppressions.expired)
        write_notification(judged, fmt::format("the entry of {} in line {} has expired: {}",
                                               judged.verdict.suppressions.path, entry.line,
                                               findings::describe(entry)));
    json_.end_array();
    json_.end_object();
  }

  void write_notification(const Judged& judged, const std::string& what) {
    json_.begin_object();
    json_.member("level", "warning");
    json_.key("message");
    write_sarif_text(json_, sarif_message(fmt::format("{}: {}", describe(judged), what)));
    json_.end_object();
  }

  void write_result(const Finding& finding, Standing standing) {
    json_.begin_object();
    json_.member("ruleId", finding.rule);
    if (findings::find_rule(finding.rule) != nullptr)
      json_.member("ruleIndex", std::uint64_t{rule_index_.find(finding.rule)->second});
    json_.member("level", sarif_level(finding.confidence));
    json_.key("message");
    write_sarif_text(json_, result_text(finding));
    json_.key("locations");
    json_.begin_array();
    places_.write_location(find_shown_place(finding, sources_).place);
    json_.end_array();
    if (!finding.created_at.function.empty()) {
      json_.key("relatedLocations");
      json_.begin_array();
      places_.write_location(finding.created_at, "started here", kCreationId);
      json_.end_array();
    }
    places_.write_ways(finding);
    if (finding.count > 0) json_.member("occurrenceCount", finding.count);
    json_.key("partialFingerprints");
    json_.begin_object();
    json_.member("goshawk/v1", finding.fingerprint);
    json_.end_object();
    write_suppressions(standing);
    if (finding.known) json_.member("baselineState", *finding.known ? "unchanged" : "new");
    json_.key("properties");
    write_properties(finding, standing);
    json_.end_object();
  }

  // The first sentence is all that some readers show.
  static std::string result_text(const Finding& finding) {
    std::string text = fmt::format("{} ({}).", sarif_message(finding_title(finding)),
                                   findings::to_text(finding.confidence));
    auto add = [&](std::string_view what, std::string_view foreign) {
      if (!foreign.empty()) text += fmt::format(" {} {}.", what, sarif_message(foreign));
    };
    bool is_test = finding.test != "init" && finding.test != "TestMain";
    add(is_test ? "In the test" : "Under", finding.test);
    add("Blocked in", finding.blocked_at.function);
    add(fmt::format("[Started by]({})", kCreationId), finding.created_at.function);
    std::string why = finding.evidence.empty() ? "" : finding.evidence.front();
    if (std::string wait = wait_text(finding); !wait.empty())
      why += fmt::format("{}({})", why.empty() ? "" : " ", wait);
    for (std::size_t i = 1; i < finding.evidence.size(); ++i) why += "; " + finding.evidence[i];
    add("Why:", why);
    add("Fix:", finding.advice);
    return text;
  }

  // Where there is a suppression file, an empty list says that a result is not suppressed.
  void write_suppressions(Standing standing) {
    const findings::Verdict& verdict = processes_[standing.process].verdict;
    if (standing.suppressed == nullptr && verdict.suppressions.path.empty()) return;
    json_.key("suppressions");
    json_.begin_array();
    if (standing.suppressed != nullptr) {
      json_.begin_object();
      json_.member("kind", "external");
      json_.member("status", "accepted");
      json_.member("justification", escape_controls(standing.suppressed->entry.reason));
      json_.end_object();
    }
    json_.end_array();
  }

  void write_properties(const Finding& finding, Standing standing) {
    json_.begin_object();
    json_.member("process", std::uint64_t{standing.process});
    json_.member("confidence", findings::to_text(finding.confidence));
    json_.key("goids");
    write_goids(json_, finding.goids, all_);
    json_.member("wait_reason", finding.wait_reason);
    json_.member("wait_ns", known_wait(finding.longest_wait_ns));
    json_.key("cost");
    write_cost(json_, finding.cost);
    if (!finding.test.empty()) json_.member("test", finding.test);
    json_.end_object();
  }

  void write_run_properties() {
    json_.begin_object();
    json_.key("processes");
    json_.begin_array();
    for (const Judged& judged : processes_) write_process(judged);
    json_.end_array();
    json_.end_object();
  }

  void write_process(const Judged& judged) {
    json_.begin_object();
    if (!judged.name.empty()) json_.member("name", judged.name);
    json_.key("target");
    write_target(json_, judged.target);
    json_.key("picture");
    write_picture(json_, judged.picture);
    json_.key("checked");
    write_checked(json_, judged.verdict.checked, judged.of_runtime);
    json_.key("gone");
    json_.begin_array();
    if (judged.verdict.baseline)
      for (const findings::KnownFinding& gone : judged.verdict.baseline->gone)
        json_.value(gone.fingerprint);
    json_.end_array();
    json_.end_object();
  }

  JsonWriter json_;
  std::span<const Judged> processes_;
  const SourceTree& sources_;
  SarifPlaces places_;
  bool all_;
  std::map<std::string, std::size_t, std::less<>> rule_index_;
  std::vector<const findings::Rule*> used_rules_;
};

}  // namespace

void render_sarif(Output& out, std::span<const Judged> processes, const SourceTree& sources,
                  bool all) {
  Sarif(out, processes, sources, all).render();
}

}  // namespace goshawk::report
