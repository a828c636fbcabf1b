#include "findings/known_background.h"

#include <gtest/gtest.h>

#include <set>

namespace goshawk::findings {
namespace {

std::string_view reason(std::vector<std::string_view> stack) {
  const KnownBackground* known = find_known_background(stack);
  return known == nullptr ? std::string_view() : known->reason;
}

TEST(KnownBackground, IsToldByItsFunctionAndWhatItWaitsIn) {
  EXPECT_NE(reason({"runtime.gopark", "os/signal.signal_recv", "os/signal.loop"}), "");
  EXPECT_NE(reason({"runtime.selectgo", "database/sql.(*DB).connectionOpener"}), "");
  EXPECT_NE(reason({"runtime.gopark", "internal/poll.(*FD).Read", "bufio.(*Reader).Peek",
                    "net/http.(*persistConn).readLoop"}),
            "");
  EXPECT_NE(reason({"time.Sleep", "runtime/pprof.profileWriter"}), "");
}

TEST(KnownBackground, NamesChangeFromBuildToBuild) {
  EXPECT_NE(reason({"k8s.io/klog/v2.(*flushDaemon).run.func2"}), "");
  EXPECT_NE(reason({"github.com/dgraph-io/ristretto/v2.(*Cache[go.shape.int]).processItems"}), "");
  EXPECT_NE(reason({"github.com/dgraph-io/ristretto.(*Cache).processItems"}), "");
}

// It waits for what the program does then.
TEST(KnownBackground, WhatHasCalledTheProgramIsNone) {
  EXPECT_EQ(reason({"runtime.chanrecv1", "main.(*body).Read", "net/http.(*persistConn).writeLoop"}),
            "");
  EXPECT_EQ(reason({"bufio.(*Reader).Peek", "main.handle", "net/http.(*conn).serve"}), "");
  EXPECT_EQ(reason({"runtime.chanrecv1", "net/http.(*persistConn).readLoop"}), "");
  EXPECT_EQ(reason({"main.loop"}), "");
  EXPECT_EQ(reason({}), "");
}

TEST(KnownBackground, EachIsThereOnceWithAReason) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const KnownBackground& known : known_background()) {
    EXPECT_TRUE(seen.emplace(known.function, known.calls).second) << known.function;
    EXPECT_GT(known.reason.size(), 20u) << known.function;
    EXPECT_EQ(known.function.find(' '), std::string_view::npos);
  }
}

}  // namespace
}  // namespace goshawk::findings
