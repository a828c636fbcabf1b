#include "analyses/goroutines/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyses/goroutines/picture_for_tests.h"

namespace goshawk::analyses::goroutines {
namespace {

using snapshot::Goroutine;
using snapshot::WaitKind;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kReceive = "goroutine/blocked-receive";

class AdviceTest : public ::testing::Test {
 protected:
  snapshot::FrameId frame(std::string_view function) {
    snapshot::Frame made;
    made.function = drawn_.picture().strings.intern(function);
    return drawn_.picture().stacks.add_frame(made);
  }
  void place(Goroutine& goroutine, std::string_view in, std::string_view creator) {
    goroutine.stack =
        drawn_.picture().stacks.intern(std::vector{frame("runtime.gopark"), frame(in)});
    goroutine.created_by = frame(creator);
    goroutine.started_at = frame(in);
  }
  std::string of_one(std::string_view rule, std::string_view in, std::string_view creator) {
    place(drawn_.waits(5, "A", ""), in, creator);
    const Goroutine& one = drawn_.picture().goroutines.back();
    return advise(rule, drawn_.picture(), one, {&one});
  }
  std::string of_pool(std::string_view element, const char* second = "A") {
    place(drawn_.waits(5, "A", ""), "main.worker", "main.newPool");
    place(drawn_.waits(6, second, ""), "main.worker", "main.newPool");
    for (snapshot::Wait& wait : drawn_.picture().waits)
      wait.element_type = drawn_.picture().strings.intern(element);
    const std::vector<Goroutine>& all = drawn_.picture().goroutines;
    return advise(kReceive, drawn_.picture(), all[0], {&all[0], &all[1]});
  }

  DrawnPicture drawn_;
};

TEST_F(AdviceTest, LibrariesAreMendedWhereTheyAreUsed) {
  EXPECT_THAT(of_one(kReceive, "database/sql.(*Tx).awaitDone", "database/sql.(*DB).beginDC"),
              HasSubstr("Commit or Rollback"));
  EXPECT_THAT(of_one("goroutine/blocked-select", "io.(*pipe).write", "main.main"),
              HasSubstr("CloseWithError"));
  EXPECT_THAT(
      of_one("goroutine/lost-cancel", "main.work", "golang.org/x/sync/errgroup.(*Group).Go"),
      HasSubstr("call Wait of the errgroup"));
  EXPECT_THAT(of_one("goroutine/blocked-send", "golang.org/x/sync/errgroup.(*Group).Go", "main.f"),
              HasSubstr("at its limit"));
  EXPECT_THAT(of_one(kReceive, "net/http.(*conn).serve", "net/http.(*Server).Serve"),
              HasSubstr("r.Context().Done()"));
}

TEST_F(AdviceTest, AnAdviceForOneRuleIsNotGivenForAnother) {
  EXPECT_THAT(of_one(kReceive, "main.work", "golang.org/x/sync/errgroup.(*Group).Go"),
              Not(HasSubstr("errgroup")));
  EXPECT_THAT(of_one(kReceive, "main.work", "example.com/myerrgroup.(*Group).Go"),
              Not(HasSubstr("errgroup of")));
}

TEST_F(AdviceTest, WorkersOfOnePoolWantItToBeStopped) {
  EXPECT_THAT(of_pool("main.job"), HasSubstr("let what main.newPool made have a Stop or Close"));
}

TEST_F(AdviceTest, WhoWaitsForASignalOrForAnotherChannelIsNoPool) {
  EXPECT_THAT(of_pool("struct {}"), Not(HasSubstr("pool")));
}

TEST_F(AdviceTest, ThoseOfTwoChannelsAreNoPool) {
  EXPECT_THAT(of_pool("main.job", "B"), Not(HasSubstr("workers of one pool")));
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
