// A place in the source tree is told from its root (%SRCROOT%, of which no absolute path is told:
// whoever reads the report has a tree of his own); what lies in Go's own sources or in the module
// cache from there; what no tree is known for by its absolute path, if it has one. Go knows lines,
// no columns: regions have none. Texts come from the target: they are escaped for terminals, and
// hold neither links ("[a](b)") nor placeholders ("{0}") but those of ours (standard, 3.11.5
// and 3.11.6).
#include "report/sarif_parts.h"

#include <fmt/format.h>

#include "report/explain/explanation.h"
#include "report/foreign_text.h"

namespace goshawk::report {

using findings::CodePlace;
using findings::Confidence;
using findings::Finding;

namespace {

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

}  // namespace

std::string_view sarif_level(Confidence confidence) {
  if (confidence == Confidence::kProven) return "error";
  return confidence == Confidence::kLikely ? "warning" : "note";
}

std::string sarif_message(std::string_view foreign) {
  std::string escaped = escape_controls(foreign), text;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    char c = escaped[i], next = i + 1 < escaped.size() ? escaped[i + 1] : '\0';
    if (c == ']' && next == '(') text += '\\';
    if (c == '{' && next >= '0' && next <= '9') text += '{';
    text += c;
  }
  return text;
}

void write_sarif_text(JsonWriter& json, std::string_view text) {
  json.begin_object();
  json.member("text", text);
  json.end_object();
}

void write_sarif_rule(JsonWriter& json, const findings::Rule& rule) {
  const Explanation* explanation = find_explanation(rule.id);
  json.begin_object();
  json.member("id", rule.id);
  json.member("name", rule_name(rule.id));
  json.key("shortDescription");
  write_sarif_text(json, rule.title);
  json.key("fullDescription");
  write_sarif_text(json,
                   fmt::format("{} {}.", rule.id.starts_with("goroutine/") ? "A goroutine" : "What",
                               rule.summary));
  json.key("help");
  json.begin_object();
  json.member("text", rule_help(rule, explanation));
  if (explanation != nullptr) json.member("markdown", rule_help_markdown(*explanation));
  json.end_object();
  json.key("defaultConfiguration");
  json.begin_object();
  json.member("level", sarif_level(rule.confidences.front()));
  json.end_object();
  json.key("properties");
  json.begin_object();
  json.key("tags");
  json.begin_array();
  json.value(rule.id.substr(0, rule.id.find('/')));
  json.value("leak");
  json.end_array();
  json.end_object();
  json.end_object();
}

void SarifPlaces::write_bases() {
  json_.begin_object();
  write_base("%SRCROOT%", "the root of the repository");
  write_base("%GOROOT%", "Go's own folder, as `go env GOROOT` tells it");
  write_base("%GOMODCACHE%", "the module cache, as `go env GOMODCACHE` tells it");
  write_base("%MODULES%", "the sources of a module, by its path, wherever they lie");
  json_.end_object();
}

void SarifPlaces::write_base(std::string_view name, std::string_view what) {
  json_.key(name);
  json_.begin_object();
  json_.key("description");
  write_sarif_text(json_, what);
  json_.end_object();
}

void SarifPlaces::write_location(const CodePlace& place, std::string_view message,
                                 std::optional<std::uint64_t> id) {
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
    write_sarif_text(json_, message);
  }
  json_.end_object();
}

SarifPlaces::Artifact SarifPlaces::artifact_of(const CodePlace& place) const {
  const std::string& file = place.file;
  if (auto path = sources_.find(place)) return {encode_uri(*path), "%SRCROOT%"};
  if (file.starts_with('/')) return {"file://" + encode_uri(file), ""};
  std::string_view first = std::string_view(file).substr(0, file.find('/'));
  if (first.size() == file.size()) return {};  // "<autogenerated>"
  if (file.contains('@')) return {encode_uri(file), "%GOMODCACHE%"};
  if (!first.contains('.')) return {"src/" + encode_uri(file), "%GOROOT%"};
  return {encode_uri(file), "%MODULES%"};
}

void SarifPlaces::write_physical(const CodePlace& place) {
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

void SarifPlaces::write_ways(const Finding& finding) {
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
    write_step(finding.stack[i], i == 0 ? "waits here" : sarif_message(finding.stack[i].function));
  json_.end_array();
  json_.end_object();
  json_.end_array();
  json_.end_object();
  json_.end_array();
}

void SarifPlaces::write_step(const CodePlace& place, std::string_view message) {
  json_.begin_object();
  json_.key("location");
  write_location(place, message);
  json_.end_object();
}

}  // namespace goshawk::report
