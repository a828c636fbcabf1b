#include "report/difference_text.h"

#include <gmock/gmock.h>

#include <sstream>

#include "report/changed_holders.h"
#include "report/testing/difference_for_tests.h"

namespace goshawk::report {
namespace {

using findings::Difference;
using findings::Relation;
using ::testing::HasSubstr;
using ::testing::Not;

struct Shown {
  testing::PictureBuilder before, after;

  Shown() {
    before.picture().target.kind = "snapshot";
    before.picture().target.name = "a.snapshot";
  }
  std::string text(const Difference& difference, bool all = false) {
    StringOutput out;
    render_difference_text(out, before.picture(), after.picture(), difference,
                           {.palette = {}, .columns = 100, .all = all});
    return out.text();
  }
};

TEST(DifferenceText, OneScreen) {
  EXPECT_EQ(
      Shown().text(testing::shop_difference()),
      R"(In 1 hour 2 minutes: live heap 312 MB → 611 MB (+299 MB), RSS 540 MB → 901 MB (+361 MB),
goroutines 240 → 1,240 (+1,000)
from a.snapshot, a snapshot of process 4711, /usr/bin/shop, go1.27.4 amd64
to process 4711
Memory that grew: live objects with pointers +290 MB
Memory that shrank: garbage -10 MB

    growth     before      after     objects  grew, by type
   +280 MB      10 MB     290 MB     +40,000  shop.session
     +9 MB    0 bytes       9 MB     +40,000  unknown, 48 bytes, held by shop.session

    growth     before      after     objects  grew, by who holds it
   +299 MB      20 MB     319 MB     +40,000  main.shop
   +280 MB      10 MB     290 MB     +40,000    .sessions[...]: +40,000 × shop.session

    growth     before      after  grew, goroutines
    +1,000         40      1,040  chan send: all proven leaked
                                  shop/price.Fetch.func1       shop/price/price.go:41
                                  started by shop/price.Fetch  shop/price/price.go:38

    growth     before      after   allocated  in use grew, by who allocated it
   +280 MB      10 MB     290 MB     +500 MB  shop.newSession               shop/session.go:40
                                   called by  shop.login                    shop/login.go:12
                                              .../http.HandlerFunc.ServeHTTP  net/http/server.go:1

    change     before      after     objects  shrank, or was freed
    -50 MB      60 MB      10 MB     -99,000  type shop.page
    -50 MB      60 MB      10 MB     -99,000  held by main.pages[...]: -99,000 × shop.page
       -30         60         30              goroutines, IO wait in net.(*conn).Read, started by
                                              net/http.(*Server).Serve

Allocations are estimated from the samples of the program's runtime, as of its last collection
before each picture; what was allocated and is not in use more was freed
The process stood still for 3.2 ms; 12 MB read
Who holds all of one type: goshawk heap 4711 --path shop.session
)");
}

TEST(DifferenceText, KeepsToTheColumns) {
  Difference difference = testing::shop_difference();
  difference.remarks = {std::string("types are not compared: ") + std::string(120, 'x')};
  std::istringstream lines(Shown().text(difference, true));
  for (std::string line; std::getline(lines, line);)
    if (line.find("xxx") == std::string::npos) {
      EXPECT_LE(line.size(), 104u) << line;  // three arrows are three bytes each
    }
}

TEST(DifferenceText, AllIsAll) {
  EXPECT_THAT(Shown().text(testing::shop_difference()), Not(HasSubstr("shop.small")));
  EXPECT_THAT(Shown().text(testing::shop_difference(), true), HasSubstr("+9  shop.small\n"));
}

TEST(DifferenceText, NothingGrewIsSaidOfWhatWasCompared) {
  Difference difference = testing::shop_difference();
  difference.types->clear();
  difference.holders->clear();
  difference.goroutines.clear();
  difference.allocations->clear();
  std::string text = Shown().text(difference);
  EXPECT_THAT(text, HasSubstr("\nNothing grew by 3 MB (0.5 % of the live heap) or more\n"));
  EXPECT_THAT(text, HasSubstr("\nNothing shrank by 3 MB (0.5 % of the live heap) or more\n"));
  difference.types.reset();
  difference.holders.reset();
  difference.remarks = {"types and holders are not compared: a.snapshot was saved without them"};
  text = Shown().text(difference);
  EXPECT_THAT(text, HasSubstr("Types and holders are not compared: a.snapshot was saved"));
  EXPECT_THAT(text, HasSubstr("\nNothing grew of what was compared (goroutines and allocation "
                              "sites) by 3 MB"));
  EXPECT_THAT(text, Not(HasSubstr("goshawk heap")));
}

TEST(DifferenceText, WhatWasNotComparedComesAfterWhatGrew) {
  Difference difference = testing::shop_difference();
  difference.allocations.reset();
  difference.remarks = {"allocations are not compared: both: it keeps none"};
  std::string text = Shown().text(difference);
  EXPECT_THAT(text, HasSubstr("\n\nAllocations are not compared: both: it keeps none\n\n"));
  EXPECT_GT(text.find("Allocations are not"), text.find("shrank, or was freed"));
  EXPECT_LT(text.find("grew, by type"), text.find("shrank, or was freed"));
}

TEST(DifferenceText, ALittleGrowthIsNamed) {
  Difference difference = testing::shop_difference();
  difference.types->erase(difference.types->begin(), difference.types->begin() + 2);
  EXPECT_THAT(Shown().text(difference),
              HasSubstr("Nothing grew among types by 3 MB (0.5 % of the live heap) or more; the "
                        "most is +144 bytes of\nshop.small: --all shows all\n"));
}

TEST(DifferenceText, WhatIsOddIsSaid) {
  Difference difference = testing::shop_difference();
  difference.relation = Relation::kOtherBuild;
  difference.elapsed_ns = -300LL * 1'000'000'000;
  std::string text = Shown().text(difference);
  EXPECT_THAT(text, HasSubstr("These are two builds"));
  EXPECT_THAT(text, HasSubstr("The second one is not later: it was taken 5 minutes before"));
  difference.relation = Relation::kSameBuild;
  difference.elapsed_ns.reset();
  text = Shown().text(difference);
  EXPECT_THAT(text, HasSubstr("to process 4711, another process of the same build\n"));
  EXPECT_THAT(text, HasSubstr("The time between them is not known: a core"));
  EXPECT_TRUE(text.starts_with("live heap 312 MB → 611 MB (+299 MB), RSS"));
}

TEST(DifferenceText, ForeignNamesDoNoHarm) {
  Difference difference = testing::shop_difference();
  difference.types->front().type = "a\x1b[2Jb";
  difference.holders->front().path = "c\x1b[2Jd";
  difference.goroutines.front().what.state = "e\x1b[2Jf";
  EXPECT_THAT(Shown().text(difference), Not(HasSubstr("\x1b")));
}

TEST(ChangedHolders, WhereItSpreadsOutItsPartsAreTold) {
  using testing::holder;
  std::vector<findings::HolderChange> holders = {
      holder(0, "main.app", "main.app", {0, 0}, {10, 100}),
      holder(1, "main.App", "main.app", {0, 0}, {10, 100}),
      holder(2, "main.user", "main.app.users[...]", {0, 0}, {5, 50}, 0, 5),
      holder(2, "main.job", "main.app.jobs[...]", {0, 0}, {5, 45}, 0, 5),
      holder(2, "main.tiny", "main.app.tiny", {0, 0}, {1, 5}, 0, 1)};
  std::vector<HolderLine> lines = tell_changed_holders(
      holders, {{.type = "main.user", .after = {5, 50}}, {.type = "main.job", .after = {5, 45}}},
      Direction::kGrew, 10);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].text, "main.app");
  EXPECT_EQ(lines[1].text, "main.App");
  EXPECT_EQ(lines[2].text, ".users[...]: +5 × main.user");
  EXPECT_EQ(lines[2].depth, 2u);
  EXPECT_EQ(lines[3].text, ".jobs[...]: +5 × main.job");
}

// One part grew by what the other shrank.
TEST(ChangedHolders, GrowthInsideOfWhatDidNotGrow) {
  using testing::holder;
  std::vector<findings::HolderChange> holders = {
      holder(0, "main.app", "main.app", {10, 100}, {10, 100}),
      holder(1, "main.user", "main.app.users[...]", {0, 0}, {5, 50}, 0, 5),
      holder(1, "main.page", "", {5, 50}, {0, 0}, 5, 0)};
  std::vector<HolderLine> lines = tell_changed_holders(holders, {}, Direction::kGrew, 10);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].text, "main.app.users[...]: +5 × main.user (not new: others held them)");
  lines = tell_changed_holders(holders, {}, Direction::kShrank, 10);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].text, "main.app: -5 × main.page (not freed: others hold them)")
      << "by the types, where no path is told";
  EXPECT_EQ(holder_steps(holders)[2], (std::vector<std::string>{"main.app", "main.page"}));
}

TEST(ChangedHolders, WhatSeveralHoldIsSaid) {
  findings::HolderChange shared =
      testing::holder(0, "main.label", "main.app.labels[...]", {0, 0}, {5, 50}, 0, 5);
  shared.is_object = true;
  std::vector<findings::TypeChange> types = {{.type = "main.label", .after = {5, 50}}};
  EXPECT_EQ(tell_changed_holders({shared}, types, Direction::kGrew, 10)[0].text,
            "main.app.labels[...]: +5 × main.label, which several hold");
  shared.path.clear();
  shared.name = "a\x1b[2Jb";
  EXPECT_EQ(tell_changed_holders({shared}, {}, Direction::kGrew, 10)[0].text,
            "several holders: +5 × a\\x1b[2Jb (not new: others held them)");
}

}  // namespace
}  // namespace goshawk::report
