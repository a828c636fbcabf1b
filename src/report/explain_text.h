// `explain`: the list of rules, and what one of them teaches.
#pragma once

#include <vector>

#include "findings/rules.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

// The rules that there is an explanation of: those that Goshawk can find.
std::vector<const findings::Rule*> explained_rules();

void render_rule_list(Output& out, const TextStyle& style);
void render_explanation(Output& out, const findings::Rule& rule, const TextStyle& style);
// Every rule, or one only; null: every.
void render_rules_json(Output& out, const findings::Rule* only);

}  // namespace goshawk::report
