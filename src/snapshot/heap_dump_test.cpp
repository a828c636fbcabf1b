#include "snapshot/heap_dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "snapshot/heap_dump_for_tests.h"

namespace goshawk::snapshot {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::HeapDumpWriter;

constexpr std::uint64_t kHeap = 0xc000000000;

Result<Snapshot> read(const std::string& file) {
  return picture_of_heap_dump(std::as_bytes(std::span(file)), "dump");
}

std::vector<std::uint64_t> edges_of(const Snapshot& picture, std::uint64_t address) {
  std::vector<std::uint64_t> edges;
  ObjectId object = *picture.objects.find(Address(address));
  for (std::uint32_t i = picture.references.rows[object]; i < picture.references.rows[object + 1];
       ++i)
    edges.push_back(picture.objects.address(picture.references.edges[i]).value());
  return edges;
}

TEST(HeapDump, IsAPictureOfObjectsAndOfWhoHoldsThem) {
  std::string file = HeapDumpWriter()
                         .object(kHeap + 0x40, {kHeap + 0x68, 7}, {0})  // into the middle
                         .object(kHeap + 0x10, {kHeap + 0x40, kHeap + 0x60}, {0, 1})
                         .object(kHeap + 0x60, {0, 0, 0, 0})
                         .globals(0x5000, {1, kHeap + 0x10}, {1})
                         .goroutine(9, 4, "chan receive")
                         .frame("runtime.gopark", {0}, {})
                         .frame("main.wait", {kHeap + 0x40}, {0})
                         .goroutine(1, 4, "sleep")
                         .frame("time.Sleep", {kHeap + 0x60}, {})
                         .finalizer(kHeap + 0x40, 0)
                         .finish();
  auto picture = read(file);
  ASSERT_TRUE(picture) << describe(picture.error());
  EXPECT_EQ(picture->target.go_version, "go-of-a-test");
  EXPECT_THAT(edges_of(*picture, kHeap + 0x10), ElementsAre(kHeap + 0x40, kHeap + 0x60));
  EXPECT_THAT(edges_of(*picture, kHeap + 0x40), ElementsAre(kHeap + 0x60));
  EXPECT_FALSE(picture->objects.is_allocated(*picture->objects.find(Address(kHeap + 0x20))));
  ASSERT_EQ(picture->roots.size(), 2U);
  EXPECT_EQ(picture->roots[0].source, Address(0x5008));
  EXPECT_EQ(picture->roots[1].kind, RootKind::kFinalizer);
  ASSERT_EQ(picture->goroutines.size(), 2U);
  EXPECT_EQ(picture->goroutines[0].wait_kind, WaitKind::kSleep);
  const Goroutine& waits = picture->goroutines[1];
  EXPECT_EQ(waits.goid, 9U);
  EXPECT_THAT(std::string(picture->strings[waits.doubt]), HasSubstr("does not tell"));
  EXPECT_TRUE(picture->stacks.frame(picture->stacks[waits.stack][0]).hidden);
  EXPECT_EQ(picture->goroutine_root_rows, (std::vector<std::uint32_t>{0, 0, 1}));
  EXPECT_EQ(picture->objects.address(picture->goroutine_roots[0]), Address(kHeap + 0x40));
  EXPECT_TRUE(picture->doubts.at(0).spoils_proof);
}

TEST(HeapDump, IsRefusedWhereItMakesNoSense) {
  std::string file = HeapDumpWriter().object(kHeap, {1, 2}).finish();
  EXPECT_TRUE(read(file));
  for (std::size_t length = 0; length < file.size(); ++length)
    EXPECT_FALSE(read(file.substr(0, length))) << length;
  EXPECT_FALSE(read(HeapDumpWriter().object(kHeap, {1, 2}).object(kHeap + 8, {1}).finish()));
  EXPECT_FALSE(read(HeapDumpWriter().frame("main.f", {}, {}).finish()));
  EXPECT_FALSE(read(HeapDumpWriter().numbers({99}).finish()));
  EXPECT_FALSE(read(HeapDumpWriter().object(kHeap, {}).finish()));
}

TEST(HeapDump, HasNoReferencesOutsideOfItsObjects) {
  auto picture = read(HeapDumpWriter().object(kHeap, {kHeap + 0x1000}, {0, 5, 0, 0}).finish());
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->references.edge_count, 0U);
}

// What lies between two objects is no memory of ours.
TEST(HeapDump, CostsNoMoreThanItsLength) {
  HeapDumpWriter writer;
  for (std::uint64_t i = 0; i < 100; ++i) writer.object(kHeap + i * 0x10000, {1});
  auto picture = read(writer.finish());
  ASSERT_TRUE(picture);
  EXPECT_LE(picture->objects.count(), 200U);
}

}  // namespace
}  // namespace goshawk::snapshot
