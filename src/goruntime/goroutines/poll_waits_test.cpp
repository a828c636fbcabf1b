// A goroutine in IO wait, drawn in memory, and what of it is not believed.
#include "goruntime/goroutines/poll_waits.h"

#include <gtest/gtest.h>

#include <functional>

#include "goruntime/heap/heap_test_image.h"
#include "goruntime/testing/synthetic_scheduler.h"

namespace goshawk::goruntime {
namespace {

using snapshot::Deadline;
using snapshot::IoWait;

constexpr std::int64_t kNow = 5000;

// Its descriptor 7 leads to a socket; `meanwhile` happens once that has been seen.
class FakeTarget : public testing::SyntheticTarget {
 public:
  using SyntheticTarget::SyntheticTarget;
  std::function<void()> meanwhile = [] {};
  std::vector<target::OpenFile> read_open_files(
      std::span<const std::uint32_t> descriptors) const override {
    std::vector<target::OpenFile> files;
    for (std::uint32_t descriptor : descriptors)
      files.push_back(descriptor == 7 ? target::OpenFile{"socket", 4711} : target::OpenFile{});
    meanwhile();
    return files;
  }
  void find_addresses(std::vector<target::OpenFile>& files) const override {
    for (target::OpenFile& file : files)
      if (file.inode == 4711) file = {"tcp", 4711, "127.0.0.1:40000", "10.0.0.5:443"};
  }
};

class PollWaitsTest : public ::testing::TestWithParam<const char*> {
 protected:
  static constexpr Address kPoll = SyntheticScheduler::poll_desc_at();
  static constexpr std::uint64_t kReader = 5;  // its place in the scheduler's lists
  static constexpr Address kSp =
      SyntheticScheduler::stack_at(kReader) + SyntheticScheduler::kStackBytes - 0x100;

  void find(std::optional<std::int64_t> now_ns = kNow) {
    PageCache cache(process.memory);
    PollWaits waits(cache, fact, now_ns, picture);
    std::uint64_t dead = 0;
    G g = read_gs(process.memory, process.known.g, process.globals, dead)->at(kReader);
    WalkedStack walked;
    for (std::uint64_t frame = 0; frame < 3; ++frame)
      walked.extents.push_back({kSp + frame * 40, kSp + frame * 40 + 40});
    waits.add(g, walked, kSp, *process.memory.read_bytes(kSp, 0x100));
    identities = waits.release_identities();
  }
  template <typename T>
  void put(std::uint32_t field, T value) {
    process.memory.write(kPoll + field, value);
  }

  SyntheticScheduler process{GetParam()};
  const facts::PollDescFact& fact = process.poll_desc;
  snapshot::Snapshot picture;
  std::vector<PollIdentity> identities;
};
INSTANTIATE_TEST_SUITE_P(Releases, PollWaitsTest,
                         ::testing::Values("go1.19.13", "go1.22.12", "go1.27.4"),
                         [](const auto& release) {
                           std::string name(release.param);
                           std::erase(name, '.');
                           return name;
                         });

TEST_P(PollWaitsTest, AReaderWithADeadline) {
  find();
  ASSERT_EQ(picture.io_waits.size(), 1u);
  EXPECT_EQ(picture.io_waits[0], (IoWait{.goid = 6,
                                         .poll_desc = kPoll,
                                         .descriptor = 7,
                                         .deadline = Deadline::kAhead,
                                         .deadline_in_ns = (std::int64_t{1} << 50) - kNow}));
}

TEST_P(PollWaitsTest, AWriterHasADeadlineOfItsOwn) {
  put(fact.rg, std::uint64_t{0});
  put(fact.wg, SyntheticScheduler::g_at(kReader));
  find();
  ASSERT_EQ(picture.io_waits.size(), 1u);
  EXPECT_TRUE(picture.io_waits[0].writes);
  EXPECT_EQ(picture.io_waits[0].deadline, Deadline::kUnset);
}

TEST_P(PollWaitsTest, DeadlinesAreOfTheTargetsClock) {
  for (auto [when, deadline] :
       {std::pair{std::int64_t{-1}, Deadline::kPassed}, std::pair{kNow, Deadline::kPassed},
        std::pair{kNow + 1, Deadline::kAhead}, std::pair{std::int64_t{0}, Deadline::kUnset}}) {
    picture.io_waits.clear();
    put(fact.rd, when);
    find();
    ASSERT_EQ(picture.io_waits.size(), 1u);
    EXPECT_EQ(picture.io_waits[0].deadline, deadline) << when;
  }
  picture.io_waits.clear();
  put(fact.rd, kNow);
  find(std::nullopt);  // a core has none
  EXPECT_EQ(picture.io_waits.at(0).deadline, Deadline::kAhead);
  EXPECT_EQ(picture.io_waits.at(0).deadline_in_ns, 0);
}

TEST_P(PollWaitsTest, WhatDoesNotLeadBackIsNotBelieved) {
  put(fact.self, kPoll + 8);
  find();
  put(fact.self, kPoll);
  put(fact.rg, SyntheticScheduler::g_at(1));
  find();
  put(fact.rg, std::uint64_t{2});  // pdWait: it is not parked yet
  find();
  put(fact.rg, SyntheticScheduler::g_at(kReader));
  put(fact.wg, SyntheticScheduler::g_at(kReader));
  find();
  put(fact.wg, std::uint64_t{0});
  put(fact.fd, std::uint64_t{1} << 40);
  find();
  EXPECT_TRUE(picture.io_waits.empty());
  EXPECT_TRUE(identities.empty());
  put(fact.fd, std::uint64_t{7});
  find();
  EXPECT_EQ(picture.io_waits.size(), 1u);
}

// Where it was in one goroutine it need not be in the next.
TEST_P(PollWaitsTest, TheUsualPlaceIsOnlyTheFirstToBeAsked) {
  PageCache cache(process.memory);
  PollWaits waits(cache, fact, kNow, picture);
  std::uint64_t dead = 0;
  G g = read_gs(process.memory, process.known.g, process.globals, dead)->at(kReader);
  WalkedStack walked;
  walked.extents = {{kSp, kSp + 80}};
  for (std::uint64_t place : {8, 64, 24}) {
    std::vector<std::uint64_t> words(10, 17);
    words[place / 8] = kPoll.value();
    waits.add(g, walked, kSp, std::as_bytes(std::span(words)));
  }
  EXPECT_EQ(picture.io_waits.size(), 3u);
}

TEST_P(PollWaitsTest, FramesFurtherOutAreNotAsked) {
  process.memory.write(kSp + 48, std::uint64_t{0});
  process.memory.write(kSp + 160, kPoll);
  find();
  EXPECT_TRUE(picture.io_waits.empty());
}

TEST_P(PollWaitsTest, ADescriptorIsNamedByWhatItLeadsTo) {
  find();
  FakeTarget target(process.memory);
  name_descriptors(target, fact, identities, picture);
  const IoWait& wait = picture.io_waits.at(0);
  EXPECT_EQ(picture.strings[wait.protocol], "tcp");
  EXPECT_EQ(picture.strings[wait.local], "127.0.0.1:40000");
  EXPECT_EQ(picture.strings[wait.remote], "10.0.0.5:443");
}

// The number is another connection's when it is looked up.
TEST_P(PollWaitsTest, ADescriptorThatHasBecomeAnothersIsNotNamed) {
  find();
  FakeTarget target(process.memory);
  target.meanwhile = [&] {
    put(fact.fdseq.value_or(fact.wseq), std::uint64_t{4});
    if (!fact.fdseq) put(fact.rseq, std::uint64_t{4});
  };
  name_descriptors(target, fact, identities, picture);
  EXPECT_EQ(picture.io_waits.at(0).protocol, snapshot::kNone);
  EXPECT_EQ(picture.io_waits.at(0).remote, snapshot::kNone);
}

TEST_P(PollWaitsTest, ADeadlineThatIsSetAgainIsTheSameDescriptors) {
  find();
  FakeTarget target(process.memory);
  target.meanwhile = [&] {
    put(fact.rd, std::int64_t{1} << 51);
    if (fact.fdseq) put(fact.rseq, std::uint64_t{9});
  };
  name_descriptors(target, fact, identities, picture);
  EXPECT_NE(picture.io_waits.at(0).protocol, snapshot::kNone);
}

}  // namespace
}  // namespace goshawk::goruntime
