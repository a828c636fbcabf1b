// Teaches the patterns that Goshawk finds; needs no target.
#include "frontends/inspect/explain_command.h"

#include "frontends/inspect/rule_argument.h"
#include "report/explain_text.h"

namespace goshawk::frontends::inspect {

ExitCode run_explain(const ExplainRequest& request) {
  const findings::Rule* rule = nullptr;
  if (!request.rule.empty()) {
    auto named = parse_rule(request.rule);
    if (!named) return report_error(named.error());
    rule = *named;
  }
  return deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    report::TextStyle style = destination.text_style(false);
    if (request.delivery.format == Format::kJson)
      report::render_rules_json(destination.output(), rule);
    else if (rule != nullptr)
      report::render_explanation(destination.output(), *rule, style);
    else
      report::render_rule_list(destination.output(), style);
  });
}

}  // namespace goshawk::frontends::inspect
