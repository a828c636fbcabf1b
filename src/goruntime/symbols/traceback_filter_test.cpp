#include "goruntime/symbols/traceback_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace goshawk::goruntime {
namespace {

using testing::ElementsAre;

TracebackFilter filter_of(int minor) {
  GoVersion version;
  version.minor = minor;
  return TracebackFilter(version);
}

SourceFrame frame(std::string_view name, FunctionKind kind = FunctionKind::kNormal) {
  return {.function = name, .file = "", .wrapper = kind == FunctionKind::kWrapper, .kind = kind};
}

TEST(TracebackFilterTest, RuntimeFramesAreHidden) {
  const SourceFrame frames[] = {frame("runtime.gopark"), frame("runtime.chanrecv1"),
                                frame("main.f"), frame("runtime.goexit", FunctionKind::kGoexit)};
  EXPECT_THAT(filter_of(27).compute_shown(frames), ElementsAre(false, false, true, false));
  EXPECT_THAT(filter_of(27).compute_called(frames), ElementsAre(true, true, true, true));
}

TEST(TracebackFilterTest, StackOfRuntimeFramesOnlyIsShownWhole) {
  const SourceFrame frames[] = {frame("runtime.gopark"), frame("runtime.bgsweep")};
  EXPECT_THAT(filter_of(27).compute_shown(frames), ElementsAre(true, true));
}

TEST(TracebackFilterTest, PanicIsShownUnlessItIsTheFirst) {
  SourceFrame panic = frame("runtime.gopanic", FunctionKind::kGopanic);
  const SourceFrame later[] = {frame("main.f.func1"), panic, frame("main.f")};
  EXPECT_THAT(filter_of(19).compute_shown(later), ElementsAre(true, true, true));
  const SourceFrame first[] = {panic, frame("main.f")};
  EXPECT_THAT(filter_of(19).compute_shown(first), ElementsAre(false, true));
}

TEST(TracebackFilterTest, WrapperIsLeftOutUnlessItPanicked) {
  SourceFrame wrapper = frame("main.(*T).M", FunctionKind::kWrapper);
  const SourceFrame wrapped[] = {frame("main.T.M"), wrapper, frame("main.f")};
  EXPECT_THAT(filter_of(27).compute_shown(wrapped), ElementsAre(true, false, true));
  EXPECT_THAT(filter_of(27).compute_called(wrapped), ElementsAre(true, false, true));
  const SourceFrame panicked[] = {frame("runtime.panicwrap", FunctionKind::kPanicwrap), wrapper,
                                  frame("main.f")};
  EXPECT_THAT(filter_of(27).compute_shown(panicked), ElementsAre(false, true, true));
}

TEST(TracebackFilterTest, ExportedRuntimeFunctions) {
  const SourceFrame frames[] = {frame("runtime.Gosched"), frame("runtime.(*Func).Name"),
                                frame("runtime.(*mheap).Free"), frame("main.f")};
  EXPECT_THAT(filter_of(22).compute_shown(frames), ElementsAre(true, false, false, true));
  EXPECT_THAT(filter_of(23).compute_shown(frames), ElementsAre(true, true, false, true));
}

TEST(TracebackFilterTest, FinalizersAreShownSince125) {
  const SourceFrame frames[] = {frame("main.f"),
                                frame("runtime.runFinalizers", FunctionKind::kRunFinalizers)};
  EXPECT_THAT(filter_of(24).compute_shown(frames), ElementsAre(true, false));
  EXPECT_THAT(filter_of(25).compute_shown(frames), ElementsAre(true, true));
}

TEST(TracebackFilterTest, FunctionWithoutPackageIsHidden) {
  const SourceFrame frames[] = {frame("_cgo_something"), frame("main.f")};
  EXPECT_THAT(filter_of(27).compute_shown(frames), ElementsAre(false, true));
}

TEST(TracebackFilterTest, CreatorInTheRuntimeIsNotShown) {
  EXPECT_FALSE(filter_of(27).shows_creator(frame("runtime.gcenable")));
  EXPECT_TRUE(filter_of(27).shows_creator(frame("main.main")));
}

TEST(TracebackFilterTest, Names) {
  TracebackFilter newest = filter_of(27);
  EXPECT_EQ(newest.printed_name("runtime.gopanic"), "panic");
  EXPECT_EQ(newest.function_name("runtime.gopanic"), "runtime.gopanic");
  EXPECT_EQ(newest.printed_name("main.F[go.shape.int]"), "main.F[...]");
  EXPECT_EQ(newest.printed_name("main.(*S[go.shape.struct { a [3]int }]).Get.func1"),
            "main.(*S[...]).Get.func1");
  EXPECT_EQ(newest.printed_name("main.T[int].M[string]"), "main.T[...].M[...]");
  EXPECT_EQ(newest.printed_name("main.T[a[1]].M[b[2]].func1"), "main.T[...].M[...].func1");
  EXPECT_EQ(newest.printed_name("main.T[a]b]"), "main.T[a]b]");
  EXPECT_EQ(newest.printed_name("main.f]["), "main.f][");
  EXPECT_EQ(filter_of(26).printed_name("main.T[int].M[string]"), "main.T[...]");
  EXPECT_EQ(filter_of(20).printed_name("main.F[...]"), "main.F[...]");
  EXPECT_EQ(newest.printed_name(""), "");
}

}  // namespace
}  // namespace goshawk::goruntime
