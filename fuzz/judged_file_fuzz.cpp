// What test binaries leave for `goshawk test`. What can be read is written again, and shown in
// every form.
#include <span>

#include "fuzz/fuzz.h"
#include "report/judged_file.h"
#include "report/report_kinds.h"
#include "report/testing/picture_builder.h"

namespace goshawk::fuzz {

void run(ByteView input) {
  auto judged = report::decode_judged(input, "input");
  if (!judged) return use(describe(judged.error()));
  use(report::encode_judged(*judged));
  report::StringOutput shown;
  for (std::string_view kind : report::report_kind_names())
    report::render_report(shown, *report::find_report_kind(kind), *judged, {.of_a_run = true});
  use(shown.text());
}

std::vector<std::string> seeds() {
  report::testing::PictureBuilder builder;
  findings::Verdict verdict = report::testing::verdict_of(
      {report::testing::abandoned_results(), report::testing::lost_mutex()});
  verdict.suppressed = {{.entry = {}, .findings = {report::testing::lost_mutex()}}};
  verdict.doubts = {"a doubt"};
  report::Judged one = report::make_judged(builder.picture(), verdict);
  return {report::encode_judged({}), report::encode_judged(std::vector{one, one})};
}

}  // namespace goshawk::fuzz
