// Explanations on a terminal: prose wrapped, code as it is, wrong before right.
#include "report/explain_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/explain/explanation.h"
#include "report/json_parts.h"

namespace goshawk::report {
namespace {

constexpr std::size_t kProseColumns = 80;  // long lines of prose are hard to read

std::size_t prose_columns(const TextStyle& style) { return std::min(style.columns, kProseColumns); }

void render_prose(Output& out, const TextStyle& style, std::string_view heading,
                  std::string_view text) {
  out.write(fmt::format("{}\n  {}\n\n", style.palette.bold(heading),
                        wrap_text(text, 2, prose_columns(style))));
}

// gofmt's tabs take eight columns on a terminal; four show the same and fit.
std::string widen_tabs(std::string_view line) {
  std::size_t tabs = std::min(line.find_first_not_of('\t'), line.size());
  return std::string(4 * tabs, ' ') + std::string(line.substr(tabs));
}

void render_code(Output& out, std::string_view heading, std::string_view code) {
  out.write(fmt::format("{}\n\n", heading));
  while (!code.empty()) {
    std::size_t end = std::min(code.find('\n'), code.size());
    std::string_view line = code.substr(0, end);
    out.write(line.empty() ? std::string("\n") : fmt::format("  {}\n", widen_tabs(line)));
    code.remove_prefix(std::min(end + 1, code.size()));
  }
  out.write("\n");
}

}  // namespace

std::vector<const findings::Rule*> explained_rules() {
  std::vector<const findings::Rule*> rules;
  for (const Explanation* explanation : explanations())
    rules.push_back(findings::find_rule(explanation->rule));
  return rules;
}

void render_rule_list(Output& out, const TextStyle& style) {
  std::size_t widest = 0;
  for (const findings::Rule* rule : explained_rules())
    widest = std::max(widest, findings::short_name(*rule).size());
  out.write(
      "What Goshawk looks for. A goroutine (heap/, timer/: an object or variable) of the\n"
      "kind ...\n\n");
  for (const findings::Rule* rule : explained_rules()) {
    std::string_view name = findings::short_name(*rule);
    out.write(fmt::format("  {}{:{}}  {}\n", style.palette.function(name), "", widest - name.size(),
                          wrap_text(rule->summary, widest + 4, prose_columns(style))));
  }
  out.write("\nMore about one of them: goshawk explain RULE\n");
}

void render_explanation(Output& out, const findings::Rule& rule, const TextStyle& style) {
  std::string summary = fmt::format(
      "{}: {} {}", rule.id, rule.id.starts_with("heap/") ? "what" : "a goroutine", rule.summary);
  out.write(fmt::format("{}\n{}\n\n", style.palette.bold(rule.title),
                        style.palette.faint(wrap_text(summary, 0, prose_columns(style)))));
  const Explanation* explanation = find_explanation(rule.id);
  if (explanation == nullptr) return;
  render_prose(out, style, "Why it leaks", explanation->why);
  render_code(out, style.palette.bad("Wrong"), explanation->wrong);
  render_code(out, style.palette.good("Right"), explanation->right);
  render_prose(out, style, "What to do", explanation->mend);
  render_prose(out, style, "Go releases", explanation->releases);
  render_prose(out, style, "How sure Goshawk can be", explanation->certainty);
}

void render_rules_json(Output& out, const findings::Rule* only) {
  JsonWriter json(out);
  json.begin_object();
  json.member("schema", kJsonSchema);
  json.key("rules");
  json.begin_array();
  for (const findings::Rule* rule : explained_rules()) {
    if (only != nullptr && rule != only) continue;
    json.begin_object();
    json.member("id", rule->id);
    json.member("title", rule->title);
    json.member("summary", rule->summary);
    json.member("releases", rule->releases);
    json.key("confidences");
    json.begin_array();
    for (findings::Confidence confidence : rule->confidences)
      json.value(findings::to_text(confidence));
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.key("holders");
  json.begin_array();
  for (const findings::HolderRule& holder : findings::holder_rules()) {
    json.begin_object();
    json.member("name", holder.name);
    json.member("summary", holder.summary);
    json.key("rules");
    json.begin_array();
    for (std::string_view rule : holder.rules) json.value(rule);
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
