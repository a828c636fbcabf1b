#include "report/report_kinds.h"

#include <array>
#include <cassert>

#include "report/github_annotations.h"
#include "report/junit_report.h"
#include "report/leaks_json.h"
#include "report/leaks_text.h"
#include "report/markdown_report.h"
#include "report/sarif_report.h"

namespace goshawk::report {
namespace {

struct NamedKind {
  std::string_view name;
  ReportKind kind;
};

constexpr std::array kKinds = {
    NamedKind{"text", ReportKind::kText},     NamedKind{"json", ReportKind::kJson},
    NamedKind{"sarif", ReportKind::kSarif},   NamedKind{"junit", ReportKind::kJunit},
    NamedKind{"github", ReportKind::kGithub}, NamedKind{"markdown", ReportKind::kMarkdown}};

void render_text(Output& out, std::span<const Judged> processes, const TextStyle& style) {
  for (const Judged& judged : processes) {
    if (&judged != &processes.front()) out.write("\n");
    render_leaks_text(out, judged, style);
  }
}

}  // namespace

std::vector<std::string_view> report_kind_names() {
  std::vector<std::string_view> names;
  for (const NamedKind& kind : kKinds) names.push_back(kind.name);
  return names;
}

std::optional<ReportKind> find_report_kind(std::string_view name) {
  for (const NamedKind& kind : kKinds)
    if (kind.name == name) return kind.kind;
  return std::nullopt;
}

void render_report(Output& out, ReportKind kind, std::span<const Judged> processes,
                   const ReportOptions& options) {
  bool all = options.style.all;
  switch (kind) {
    case ReportKind::kText:
      return render_text(out, processes, options.style);
    case ReportKind::kJson:
      if (options.of_a_run) return render_leaks_of_run_json(out, processes, all);
      assert(processes.size() == 1);
      return render_leaks_json(out, processes.front(), all, options.timings);
    case ReportKind::kSarif:
      return render_sarif(out, processes, options.sources, all);
    case ReportKind::kJunit:
      return render_junit(out, processes, options.fails_from);
    case ReportKind::kGithub:
      return render_github_annotations(out, processes, options.sources);
    case ReportKind::kMarkdown:
      return render_markdown(out, processes, options.sources, all);
  }
}

}  // namespace goshawk::report
