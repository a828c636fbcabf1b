#include "inspection/pointer_audit.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace goshawk::inspection {
namespace {

using snapshot::ObjectId;
using snapshot::Snapshot;
using snapshot::Standing;

// Objects 0, 1, 2 of one span, and 3, the number behind them; edges of 0 and of 1.
Snapshot picture_of(std::vector<ObjectId> targets, std::uint64_t allocated) {
  Snapshot picture;
  picture.objects = snapshot::Objects({{.base = Address(0xc000000000),
                                        .element_size_bytes = 64,
                                        .slots = 3,
                                        .noscan = false,
                                        .tiny = false},
                                       {.base = Address(0xc000002000),
                                        .element_size_bytes = 64,
                                        .slots = 100'000'000,  // without rows
                                        .noscan = true,
                                        .tiny = false}});
  picture.objects.allocated = {allocated};  // of the first span's
  auto count = static_cast<std::uint32_t>(targets.size());
  const std::vector<std::uint32_t> rows = {0, 1, count, count, 1'000'000};
  picture.references.rows = ReservedArray<std::uint32_t>(rows.size());
  picture.references.edges = ReservedArray<ObjectId>(targets.size());
  std::ranges::copy(rows, picture.references.rows.data());
  std::ranges::copy(targets, picture.references.edges.data());
  picture.references.edge_count = count;
  return picture;
}

TEST(PointerAudit, HoldsWhereEveryPointerLeadsToAnObjectInUse) {
  snapshot::Binding binding = audit_pointers(picture_of({2, 0, 2}, 0b111));
  EXPECT_EQ(binding.passed, 3u);
  EXPECT_EQ(binding.checked, 3u) << "the row behind a span's last object is none";
  EXPECT_EQ(binding.standing, Standing::kHolds);
}

TEST(PointerAudit, CountsPointersToFreeSlots) {
  EXPECT_EQ(audit_pointers(picture_of({2, 0, 0}, 0b011)).standing, Standing::kMostly);
  snapshot::Binding binding = audit_pointers(picture_of({2, 0, 2}, 0b011));
  EXPECT_EQ(binding.passed, 1u);
  EXPECT_EQ(binding.standing, Standing::kFailed);
}

}  // namespace
}  // namespace goshawk::inspection
