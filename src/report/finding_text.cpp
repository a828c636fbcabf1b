// What every presentation of a finding that people read says of it, in the same words and order.
// Every name comes from the target and passes through escape_controls.
#include "report/finding_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "findings/rules.h"
#include "report/finding_stack.h"
#include "report/foreign_text.h"
#include "report/growth_text.h"
#include "report/largest_types.h"
#include "report/leaks_headline.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::Finding;

namespace {

constexpr std::size_t kIndent = 3;
constexpr std::size_t kLabelColumns = 5;

class FindingText {
 public:
  FindingText(Output& out, const TextStyle& style, std::span<const SharedEvidence> shared)
      : out_(out), style_(style), shared_(shared) {}

  void render(const Finding& finding) {
    render_code_lines(out_, style_, kIndent, finding_stack(finding, style_));
    if (!finding.test.empty()) render_labelled("test", finding.test);
    render_growth(finding);
    render_cost(finding);
    render_reasons(finding);
    if (style_.all) render_labelled("ids", ids(finding));
    render_labelled("fix", finding.advice);
  }

 private:
  void render_growth(const Finding& finding) {
    if (!finding.growth) return;
    bool is_steady = finding.growth->came == 0 && finding.growth->gone == 0;
    render_labelled(is_steady ? "same" : "grew", growth_text(*finding.growth));
  }

  // What was not measured is stacks only, as the title says already.
  void render_cost(const Finding& finding) {
    if (!finding.cost.retained_bytes) return;
    std::string text = memory_text(finding.cost.stack_bytes, *finding.cost.retained_bytes);
    if (*finding.cost.retained_bytes > 0) text += " that nothing else holds";
    render_labelled("cost", text);
    render_labelled("", largest_types_text(finding.cost));
  }

  // The first sentence says what it waits on: the runtime's own words for that go with it.
  void render_reasons(const Finding& finding) {
    std::string first = finding.evidence.empty() ? std::string() : finding.evidence.front() + " ";
    std::string state = wait_text(finding);
    render_labelled("why", state.empty() ? first : fmt::format("{}({})", first, state));
    for (std::size_t i = 1; i < finding.evidence.size(); ++i)
      if (!is_shared(finding.evidence[i])) render_labelled("", finding.evidence[i]);
  }

  bool is_shared(const std::string& sentence) const {
    return std::ranges::find(shared_, sentence, &SharedEvidence::sentence) != shared_.end();
  }

  static std::string ids(const Finding& finding) {
    std::string text;
    for (std::uint64_t goid : finding.goids)
      text += fmt::format("{}{}", text.empty() ? "" : " ", goid);
    return text;
  }

  void render_labelled(std::string_view label, const std::string& text) {
    if (text.empty()) return;
    std::string wrapped = wrap_text(escape_controls(text), kIndent + kLabelColumns, style_.columns);
    out_.write(fmt::format("{:{}}{}{:{}}{}\n", "", kIndent, style_.palette.bold(label), "",
                           kLabelColumns - label.size(), wrapped));
  }

  Output& out_;
  const TextStyle& style_;
  std::span<const SharedEvidence> shared_;
};

}  // namespace

std::string wait_text(const Finding& finding) {
  std::string text = finding.wait_reason;
  if (finding.longest_wait_ns > 0)
    text += fmt::format("{}{}for about {}", text.empty() ? "" : ", ",
                        finding.count > 1 ? "the longest " : "",
                        human_duration(finding.longest_wait_ns));
  return text;
}

std::string cost_text(const findings::Cost& cost) {
  bool measured = cost.stack_bytes > 0 || cost.retained_bytes;
  return measured ? human_bytes(cost.total_bytes()) : "";
}

std::string finding_title(const Finding& finding) {
  std::string cost = cost_text(finding.cost);
  return fmt::format("{}{}{}: {}", plural(finding.count, "goroutine"), cost.empty() ? "" : ", ",
                     cost, findings::title_of(finding));
}

void render_finding_text(Output& out, const Finding& finding, const TextStyle& style,
                         std::span<const SharedEvidence> shared) {
  FindingText(out, style, shared).render(finding);
}

}  // namespace goshawk::report
