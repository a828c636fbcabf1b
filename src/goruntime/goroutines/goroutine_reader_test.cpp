// Goroutines of a process drawn in memory, whole and with bounds and chains that lie.
#include "goruntime/goroutines/goroutine_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "goruntime/heap/heap_test_image.h"
#include "goruntime/testing/synthetic_scheduler.h"

namespace goshawk::goruntime {
namespace {

using goruntime::testing::SyntheticHeap;
using goruntime::testing::SyntheticTarget;
using snapshot::WaitKind;
using snapshot::WaitOperation;
using ::testing::Each;
using ::testing::Field;
using ::testing::Le;

// Notes how much was asked for at once.
class WatchedMemory : public target::Memory {
 public:
  explicit WatchedMemory(const target::Memory& memory) : memory_(memory) {}
  Result<void> read(Address from, std::span<std::byte> into) const override {
    largest = std::max(largest, into.size());
    return memory_.read(from, into);
  }
  std::size_t read_pieces(std::span<Piece> pieces) const override {
    for (const Piece& piece : pieces) largest = std::max<std::size_t>(largest, piece.size_bytes);
    return memory_.read_pieces(pieces);
  }
  std::uint64_t bytes_read() const override { return 0; }

  mutable std::size_t largest = 0;

 private:
  const target::Memory& memory_;
};

class GoroutineReaderTest : public ::testing::TestWithParam<const char*> {
 protected:
  GoroutineReaderTest() { heap_image_.add({.elemsize = 64, .sizeclass = 6, .freeindex = 100}); }

  void read() {
    PageCache cache(watched_);
    Functions functions = process.program.build();
    Scheduler scheduler;
    scheduler.gs = *read_gs(watched_, process.known.g, process.globals, scheduler.dead);
    WaitQueues queues(cache, process.waits, process.globals, scheduler.gs.size());
    Heap heap = *heap_image_.read();
    SyntheticTarget target(watched_);
    GoroutineReader reader(target, process.known, process.modules, functions, cache, queues, &heap,
                           picture);
    if (!wants_waits) reader.leave_out_waits();
    reader.read(scheduler, {}, 1);
  }
  void put(Address to, Address value) { process.memory.write_pointer(to, value); }
  bool proof_spoiled() const {
    return std::ranges::any_of(picture.doubts, &snapshot::Doubt::spoils_proof);
  }

  bool wants_waits = true;
  SyntheticScheduler process{GetParam()};
  snapshot::Snapshot picture;
  WatchedMemory watched_{process.memory};

 private:
  SyntheticHeap heap_image_{goruntime::testing::Era::kGreenTea};
};
INSTANTIATE_TEST_SUITE_P(Releases, GoroutineReaderTest,
                         ::testing::Values("go1.19.13", "go1.22.12", "go1.27.4"),
                         [](const auto& release) {
                           std::string name(release.param);
                           std::erase(name, '.');
                           return name;
                         });

TEST_P(GoroutineReaderTest, EachIsReadWithWhatItWaitsOn) {
  read();
  ASSERT_EQ(picture.goroutines.size(), SyntheticScheduler::kCount);
  EXPECT_THAT(picture.goroutines, Each(Field(&snapshot::Goroutine::doubt, snapshot::kNone)));
  for (std::size_t i = 1; i < SyntheticScheduler::kCount; ++i) {
    const snapshot::Goroutine& goroutine = picture.goroutines[i];
    EXPECT_EQ(goroutine.goid, i + 1);
    EXPECT_TRUE(goroutine.stack_complete);
    EXPECT_TRUE(goroutine.parked);
    EXPECT_EQ(picture.stacks[goroutine.stack].size(), 5U);
  }
  const snapshot::Wait& receive = picture.waits[picture.goroutines[1].first_wait];
  EXPECT_EQ(receive.address, SyntheticScheduler::channel_at(0));
  EXPECT_TRUE(receive.linked);
  EXPECT_EQ(receive.operation, WaitOperation::kReceive);
  EXPECT_EQ(picture.strings[receive.element_type], "int");
  EXPECT_EQ(picture.goroutines[3].wait_kind, WaitKind::kSemacquire);
  EXPECT_TRUE(picture.waits[picture.goroutines[3].first_wait].linked);
  EXPECT_EQ(picture.goroutines[5].wait_kind, WaitKind::kIo);
  ASSERT_EQ(picture.io_waits.size(), 1U);
  EXPECT_EQ(picture.io_waits[0].goid, 6U);
  EXPECT_EQ(picture.io_waits[0].descriptor, 7U);
  EXPECT_EQ(picture.goroutines[2].ancestor_count, 1U);
  EXPECT_FALSE(proof_spoiled());
}

TEST_P(GoroutineReaderTest, WaitsMayBeLeftOutAndAllElseIsTheSame) {
  wants_waits = false;
  read();
  EXPECT_THAT(picture.waits, ::testing::IsEmpty());
  EXPECT_THAT(picture.goroutines, Each(Field(&snapshot::Goroutine::wait_count, 0U)));
  EXPECT_THAT(picture.goroutines, Each(Field(&snapshot::Goroutine::waits_complete, false)));
  EXPECT_EQ(picture.goroutines[1].wait_kind, WaitKind::kChanReceive);
  EXPECT_EQ(picture.io_waits.size(), 1U);
}

TEST_P(GoroutineReaderTest, AStackThatIsNotThereCostsNothing) {
  Address g = SyntheticScheduler::g_at(2);
  put(g + process.known.g.stack_lo, Address(0x10000));
  put(g + process.known.g.stack_hi, Address(0x10000 + (1 << 30)));
  put(g + process.known.g.sched_sp, Address(0x10000));
  read();
  EXPECT_LT(watched_.largest, 1U << 20);
  EXPECT_NE(picture.goroutines[2].doubt, snapshot::kNone);
  EXPECT_EQ(picture.goroutine_root_rows[2], picture.goroutine_root_rows[3]);
  EXPECT_TRUE(proof_spoiled());
}

// newstack writes one bound after the other.
TEST_P(GoroutineReaderTest, AStackThatIsJustBeingMovedIsNoFault) {
  Address g = SyntheticScheduler::g_at(2);
  Address low = SyntheticScheduler::g_at(0), high = low + 0x10000;
  put(g + process.known.g.stack_lo, high);
  put(g + process.known.g.stack_hi, low);
  process.memory.write(g + process.known.g.atomicstatus, std::uint32_t{8});  // _Gcopystack
  read();
  EXPECT_NE(picture.goroutines[2].doubt, snapshot::kNone);
  EXPECT_TRUE(proof_spoiled());
}

TEST_P(GoroutineReaderTest, DeferredCallsInACircleEnd) {
  put(SyntheticScheduler::defers_at() + process.known.defer.link, SyntheticScheduler::defers_at());
  read();
  EXPECT_TRUE(proof_spoiled());
}

TEST_P(GoroutineReaderTest, AncestorsHaveNoMoreFramesThanTheRuntimeKeeps) {
  Address list = SyntheticScheduler::ancestors_at() + 64;
  process.memory.write(list + 8, std::uint64_t{1} << 40);
  read();
  ASSERT_EQ(picture.ancestors.size(), 1U);
  EXPECT_THAT(picture.stacks[picture.ancestors[0].stack].size(), Le(100U));
}

}  // namespace
}  // namespace goshawk::goruntime
