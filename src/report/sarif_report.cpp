// What GitHub and others read: a rule with its help, a location, related locations, fingerprints
// and code flows; what is for people and other tools beside it: stacks, suppressions, baseline
// states, properties. A place in the source tree is told from its root (%SRCROOT%, of which no
// absolute path is told: whoever reads the report has a tree of his own); what lies in Go's own
// sources or in the module cache is told from there; what no tree is known for by its absolute
// path, if it has one. Go knows lines, no columns: regions have none. A finding that a baseline has
// and that was not found is no result (hosts would show it as one): it is named in the run's
// properties. Texts come from the target: they are escaped for terminals, and hold neither links
// ("[a](b)") nor placeholders ("{0}") but those made here (standard, 3.11.5 and 3.11.6).
#include "report/sarif_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "findings/rules.h"
#include "report/explain/explanation.h"
#include "report/finding_text.h"
#include "report/foreign_text.h"
#include "report/json_parts.h"
#include "report/json_writer.h"
#include "report/leaks_json.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::CodePlace;
using findings::Confidence;
using findings::Finding;

namespace {

constexpr std::string_view kSchemaId =
    "https://json.schemastore.org/sarif-2.1.0.json";  // a name: nothing is fetched
constexpr std::uint64_t kCreationId = 1;              // of the related location

std::string_view level_of(Confidence confidence) {
  if (confidence == Confidence::kProven) return "error";
  return confidence == Confidence::kLikely ? "warning" : "note";
}

// A foreign text as part of a message.
std::string message_text(std::string_view foreign) {
  std::string escaped = escape_controls(foreign), text;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    char c = escaped[i], next = i + 1 < escaped.size() ? escaped[i + 1] : '\0';
    if (c == ']' && next == '(') text += '\\';
    if (c == '{' && next >= '0' && next <= '9') text += '{';
    text += c;
  }
  return text;
}

// "BlockedSend" of "goroutine/blocked-send"
std::string rule_name(std::string_view id) {
  std::string name;
  bool starts_word = true;
  for (char c : id.substr(id.rfind('/') + 1)) {
    if (c != '-') name += starts_word && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    starts_word = c == '-';
  }
  return name;
}

std::string rule_help(const findings::Rule& rule, const Explanation* explanation) {
  if (explanation == nullptr) return std::string(rule.summary);
  return fmt::format("{}\n\nWhat to do: {}\n\nHow sure Goshawk can be: {}", explanation->why,
                     explanation->mend, explanation->certainty);
}

std::string rule_help_markdown(const Explanation& explanation) {
  return fmt::format(
      "{}\n\n**Wrong**\n\n```go\n{}```\n\n**Right**\n\n```go\n{}```\n\n**What to do:** {}\n\n"
      "**Go releases:** {}\n\n**How sure Goshawk can be:** {}\n",
      explanation.why, explanation.wrong, explanation.right, explanation.mend, explanation.releases,
      explanation.certainty);
}

// Of a finding: whether it is one, and why not.
struct Standing {
  std::size_t process = 0;  // in the list of processes
  const findings::Suppressed* suppressed = nullptr;
};

class Sarif {
 public:
  Sarif(Output& out, std::span<const Judged> processes, const SourceTree& sources, bool all)
      : json_(out), processes_(processes), sources_(sources), all_(all) {}

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
    write_bases();
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
    for (const findings::Rule* rule : used_rules_) write_rule(*rule);
    json_.end_array();
    json_.end_object();
    json_.end_object();
  }

  void write_rule(const findings::Rule& rule) {
    const Explanation* explanation = find_explanation(rule.id);
    json_.begin_object();
    json_.member("id", rule.id);
    json_.member("name", rule_name(rule.id));
    json_.key("shortDescription");
    write_text(rule.title);
    json_.key("fullDescription");
    write_text(fmt::format("{} {}.", rule.id.starts_with("goroutine/") ? "A goroutine" : "What",
                           rule.summary));
    json_.key("help");
    json_.begin_object();
    json_.member("text", rule_help(rule, explanation));
    if (explanation != nullptr) json_.member("markdown", rule_help_markdown(*explanation));
    json_.end_object();
    json_.key("defaultConfiguration");
    json_.begin_object();
    json_.member("level", level_of(rule.confidences.front()));
    json_.end_object();
    json_.key("properties");
    json_.begin_object();
    json_.key("tags");
    json_.begin_array();
    json_.value(rule.id.substr(0, rule.id.find('/')));
    json_.value("leak");
    json_.end_array();
    json_.end_object();
    json_.end_object();
  }

  void write_text(std::string_view text) {
    json_.begin_object();
    json_.member("text", text);
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
    write_text(message_text(fmt::format("{}: {}", describe(judged), what)));
    json_.end_object();
  }

  void write_bases() {
    json_.begin_object();
    write_base("%SRCROOT%", "the root of the repository");
    write_base("%GOROOT%", "Go's own folder, as `go env GOROOT` tells it");
    write_base("%GOMODCACHE%", "the module cache, as `go env GOMODCACHE` tells it");
    write_base("%MODULES%", "the sources of a module, by its path, wherever they lie");
    json_.end_object();
  }

  void write_base(std::string_view name, std::string_view what) {
    json_.key(name);
    json_.begin_object();
    json_.key("description");
    write_text(what);
    json_.end_object();
  }

  void write_result(const Finding& finding, Standing standing) {
    json_.begin_object();
    json_.member("ruleId", finding.rule);
    if (findings::find_rule(finding.rule) != nullptr)
      json_.member("ruleIndex", std::uint64_t{rule_index_.find(finding.rule)->second});
    json_.member("level", level_of(finding.confidence));
    json_.key("message");
    write_text(result_text(finding));
    json_.key("locations");
    json_.begin_array();
    write_location(find_shown_place(finding, sources_).place);
    json_.end_array();
    if (!finding.created_at.function.empty()) write_creation(finding.created_at);
    write_ways(finding);
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
    std::string text = fmt::format("{} ({}).", message_text(finding_title(finding)),
                                   findings::to_text(finding.confidence));
    auto add = [&](std::string_view what, std::string_view foreign) {
      if (!foreign.empty()) text += fmt::format(" {} {}.", what, message_text(foreign));
    };
    add("In the test", finding.test);
    add("Blocked in", finding.blocked_at.function);
    add(fmt::format("[Started by]({})", kCreationId), finding.created_at.function);
    std::string why = finding.evidence.empty() ? "" : finding.evidence.front();
    if (std::string wait = wait_text(finding); !wait.empty())
      why += fmt::format("{}({})", why.empty() ? "" : " ", wait);
    add("Why:", why);
    for (std::size_t i = 1; i < finding.evidence.size(); ++i) add("Also:", finding.evidence[i]);
    add("Fix:", finding.advice);
    return text;
  }

  void write_location(const CodePlace& place, std::string_view message = "",
                      std::optional<std::uint64_t> id = {}) {
    json_.begin_object();
    if (id) json_.member("id", *id);
    write_physical(place);
    if (!place.function.empty()) {
      json_.key("logicalLocations");
      json_.begin_array();
      json_.begin_object();
      json_.member("fullyQualifiedName", escape_controls(place.function));
      json_.member("kind", "function");
      json_.end_object();
      json_.end_array();
    }
    if (!message.empty()) {
      json_.key("message");
      write_text(message);
    }
    json_.end_object();
  }

  struct Artifact {
    std::string uri;        // "": no file
    std::string_view base;  // "": the URI is absolute
  };

  Artifact artifact_of(const CodePlace& place) const {
    const std::string& file = place.file;
    if (auto path = sources_.find(place)) return {encode_uri(*path), "%SRCROOT%"};
    if (file.starts_with('/')) return {"file://" + encode_uri(file), ""};
    std::string_view first = std::string_view(file).substr(0, file.find('/'));
    if (first.size() == file.size()) return {};  // "<autogenerated>"
    if (file.contains('@')) return {encode_uri(file), "%GOMODCACHE%"};
    if (!first.contains('.')) return {"src/" + encode_uri(file), "%GOROOT%"};
    return {encode_uri(file), "%MODULES%"};
  }

  void write_physical(const CodePlace& place) {
    Artifact artifact = artifact_of(place);
    if (artifact.uri.empty()) return;
    json_.key("physicalLocation");
    json_.begin_object();
    json_.key("artifactLocation");
    json_.begin_object();
    json_.member("uri", artifact.uri);
    if (!artifact.base.empty()) json_.member("uriBaseId", artifact.base);
    json_.end_object();
    if (place.line > 0) {
      json_.key("region");
      json_.begin_object();
      json_.member("startLine", place.line);
      json_.end_object();
    }
    json_.end_object();
  }

  void write_creation(const CodePlace& place) {
    json_.key("relatedLocations");
    json_.begin_array();
    write_location(place, "started here", kCreationId);
    json_.end_array();
  }

  // The stack as it is, innermost first; and as a flow, which more readers show: from the go
  // statement to where it waits.
  void write_ways(const Finding& finding) {
    if (finding.stack.empty()) return;
    json_.key("stacks");
    json_.begin_array();
    json_.begin_object();
    json_.key("frames");
    json_.begin_array();
    for (const CodePlace& place : finding.stack) write_step(place);
    json_.end_array();
    json_.end_object();
    json_.end_array();
    json_.key("codeFlows");
    json_.begin_array();
    json_.begin_object();
    json_.key("threadFlows");
    json_.begin_array();
    json_.begin_object();
    json_.key("locations");
    json_.begin_array();
    if (!finding.created_at.function.empty()) write_step(finding.created_at, "started here");
    for (std::size_t i = finding.stack.size(); i-- > 0;)
      write_step(finding.stack[i], i == 0 ? "waits here" : message_text(finding.stack[i].function));
    json_.end_array();
    json_.end_object();
    json_.end_array();
    json_.end_object();
    json_.end_array();
  }

  void write_step(const CodePlace& place, std::string_view message = "") {
    json_.begin_object();
    json_.key("location");
    write_location(place, message);
    json_.end_object();
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
