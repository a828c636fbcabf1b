// Earlier reports and baselines. The input is one; it is written as a baseline, and with it a
// verdict of a few findings is compared and shown.
#include "findings/baseline.h"
#include "fuzz/fuzz.h"
#include "report/baseline_json.h"
#include "report/leaks_json.h"
#include "report/leaks_text.h"
#include "report/testing/picture_builder.h"

namespace goshawk::fuzz {
namespace {

findings::Verdict verdict() {
  findings::Verdict made = report::testing::verdict_of(
      {report::testing::abandoned_results(), report::testing::lost_mutex()});
  made.suppressed = {{.entry = {}, .findings = {report::testing::lost_mutex()}}};
  return made;
}

std::string report_of(const findings::Verdict& made) {
  report::testing::PictureBuilder builder;
  report::StringOutput out;
  report::render_leaks_json(out, builder.picture(), made, true);
  return out.text();
}

}  // namespace

void run(ByteView input) {
  auto baseline = findings::parse_baseline(as_text(input), "input");
  if (!baseline) return use(describe(baseline.error()));
  report::StringOutput written;
  report::render_baseline_json(written, baseline->findings);
  report::render_suppression_draft(written, baseline->findings);
  use(written.text());
  findings::Verdict compared = verdict();
  compare_with_baseline(compared, *baseline);
  use(findings::count_new(compared.findings));
  use(report_of(compared));
  report::testing::PictureBuilder builder;
  report::StringOutput out;
  report::render_leaks_text(out, builder.picture(), compared, {});
  use(out.text());
}

std::vector<std::string> seeds() {
  findings::Verdict compared = verdict();
  compare_with_baseline(compared, {"b.json", {{.fingerprint = "0123456789abcdef", .rule = "r"}}});
  return {report_of(verdict()),
          report_of(findings::Verdict()),
          report_of(compared),
          R"({"schema":1,"checked":{},"findings":[{"rule":"r","fingerprint":"0123456789abcdef",)"
          R"("count":1e3,"blocked_at":{"function":"main.\u001b[31m"},"created_at":null}]})",
          R"({"findings":[["x"],{"[]":[]}],"schema":1})",
          R"({"schema":1,"baseline":[{"fingerprint":"0123456789abcdef","rule":"r",)"
          R"("blocked_in":"main.f","created_by":""}]})",
          R"({"schema":1,"targets":[)" + report_of(compared) + "," + report_of(verdict()) + "]}"};
}

}  // namespace goshawk::fuzz
