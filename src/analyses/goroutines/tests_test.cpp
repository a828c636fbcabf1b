#include "analyses/goroutines/tests.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>
#include <vector>

namespace goshawk::analyses::goroutines {
namespace {

class Tests : public testing::Test {
 protected:
  snapshot::FrameId frame(std::string_view function, std::string_view file = "a_test.go") {
    snapshot::Frame frame;
    frame.function = picture_.strings.intern(function);
    frame.file = picture_.strings.intern(file);
    return picture_.stacks.add_frame(frame);
  }
  // Innermost first.
  snapshot::StackId stack(std::initializer_list<std::string_view> functions) {
    std::vector<snapshot::FrameId> frames;
    for (std::string_view function : functions) frames.push_back(frame(function));
    return picture_.stacks.intern(frames);
  }
  void add_ancestor(std::uint64_t goid, std::string_view created_by,
                    std::initializer_list<std::string_view> functions) {
    picture_.ancestors.push_back({goid, frame(created_by), stack(functions)});
    ++goroutine_.ancestor_count;
  }
  TestOrigin origin() { return find_test_origin(picture_, goroutine_); }
  std::string test() { return origin().test; }
  std::string_view function_at(snapshot::FrameId frame) {
    return frame == snapshot::kNone
               ? ""
               : std::string_view(picture_.strings[picture_.stacks.frame(frame).function]);
  }

  snapshot::Snapshot picture_;
  snapshot::Goroutine goroutine_;
};

TEST_F(Tests, TheGoStatementOfATestNamesIt) {
  goroutine_.created_by = frame("goshawk.example/shop.TestFetch");
  EXPECT_EQ(test(), "TestFetch");
}

TEST_F(Tests, AClosureOfATestNamesIt) {
  goroutine_.created_by = frame("goshawk.example/shop_test.TestFetch.func1.2");
  EXPECT_EQ(test(), "TestFetch");
}

TEST_F(Tests, ACreatorThatHasGoneNamesItsTest) {
  goroutine_.created_by = frame("goshawk.example/shop.(*pool).start");
  add_ancestor(21, "goshawk.example/shop.Open", {"goshawk.example/shop.(*pool).run"});
  add_ancestor(20, "testing.(*T).Run",
               {"goshawk.example/shop.Open", "goshawk.example/shop.TestOpen", "testing.tRunner"});
  add_ancestor(1, "", {"testing.(*T).Run", "testing.runTests", "main.main"});
  EXPECT_EQ(test(), "TestOpen");
}

TEST_F(Tests, TheOutermostTestIsTheOneOfItsSubtests) {
  goroutine_.created_by = frame("p.helper");
  add_ancestor(21, "testing.(*T).Run", {"p.helper", "p.TestInner.func1", "testing.tRunner"});
  add_ancestor(20, "testing.(*T).Run", {"testing.(*T).Run", "p.TestOuter", "testing.tRunner"});
  EXPECT_EQ(test(), "TestOuter");
}

TEST_F(Tests, AHelperThatIsNamedLikeATestIsNotOne) {
  goroutine_.created_by = frame("p.TestServer");
  add_ancestor(20, "testing.(*T).Run", {"p.TestServer", "p.TestReal", "testing.tRunner"});
  EXPECT_EQ(test(), "TestReal");
}

TEST_F(Tests, OtherKinds) {
  goroutine_.created_by = frame("p.start");
  add_ancestor(9, "testing.(*F).Fuzz", {"p.start", "p.FuzzParse.func1", "testing.tRunner"});
  EXPECT_EQ(test(), "FuzzParse");
  add_ancestor(1, "", {"p.ExampleOpen", "testing.runExample", "testing.(*M).Run", "p.TestMain"});
  EXPECT_EQ(test(), "ExampleOpen");
}

TEST_F(Tests, ABenchmarkIsCalledByItsRunner) {
  goroutine_.created_by = frame("p.start");
  add_ancestor(9, "testing.(*B).run1", {"p.start", "p.BenchmarkX", "testing.(*B).runN"});
  EXPECT_EQ(test(), "BenchmarkX");
}

TEST_F(Tests, WhatTestMainStartsIsItsOwn) {
  goroutine_.created_by = frame("p.TestMain");
  add_ancestor(1, "", {"p.TestMain", "main.main"});
  EXPECT_EQ(test(), "TestMain");
}

TEST_F(Tests, WhatATestStartsUnderTestMainIsTheTests) {
  goroutine_.created_by = frame("p.TestX");
  add_ancestor(20, "testing.(*T).Run", {"p.TestX", "testing.tRunner"});
  add_ancestor(1, "", {"testing.(*T).Run", "testing.(*M).Run", "p.TestMain", "main.main"});
  EXPECT_EQ(test(), "TestX");
}

TEST_F(Tests, AnInitFunctionIsSaidAsSuch) {
  goroutine_.created_by = frame("p.init.0");
  EXPECT_EQ(test(), "init");
}

TEST_F(Tests, AClosureOfAVariableIsNoInitFunction) {
  goroutine_.created_by = frame("p.init.func1");
  EXPECT_EQ(test(), "");
}

TEST_F(Tests, WithoutAncestorsALivingCreatorTells) {
  picture_.goroutines.resize(2);
  picture_.goroutines[0].goid = 1;
  snapshot::Goroutine& slow = picture_.goroutines[1];
  slow.goid = 20;
  slow.creator_goid = 1;
  slow.stack = stack({"p.TestSlow", "testing.tRunner"});
  slow.created_by = frame("testing.(*T).Run");
  goroutine_.created_by = frame("p.start");
  goroutine_.creator_goid = 20;
  EXPECT_EQ(test(), "TestSlow");
  goroutine_.creator_goid = 19;
  EXPECT_EQ(test(), "");
}

TEST_F(Tests, ATestsNameHasNoSmallLetterBehindItsKind) {
  goroutine_.created_by = frame("p.Testify");
  EXPECT_EQ(test(), "");
  goroutine_.created_by = frame("p.Test_it");
  EXPECT_EQ(test(), "Test_it");
}

TEST_F(Tests, TheFunctionOfTheInnermostSubtestIsTold) {
  goroutine_.created_by = frame("p.helper");
  add_ancestor(21, "testing.(*T).Run", {"p.helper", "p.TestOuter.func2", "testing.tRunner"});
  add_ancestor(20, "testing.(*T).Run", {"testing.(*T).Run", "p.TestOuter", "testing.tRunner"});
  EXPECT_EQ(function_at(origin().at), "p.TestOuter.func2");
  EXPECT_EQ(origin().package, "p");
  goroutine_.created_by = frame("p.TestOuter.func2");  // the report shows it anyway
  EXPECT_EQ(origin().at, snapshot::kNone);
}

TEST_F(Tests, ACreatorThatLivesOnIsTold) {
  goroutine_.created_by = frame("p.(*worker).run");
  add_ancestor(30, "p.start", {"p.(*worker).run"});
  add_ancestor(20, "testing.(*T).Run", {"p.start", "p.TestX", "testing.tRunner"});
  EXPECT_EQ(origin().living_creator, 0U);
  picture_.goroutines.resize(1);
  picture_.goroutines[0].goid = 30;
  EXPECT_EQ(origin().living_creator, 30U);
}

TEST_F(Tests, WhyNoTestIsKnownIsTold) {
  goroutine_.created_by = frame("time.goFunc");
  EXPECT_NE(origin().why_unknown.find("timer"), std::string::npos);
  goroutine_.created_by = frame("p.start");
  EXPECT_NE(origin().why_unknown.find("was not told to keep"), std::string::npos);
  add_ancestor(40, "p.start", {"p.start"});
  EXPECT_NE(origin().why_unknown.find("more than the 1 goroutines"), std::string::npos);
  add_ancestor(1, "", {"p.start", "main.main"});
  EXPECT_NE(origin().why_unknown.find("no function on the way"), std::string::npos);
}

TEST_F(Tests, AStackThatWasTooDeepIsTold) {
  goroutine_.created_by = frame("p.start");
  std::vector<snapshot::FrameId> deep(60, frame("p.recurse"));
  picture_.ancestors.push_back({20, frame("testing.(*T).Run"), picture_.stacks.intern(deep)});
  goroutine_.ancestor_count = 1;
  EXPECT_NE(origin().why_unknown.find("goroutine 20, on the way, was deeper"), std::string::npos);
}

TEST_F(Tests, ATestBinaryIsToldByItsMainFunction) {
  frame("main.main", "/src/main.go");
  EXPECT_FALSE(is_test_binary(picture_));
  frame("main.main", "_testmain.go");
  EXPECT_TRUE(is_test_binary(picture_));
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
