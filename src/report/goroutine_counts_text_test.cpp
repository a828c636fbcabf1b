#include "report/goroutine_counts_text.h"

#include <gtest/gtest.h>

#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using testing::PictureBuilder;

std::string render(const snapshot::Snapshot& picture) {
  StringOutput out;
  render_goroutine_counts(out, picture, select_goroutines(picture, {}), "goroutine");
  return out.text();
}

TEST(GoroutineCountsText, CountsAndAlignsAsGoDoes) {
  PictureBuilder builder;
  auto gopark = builder.frame("runtime.gopark", "/go/proc.go", 402, 0x43c1a6, 0xe6);
  auto inlined = builder.inlined("main.inner", "/src/main.go", 5, 0x4a0021);
  auto outer = builder.frame("main.outer", "/src/main.go", 9, 0x4a0021, 0x21);
  auto wrapper = builder.wrapper("main.T.outer", 0x4a0100);
  auto exit = builder.frame("runtime.goexit", "/go/asm.s", 1700, 0x46d4a1, 1);
  auto other = builder.frame("main.a_function_of_a_long_name", "/src/main.go", 20, 0x4a0201, 0x1);
  builder.waiting(1, "chan receive", builder.stack({gopark, other, exit}));
  builder.waiting(2, "chan receive", builder.stack({gopark, inlined, outer, wrapper, exit}));
  builder.waiting(3, "chan receive", builder.stack({gopark, inlined, outer, wrapper, exit}));
  EXPECT_EQ(render(builder.picture()),
            "goroutine profile: total 3\n"
            "2 @ 0x43c1a6 0x4a0021 0x46d4a1\n"
            "#\t0x4a0020\tmain.inner+0x1c\t/src/main.go:5\n"
            "#\t0x4a0020\tmain.outer+0x20\t/src/main.go:9\n"
            "\n"
            "1 @ 0x43c1a6 0x4a0201 0x46d4a1\n"
            "#\t0x4a0200\tmain.a_function_of_a_long_name+0x0\t/src/main.go:20\n"
            "\n");
}

TEST(GoroutineCountsText, OfTheRuntimeAloneWhereThereIsNothingElse) {
  PictureBuilder builder;
  builder.waiting(1, "sleep",
                  builder.stack({builder.frame("runtime.gopark", "/go/p.go", 1, 0x1001)}));
  EXPECT_EQ(
      render(builder.picture()),
      "goroutine profile: total 1\n1 @ 0x1001\n#\t0x1000\truntime.gopark+0x1c\t/go/p.go:1\n\n");
}

}  // namespace
}  // namespace goshawk::report
