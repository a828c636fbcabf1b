#include "analyses/heap/sharers.h"

#include <gtest/gtest.h>

#include "analyses/heap/holder_paths.h"
#include "analyses/heap/root_holders.h"

namespace goshawk::analyses::heap {
namespace {

using snapshot::RootKind;
using snapshot::Snapshot;

// The table of rows fills its pages, and ends with the number behind the last object, which is none
// and whose row has no end.
TEST(Sharers, AsksOnlyObjectsForTheirReferences) {
  constexpr std::uint32_t kRows = 4096, kSlots = kRows - 1;
  Snapshot picture;
  picture.objects =
      snapshot::Objects({{.base = Address(1 << 30), .element_size_bytes = 64, .slots = kSlots}});
  picture.objects.allocated.assign(kRows / 64, 0);
  picture.objects.allocated[0] = 0b111;
  ASSERT_EQ(picture.objects.row_count(), kRows);
  picture.references.rows = ReservedArray<std::uint32_t>(kRows);
  picture.references.edges = ReservedArray<snapshot::ObjectId>(2);
  picture.references.edges[0] = picture.references.edges[1] = 2;  // of 0 and 1
  picture.references.rows[1] = 1;
  for (std::uint32_t row = 2; row < kRows; ++row) picture.references.rows[row] = 2;
  picture.goroutine_root_rows = {0};
  for (snapshot::ObjectId object : {0, 1})
    picture.roots.push_back({object, RootKind::kGlobal, Address(0x1000 + object * 8)});

  RootHolders roots(picture);
  HolderPaths paths(picture, roots, nullptr);
  const graph::Node shared[] = {2};
  auto sharers = find_sharers(picture, roots, paths, shared);
  ASSERT_EQ(sharers.size(), 1u);
  EXPECT_EQ(sharers.at(2).size(), 2u);
}

}  // namespace
}  // namespace goshawk::analyses::heap
