// The text of dumps, against what the runtime prints for the same goroutines (traceback.go).
#include "report/goroutine_dump.h"

#include <gtest/gtest.h>

#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using snapshot::Goroutine;
using testing::PictureBuilder;

constexpr std::int64_t kMinute = 60'000'000'000;

std::string dump(PictureBuilder& builder, bool labels = false) {
  StringOutput out;
  render_goroutine_dump(out, builder.picture(), select_goroutines(builder.picture(), {}), labels);
  return out.text();
}

TEST(GoroutineDump, LooksLikeTheRuntimes) {
  PictureBuilder builder;
  snapshot::FrameId main = builder.frame("main.main", "/src/main.go", 7, 0x1000, 0x2b);
  builder.waiting(1, "select (no cases)",
                  builder.stack({builder.frame("runtime.gopark", "/go/proc.go", 1), main}));
  Goroutine& worker =
      builder.waiting(18, "chan receive",
                      builder.stack({builder.frame("runtime.gopark", "/go/proc.go", 1),
                                     builder.inlined("main.get[go.shape.int]", "/src/main.go", 30),
                                     builder.frame("main.(*Worker).run", "/src/main.go", 12),
                                     builder.wrapper("main.main.gowrap1"),
                                     builder.frame("runtime.goexit", "/go/asm.s", 1)}),
                      main);
  worker.wait_ns = 5 * kMinute + 1;
  worker.locked_to_thread = true;
  EXPECT_EQ(dump(builder), R"(goroutine 1 [select (no cases)]:
main.main(...)
	/src/main.go:7 +0x2b

goroutine 18 [chan receive, 5 minutes, locked to thread]:
main.get[...](...)
	/src/main.go:30
main.(*Worker).run(...)
	/src/main.go:12 +0x1d
created by main.main in goroutine 1
	/src/main.go:7 +0x2b
)");
}

TEST(GoroutineDump, WhereTheCreatorsIdIsNotRecordedItIsNotPrinted) {
  PictureBuilder builder;
  snapshot::FrameId main = builder.frame("main.main", "/src/main.go", 7, 0x1000, 0x2b);
  builder.waiting(18, "sleep", builder.stack({main}), main).creator_goid = 0;
  EXPECT_NE(dump(builder).find("created by main.main\n\t/src/main.go:7 +0x2b\n"),
            std::string::npos);
}

TEST(GoroutineDump, States) {
  PictureBuilder builder;
  snapshot::StackId stack = builder.stack({builder.frame("main.f", "/a.go", 1)});
  builder.waiting(1, "preempted", stack).status = snapshot::Status::kRunning;
  builder.waiting(2, "", stack);
  builder.waiting(3, "chan send", stack).status = snapshot::Status::kLeaked;
  builder.waiting(4, "select", stack).scanning = true;
  builder.waiting(5, "", stack).status = snapshot::Status::kSyscall;
  builder.picture().goroutines.back().wait_ns = kMinute;
  builder.waiting(6, "chan receive (durable)", stack).wait_ns = kMinute - 1;
  std::string text = dump(builder);
  for (const char* header :
       {"goroutine 1 [running]:\n", "goroutine 2 [waiting]:\n",
        "goroutine 3 [chan send (leaked)]:\n", "goroutine 4 [select (scan)]:\n",
        "goroutine 5 [syscall, 1 minutes]:\n", "goroutine 6 [chan receive (durable)]:\n"})
    EXPECT_NE(text.find(header), std::string::npos) << header;
}

TEST(GoroutineDump, LabelsAsTheNewestReleasePrintsThem) {
  PictureBuilder builder;
  builder.waiting(9, "sleep", builder.stack({builder.frame("main.f", "/a.go", 1)}));
  builder.label("path", "/shop/cart.html");
  builder.label("user id", "a\"b");
  EXPECT_EQ(dump(builder, true).substr(0, 62),
            "goroutine 9 [sleep] {path: /shop/cart.html, \"user id\": \"a\\\"b\"}");
  EXPECT_EQ(dump(builder, false).substr(0, 21), "goroutine 9 [sleep]:\n");
}

TEST(GoroutineDump, OfOnlyHiddenFramesAllAreShown) {
  PictureBuilder builder;
  builder.waiting(2, "force gc (idle)",
                  builder.stack({builder.frame("runtime.gopark", "/go/proc.go", 1)}));
  EXPECT_NE(dump(builder).find("runtime.gopark(...)\n"), std::string::npos);
}

TEST(GoroutineDump, PanicsAreNamedAsTheRuntimeNamesThem) {
  PictureBuilder builder;
  snapshot::FrameId panic = builder.frame("runtime.gopanic", "/go/panic.go", 770);
  builder.waiting(2, "sleep", builder.stack({panic}));
  EXPECT_NE(dump(builder).find("panic(...)\n\t/go/panic.go:770"), std::string::npos);
}

TEST(GoroutineDump, Ancestors) {
  PictureBuilder builder;
  snapshot::FrameId main = builder.frame("main.main", "/src/main.go", 7, 0x1000, 0x2b);
  snapshot::FrameId outer = builder.frame("main.outer", "/src/main.go", 9, 0x1000, 0x30);
  builder.waiting(30, "sleep", builder.stack({builder.frame("main.f", "/a.go", 1)}), outer)
      .creator_goid = 18;
  builder.picture().ancestors.push_back({18, main, builder.stack({outer})});
  builder.picture().goroutines.back().ancestor_count = 1;
  std::string text = dump(builder);
  EXPECT_NE(text.find("created by main.outer in goroutine 18\n\t/src/main.go:9 +0x30\n"
                      "[originating from goroutine 18]:\nmain.outer(...)\n\t/src/main.go:9 +0x30\n"
                      "created by main.main\n\t/src/main.go:7 +0x2b\n"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace goshawk::report
