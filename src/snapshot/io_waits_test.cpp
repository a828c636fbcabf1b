#include "snapshot/io_waits.h"

#include <gtest/gtest.h>

namespace goshawk::snapshot {
namespace {

class IoWaitsTest : public ::testing::Test {
 protected:
  IoWait& wait(std::uint64_t goid, std::string_view protocol, std::string_view remote,
               Deadline deadline = Deadline::kUnset) {
    add_goroutine(goid);
    IoWait& wait = picture.io_waits.emplace_back();
    wait = {.goid = goid, .poll_desc = {}, .deadline = deadline};
    if (!protocol.empty()) wait.protocol = picture.strings.intern(protocol);
    if (!remote.empty()) wait.remote = picture.strings.intern(remote);
    return wait;
  }
  void add_goroutine(std::uint64_t goid, WaitKind kind = WaitKind::kIo) {
    picture.goroutines.push_back({.goid = goid, .descriptor = {}, .wait_kind = kind});
    goids.push_back(goid);
  }

  Snapshot picture;
  std::vector<std::uint64_t> goids;
};

TEST_F(IoWaitsTest, AnEndIsNamedByWhatIsKnownOfIt) {
  EXPECT_EQ(name_end(picture, wait(1, "tcp", "10.0.0.5:443")), "tcp 10.0.0.5:443");
  IoWait& listener = wait(2, "tcp", "");
  listener.local = picture.strings.intern("[::]:80");
  listener.listens = true;
  EXPECT_EQ(name_end(picture, listener), "tcp [::]:80 (listening)");
  EXPECT_EQ(name_end(picture, wait(3, "unix", "")), "a unix socket");
  EXPECT_EQ(name_end(picture, wait(4, "pipe", "")), "a pipe");
  EXPECT_EQ(name_end(picture, wait(5, "", "")), "");
}

TEST_F(IoWaitsTest, OneIsFoundByItsGoroutine) {
  wait(3, "pipe", "");
  wait(7, "pipe", "");
  EXPECT_EQ(find_io_wait(picture, 7), &picture.io_waits[1]);
  EXPECT_EQ(find_io_wait(picture, 5), nullptr);
  EXPECT_EQ(find_io_wait(picture, 8), nullptr);
}

TEST_F(IoWaitsTest, ManyAreCountedAndTheMostFrequentEndsNamed) {
  for (std::uint64_t goid = 1; goid <= 6; ++goid) wait(goid, "tcp", "10.0.0.1:1");
  wait(7, "tcp", "10.0.0.2:1", Deadline::kAhead);
  wait(8, "tcp", "10.0.0.2:1", Deadline::kPassed);
  wait(9, "pipe", "");
  wait(10, "tcp", "10.0.0.4:1");
  wait(11, "tcp", "10.0.0.5:1");
  add_goroutine(12);
  add_goroutine(13, WaitKind::kSleep);
  IoSummary summary = summarize_io_waits(picture, goids);
  EXPECT_EQ(summary.without_deadline, 9u);
  EXPECT_EQ(summary.with_deadline, 2u);
  EXPECT_EQ(summary.not_told, 1u);
  EXPECT_EQ(describe_deadlines(summary), "9 of 11 have no deadline; of 1 more it is not known");
  EXPECT_EQ(describe_ends(summary), "tcp 10.0.0.1:1 (6), tcp 10.0.0.2:1 (2), a pipe and 2 others");
}

TEST_F(IoWaitsTest, WhatIsTheSameForAllIsSaidOfAll) {
  wait(1, "tcp", "10.0.0.1:1");
  EXPECT_EQ(describe_deadlines(summarize_io_waits(picture, goids)), "it has no deadline");
  wait(2, "tcp", "10.0.0.1:2");
  EXPECT_EQ(describe_deadlines(summarize_io_waits(picture, goids)), "none has a deadline");
  EXPECT_EQ(describe_ends(summarize_io_waits(picture, goids)), "tcp 10.0.0.1:1 and tcp 10.0.0.1:2");
  for (IoWait& wait : picture.io_waits) wait.deadline = Deadline::kAhead;
  EXPECT_EQ(describe_deadlines(summarize_io_waits(picture, goids)), "each has a deadline");
  EXPECT_EQ(describe_deadlines({}), "");
  EXPECT_EQ(describe_ends({}), "");
}

}  // namespace
}  // namespace goshawk::snapshot
