#include "report/leaks_text.h"

#include <gtest/gtest.h>

#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using testing::PictureBuilder;

std::string render(const findings::Verdict& verdict, TextStyle style = {}) {
  PictureBuilder builder;
  StringOutput out;
  render_leaks_text(out, builder.picture(), verdict, style);
  return out.text();
}

TEST(LeaksText, Print) {
  auto verdict = testing::verdict_of({testing::abandoned_results(), testing::lost_mutex()});
  puts(render(verdict).c_str());
}

}  // namespace
}  // namespace goshawk::report
