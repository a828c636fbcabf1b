#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <set>
#include <string>

#include "goruntime/facts/generated/runtime_layouts.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {
namespace {

using namespace generated;

std::unique_ptr<LayoutSource> table(std::string_view text, std::string_view arch = "amd64") {
  auto source = table_layout(parse_go_version(text).value(), arch);
  EXPECT_TRUE(source) << text << " " << arch;
  return source ? std::move(*source) : nullptr;
}

std::uint32_t offset(const LayoutSource& source, std::string_view type, std::string_view field) {
  auto found = source.field(type, field);
  EXPECT_TRUE(found) << source.origin() << " " << type << "." << field;
  return found ? found->offset : 0xffffffff;
}

void expect_disjoint_sizes(const LayoutTable& table, const LayoutTypeRow& row) {
  ASSERT_LE(row.end_size, table.sizes.size());
  ASSERT_LE(row.end_field, table.fields.size());
  std::uint64_t seen = 0;
  for (const LayoutSizeRow& size :
       table.sizes.subspan(row.first_size, row.end_size - row.first_size)) {
    EXPECT_EQ(seen & size.columns, 0U) << row.name;
    seen |= size.columns;
  }
  EXPECT_LT(std::bit_width(seen), static_cast<int>(table.columns.size()) + 1);
}

TEST(TableLayout, NamesAreSortedAndColumnsAreDisjoint) {
  int minor = 18;
  for (const LayoutTable& table : kLayoutTables) {
    EXPECT_EQ(table.minor, ++minor);
    const LayoutTypeRow* previous = nullptr;
    for (const LayoutTypeRow& row : table.types) {
      if (previous != nullptr && !row.name.empty()) {
        EXPECT_LT(previous->name, row.name);
      }
      previous = &row;
      expect_disjoint_sizes(table, row);
    }
    for (const LayoutFieldRow& row : table.fields)
      ASSERT_LT(row.type, static_cast<int>(table.types.size()));
    for (std::size_t i = 1; i < table.constants.size(); ++i)
      EXPECT_LE(table.constants[i - 1].name, table.constants[i].name);
    for (const LayoutColumn& column : table.columns) EXPECT_EQ(column.minor, minor);
  }
}

std::vector<LayoutColumn> all_columns() {
  std::vector<LayoutColumn> columns;
  for (const LayoutTable& table : kLayoutTables)
    columns.insert(columns.end(), table.columns.begin(), table.columns.end());
  return columns;
}

// Whatever the readers ask of every release is there for every column.
TEST(TableLayout, EveryColumnHasWhatEveryReleaseHas) {
  constexpr std::pair<const char*, const char*> kFields[] = {
      {"runtime.g", "stack.lo"},
      {"runtime.g", "sched.pc"},
      {"runtime.g", "atomicstatus"},
      {"runtime.g", "goid"},
      {"runtime.g", "waitreason"},
      {"runtime.g", "waiting"},
      {"runtime.g", "gopc"},
      {"runtime.g", "startpc"},
      {"runtime.g", "selectDone"},
      {"runtime.g", "syscallsp"},
      {"runtime.g", "m"},
      {"runtime.g", "ancestors"},
      {"runtime.gobuf", "g"},
      {"runtime.gobuf", "lr"},
      {"runtime.gobuf", "bp"},
      {"runtime.m", "g0"},
      {"runtime.m", "gsignal"},
      {"runtime.m", "curg"},
      {"runtime.m", "procid"},
      {"runtime.m", "alllink"},
      {"runtime.m", "id"},
      {"runtime.m", "p"},
      {"runtime.m", "ncgocall"},
      {"runtime.p", "id"},
      {"runtime.p", "status"},
      {"runtime.p", "m"},
      {"runtime.p", "mcache"},
      {"runtime.p", "timers"},
      {"runtime.schedt", "lock"},
      {"runtime.schedt", "midle"},
      {"runtime.schedt", "gFree"},
      {"runtime.sudog", "g"},
      {"runtime.sudog", "next"},
      {"runtime.sudog", "elem"},
      {"runtime.sudog", "c"},
      {"runtime.sudog", "waitlink"},
      {"runtime.sudog", "isSelect"},
      {"runtime.hchan", "closed"},
      {"runtime.hchan", "recvq.first"},
      {"runtime.hchan", "sendq"},
      {"runtime.hchan", "elemtype"},
      {"runtime.semaRoot", "treap"},
      {"runtime.semaRoot", "nwait"},
      {"runtime.notifyList", "head"},
      {"runtime.mheap", "allspans"},
      {"runtime.mheap", "arenas"},
      {"runtime.mheap", "sweepgen"},
      {"runtime.mheap", "central.mcentral"},
      {"runtime.heapArena", "spans"},
      {"runtime.heapArena", "pageSpecials"},
      {"runtime.mspan", "startAddr"},
      {"runtime.mspan", "npages"},
      {"runtime.mspan", "freeindex"},
      {"runtime.mspan", "nelems"},
      {"runtime.mspan", "allocBits"},
      {"runtime.mspan", "gcmarkBits"},
      {"runtime.mspan", "spanclass"},
      {"runtime.mspan", "state"},
      {"runtime.mspan", "elemsize"},
      {"runtime.mspan", "limit"},
      {"runtime.mspan", "specials"},
      {"runtime.mspan", "sweepgen"},

      {"runtime.mcache", "alloc"},
      {"runtime.mcache", "tiny"},
      {"runtime.special", "kind"},
      {"runtime.specialfinalizer", "fn"},
      {"runtime.specialfinalizer", "special.offset"},
      {"runtime.specialprofile", "b"},
      {"runtime.finalizer", "arg"},
      {"runtime.timer", "when"},
      {"runtime.timer", "arg"},
      {"runtime.pollDesc", "rg"},
      {"runtime._func", "nfuncdata"},
      {"runtime._defer", "link"},
      {"runtime._panic", "link"},
      {"runtime.moduledata", "gcdatamask.bytedata"},
      {"runtime.moduledata", "text"},
      {"runtime.moduledata", "next"},
      {"runtime.ancestorInfo", "goid"},
      {"runtime.bucket", "nstk"},
      {"sync.RWMutex", "readerCount"},
      {"sync.Cond", "notify"},
  };
  for (const LayoutColumn& column : all_columns()) {
    std::string text =
        fmt::format("go1.{}.{} X:{}", column.minor, column.patch, column.experiments);
    auto source = table(text, column.arch);
    ASSERT_NE(source, nullptr);
    for (auto [type, field] : kFields) {
      auto found = source->field(type, field);
      ASSERT_TRUE(found) << source->origin() << " " << type << "." << field;
      EXPECT_LE(found->offset + found->size_bytes, source->size_of(type).value())
          << type << "." << field;
    }
    for (const char* name :
         {"_Gwaiting", "_Gscan", "_GCoff", "mSpanInUse", "_KindSpecialFinalizer",
          "arenaBaseOffsetUintptr", "heapArenaBytes", "semTabSize", "waitReasonSelect"})
      EXPECT_TRUE(source->constant(name)) << source->origin() << " " << name;
  }
}

TEST(TableLayout, BothArchitecturesOfAllReleases) {
  std::set<std::pair<int, std::string_view>> seen;
  for (const LayoutColumn& column : all_columns()) seen.emplace(column.minor, column.arch);
  for (int minor = 19; minor <= 27; ++minor)
    for (const char* arch : {"amd64", "arm64"})
      EXPECT_TRUE(seen.contains({minor, arch})) << minor << arch;
}

TEST(TableLayout, KnownOffsets) {
  auto old = table("go1.19.13"), recent = table("go1.27.4"), arm = table("go1.27.4", "arm64");
  EXPECT_EQ(offset(*old, "runtime.g", "waitreason"), 176U);
  EXPECT_EQ(offset(*recent, "runtime.g", "sched.pc"), 64U);
  EXPECT_EQ(offset(*recent, "runtime.sudog", "c.vu"), 96U);
  EXPECT_FALSE(old->field("runtime.sudog", "c.vu"));
  EXPECT_EQ(offset(*recent, "runtime.cleanupBlock", "n"), 24U);
  EXPECT_EQ(offset(*recent, "internal/abi.MapType", "TFlag"), 20U);
  EXPECT_EQ(offset(*recent, "runtime.mheap", "central"), 66208U);
  EXPECT_EQ(offset(*arm, "runtime.mheap", "central"), 66272U);
  EXPECT_EQ(recent->field("runtime.mheap", "central")->size_bytes / 136, 192U);
  EXPECT_EQ(arm->field("runtime.mheap", "central")->size_bytes / 136, 256U);
  EXPECT_EQ(recent->constant("_Gleaked"), 10);
  EXPECT_EQ(recent->constant("runtime._Gleaked"), 10);
  EXPECT_FALSE(old->constant("_Gleaked"));
  EXPECT_EQ(recent->size_of("runtime.g"), 456U);
  EXPECT_FALSE(recent->size_of("runtime.nothing"));
  EXPECT_FALSE(recent->size_of(""));
  EXPECT_FALSE(recent->field("runtime.g", "goid.x"));
  EXPECT_FALSE(recent->field("runtime.g", ""));
}

// Fields that moved or came inside a release.
TEST(TableLayout, PatchLevels) {
  EXPECT_FALSE(table("go1.19")->field("runtime.mspan", "freeIndexForScan"));
  EXPECT_FALSE(table("go1.19.2")->field("runtime.mspan", "freeIndexForScan"));
  EXPECT_TRUE(table("go1.19.4")->field("runtime.mspan", "freeIndexForScan"));
  EXPECT_FALSE(table("go1.23.1")->field("runtime.timer", "isSending"));
  EXPECT_EQ(table("go1.23.2")->field("runtime.timer", "isSending")->size_bytes, 1U);
  EXPECT_EQ(table("go1.23.3")->field("runtime.timer", "isSending")->size_bytes, 4U);
  EXPECT_FALSE(table("go1.23.4")->field("runtime.m", "g0StackAccurate"));
  EXPECT_TRUE(table("go1.23.5")->field("runtime.m", "g0StackAccurate"));
  EXPECT_EQ(offset(*table("go1.23.11"), "runtime.m", "alllink"), 328U);
  EXPECT_EQ(offset(*table("go1.23.12"), "runtime.m", "alllink"), 352U);
  EXPECT_EQ(offset(*table("go1.24.5"), "runtime.m", "alllink"), 328U);
  EXPECT_EQ(offset(*table("go1.24.6"), "runtime.m", "alllink"), 352U);
}

// Experiments that move fields have columns of their own.
TEST(TableLayout, Experiments) {
  auto plain = table("go1.26.11"), without = table("go1.26.11 X:nogreenteagc");
  EXPECT_NE(offset(*plain, "runtime.p", "timers"), offset(*without, "runtime.p", "timers"));
  EXPECT_EQ(table("go1.25.14 X:greenteagc")->origin(), "table go1.25.14 amd64 X:greenteagc");
  EXPECT_TRUE(table("go1.22.5 X:noallocheaders")->field("runtime.heapArena", "bitmap"));
}

TEST(TableLayout, NeighbouringPatchLevelsAnswer) {
  EXPECT_EQ(table("go1.27.99")->origin(), "table go1.27.4 amd64");
  EXPECT_EQ(table("go1.27")->origin(), "table go1.27.4 amd64");
}

TEST(TableLayout, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {"go1.18.3", "go1.28", "go1.99", "devel go1.27-abc", "go1.27.4 X:nosuchexperiment"})
    EXPECT_FALSE(table_layout(parse_go_version(text).value(), "amd64")) << text;
  EXPECT_FALSE(table_layout(parse_go_version("go1.27.4").value(), "386"));
  EXPECT_TRUE(table_layout(parse_go_version("go1.26.11 X:goroutineleakprofile").value(), "amd64"));
}

TEST(LayoutSource, MissingNamesStructureAndField) {
  auto source = table("go1.27.4");
  auto result = source->need("runtime.g", "nothing");
  ASSERT_FALSE(result);
  EXPECT_NE(describe(result.error()).find("nothing of runtime.g"), std::string::npos);
}

}  // namespace
}  // namespace goshawk::goruntime
