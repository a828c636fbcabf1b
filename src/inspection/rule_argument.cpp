// A rule that can be found is one that can be explained.
#include "inspection/rule_argument.h"

#include <algorithm>
#include <cctype>

#include "base/nearest_word.h"
#include "report/explain_text.h"

namespace goshawk::inspection {

const std::vector<std::string_view>& rule_names() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const findings::Rule* rule : report::explained_rules())
      names.push_back(findings::short_name(*rule));
    return names;
  }();
  return kNames;
}

Result<const findings::Rule*> parse_rule(const std::string& text) {
  std::string lower = text;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const findings::Rule* rule : report::explained_rules())
    if (rule->id == lower || findings::short_name(*rule) == lower) return rule;
  std::string_view typed = text;
  typed.remove_prefix(typed.rfind('/') + 1);
  std::string hint = "`goshawk explain` lists them";
  if (std::string_view nearest = find_nearest_word(typed, rule_names()); !nearest.empty())
    hint = "did you mean " + std::string(nearest) + "? " + hint;
  return fail(Usage{"there is no rule \"" + text + "\"", hint});
}

}  // namespace goshawk::inspection
