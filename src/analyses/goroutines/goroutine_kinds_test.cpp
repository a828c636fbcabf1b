// Goroutines of one kind, by sites and findings drawn by hand.
#include "analyses/goroutines/goroutine_kinds.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analyses/goroutines/picture_for_tests.h"

namespace goshawk::analyses::goroutines {
namespace {

snapshot::FrameId frame(snapshot::Snapshot& picture, const std::string& function,
                        std::uint32_t line) {
  snapshot::Frame made;
  made.function = picture.strings.intern(function);
  made.file = picture.strings.intern("main.go");
  made.line = line;
  made.pc = Address(0x1000 + picture.stacks.frame_count());
  return picture.stacks.add_frame(made);
}

void place(snapshot::Snapshot& picture, snapshot::Goroutine& goroutine, const std::string& function,
           std::uint32_t line, const std::string& caller) {
  std::vector<snapshot::FrameId> frames{frame(picture, "runtime.gopark", 1),
                                        frame(picture, function, line), frame(picture, caller, 7)};
  goroutine.stack = picture.stacks.intern(frames);
  goroutine.started_at = frame(picture, caller, 1);
  goroutine.created_by = frame(picture, "main.main", 99);
  goroutine.wait_reason = picture.strings.intern("chan receive");
}

TEST(GoroutineKinds, OneKindIsOneSiteAndState) {
  DrawnPicture drawn;
  snapshot::Snapshot& picture = drawn.picture();
  place(picture, drawn.waits(5, "A", ""), "main.work", 12, "main.one");
  place(picture, drawn.waits(6, "B", ""), "main.work", 12, "main.other");
  place(picture, drawn.waits(7, "C", ""), "main.work", 13, "main.one");
  place(picture, drawn.runs(8, ""), "main.spin", 3, "main.one");
  place(picture, drawn.runs(9, ""), "main.spin", 4, "main.one");
  place(picture, drawn.runs(10, ""), "runtime.gcBgMarkWorker", 4, "main.one");
  picture.goroutines.back().system = true;
  findings::Verdict verdict;
  verdict.findings.resize(2);
  verdict.findings[0].confidence = findings::Confidence::kProven;
  verdict.findings[0].goids = {5, 6};
  verdict.findings[1].confidence = findings::Confidence::kLikely;
  verdict.findings[1].goids = {7};
  auto kinds = list_goroutine_kinds(drawn.draw(), verdict);
  ASSERT_EQ(kinds.size(), 3u);
  auto of = [&](std::uint32_t line) {
    return *std::ranges::find_if(kinds, [&](const auto& kind) { return kind.at.line == line; });
  };
  EXPECT_EQ(of(12).count, (findings::GoroutineKind::Count{.all = 2, .proven = 2}));
  EXPECT_EQ(of(12).state, "chan receive");
  EXPECT_EQ(of(12).created_by.function, "main.main");
  EXPECT_EQ(of(12).at.pc, 0u);
  EXPECT_EQ(of(13).count, (findings::GoroutineKind::Count{.all = 1, .likely = 1}));
  // Those at work, wherever they are.
  EXPECT_EQ(of(1).count, (findings::GoroutineKind::Count{.all = 2}));
  EXPECT_EQ(of(1).at.function, "main.one");
  EXPECT_EQ(of(1).state, "");
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
