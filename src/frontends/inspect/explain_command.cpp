// Teaches the patterns that Goshawk finds; needs no target.
#include "frontends/inspect/explain_command.h"

#include "findings/rules.h"
#include "report/explain_text.h"

namespace goshawk::frontends::inspect {

std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for (const findings::Rule& rule : findings::rules())
    names.emplace_back(findings::short_name(rule));
  return names;
}

ExitCode run_explain(const ExplainRequest& request) {
  const findings::Rule* rule = nullptr;
  if (!request.rule.empty()) {
    rule = findings::find_rule(request.rule);
    if (rule == nullptr)
      return report_error(
          Usage{"there is no rule \"" + request.rule + "\"", "`goshawk explain` lists them"});
  }
  return deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    report::TextStyle style = destination.text_style(false);
    if (request.delivery.format == Format::kJson)
      report::render_rule_list_json(destination.output());
    else if (rule != nullptr)
      report::render_explanation(destination.output(), *rule, style);
    else
      report::render_rule_list(destination.output(), style);
  });
}

}  // namespace goshawk::frontends::inspect
