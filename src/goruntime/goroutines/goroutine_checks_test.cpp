// What is said of the facts after reading: true, contradicted by a few, contradicted, untried.
#include "goruntime/goroutines/goroutine_checks.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "goruntime/layout/table_layout.h"
#include "goruntime/testing/synthetic_scheduler.h"

namespace goshawk::goruntime {
namespace {

using snapshot::Binding;
using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::Standing;
using snapshot::WaitKind;

constexpr std::string_view kTable = "table go1.27.4 amd64";

std::unique_ptr<LayoutSource> layout() {
  return *table_layout(*parse_go_version("go1.27.4"), "amd64");
}

Binding find(const std::vector<Binding>& bindings, std::string_view fact) {
  auto found = std::ranges::find(bindings, fact, &Binding::fact);
  EXPECT_NE(found, bindings.end()) << fact;
  return found == bindings.end() ? Binding{} : *found;
}

void expect(const Binding& binding, std::uint64_t passed, std::uint64_t checked,
            Standing standing) {
  EXPECT_EQ(binding.passed, passed) << binding.fact;
  EXPECT_EQ(binding.checked, checked) << binding.fact;
  EXPECT_EQ(binding.standing, standing) << binding.fact;
}

// Waits of this kind, of which `linked` are in their queue.
void add(Snapshot& picture, WaitKind kind, int count, int linked) {
  for (int i = 0; i < count; ++i) {
    Goroutine g;
    g.status = snapshot::Status::kWaiting;
    g.wait_kind = kind;
    g.stack_complete = g.stack_exact = g.waits_complete = true;
    g.first_wait = static_cast<std::uint32_t>(picture.waits.size());
    g.wait_count = 1;
    picture.waits.emplace_back().linked = i < linked;
    picture.goroutines.push_back(g);
  }
}

std::vector<Binding> record(const Snapshot& picture) {
  std::vector<Binding> bindings;
  record_goroutines(picture, *facts::WaitReasons::of_release(*parse_go_version("go1.27.4")),
                    bindings);
  record_waits(picture, *layout(), bindings);
  return bindings;
}

TEST(GoroutineChecks, CountWhoStandsInItsQueue) {
  Snapshot picture;
  add(picture, WaitKind::kChanReceive, 3, 3);
  add(picture, WaitKind::kSelect, 2, 1);  // one is just being woken
  add(picture, WaitKind::kMutexLock, 4, 0);
  auto bindings = record(picture);
  expect(find(bindings, "runtime.sudog"), 4, 5, Standing::kMostly);
  expect(find(bindings, "runtime.hchan"), 4, 5, Standing::kMostly);
  expect(find(bindings, "runtime.semaRoot"), 0, 4, Standing::kFailed);
  expect(find(bindings, "runtime.notifyList"), 0, 0, Standing::kUntried);
  expect(find(bindings, "function tables"), 9, 9, Standing::kHolds);
  EXPECT_EQ(find(bindings, "runtime.sudog").how, kTable);
}

TEST(GoroutineChecks, AWaitWithoutAQueueIsInNone) {
  Snapshot picture;
  add(picture, WaitKind::kCondWait, 1, 1);
  picture.goroutines[0].wait_count = 0;
  expect(find(record(picture), "runtime.notifyList"), 0, 1, Standing::kFailed);
}

TEST(GoroutineChecks, CountWhoseFramesLeadToWhatWakesThem) {
  Snapshot picture;
  add(picture, WaitKind::kIo, 3, 3);
  picture.io_waits = {{.goid = 1, .poll_desc = {}}, {.goid = 2, .poll_desc = {}}};
  expect(find(record(picture), "runtime.pollDesc"), 2, 3, Standing::kMostly);
}

TEST(GoroutineChecks, CountStacksMapsAndReasonsOfThoseThatWait) {
  Snapshot picture;
  add(picture, WaitKind::kSleep, 4, 4);
  picture.goroutines[0].stack_complete = false;
  picture.goroutines[1].wait_kind = picture.goroutines[2].wait_kind = WaitKind::kUnknown;
  picture.goroutines[3].status = snapshot::Status::kRunning;
  picture.goroutines[3].stack_complete = false;  // is not asked
  auto bindings = record(picture);
  expect(find(bindings, "function tables"), 2, 3, Standing::kMostly);
  expect(find(bindings, "stack maps"), 3, 3, Standing::kHolds);
  expect(find(bindings, "runtime.waitReason"), 1, 3, Standing::kFailed);
}

class SchedulerChecks : public ::testing::TestWithParam<const char*> {
 protected:
  std::vector<Binding> record() {
    PageCache cache(process.memory);
    Scheduler scheduler;
    scheduler.gs = *read_gs(process.memory, process.known.g, process.globals, scheduler.dead);
    scheduler.ms =
        read_ms(cache, process.m, process.known.g, process.globals, scheduler.ms_complete);
    scheduler.ps = read_ps(cache, process.m, process.globals, scheduler.ps_complete);
    std::vector<Binding> bindings;
    record_scheduler(scheduler, *layout(), process.globals, process.timer, cache, bindings);
    gs = scheduler.gs.size();
    return bindings;
  }

  SyntheticScheduler process{GetParam()};
  std::size_t gs = 0;
};

TEST_P(SchedulerChecks, AreTrueOfAWholeOne) {
  auto bindings = record();
  expect(find(bindings, "runtime.m"), 2, 2, Standing::kHolds);
  expect(find(bindings, "runtime.p"), 2, 2, Standing::kHolds);
  EXPECT_EQ(find(bindings, "runtime.g").checked, gs);
}

TEST_P(SchedulerChecks, FailWhereTheListsAreNone) {
  process.memory.write_pointer(process.globals.allm->address, Address(8));
  process.memory.write(process.globals.allp->address + 8, std::uint64_t{0});
  auto bindings = record();
  EXPECT_EQ(find(bindings, "runtime.m").standing, Standing::kFailed);
  EXPECT_EQ(find(bindings, "runtime.p").standing, Standing::kFailed);
}

INSTANTIATE_TEST_SUITE_P(Releases, SchedulerChecks, ::testing::Values("go1.19.13", "go1.27.4"));

// A program that describes its mutex and its sudog.
class Described final : public LayoutSource {
 public:
  std::optional<std::uint64_t> size_of(std::string_view type) const override {
    if (type == "runtime.mutex") return 8;
    if (type == "runtime.sudog") return 9999;
    return std::nullopt;
  }
  std::optional<Field> field(std::string_view, std::string_view name) const override {
    return name == "key" ? std::optional(Field{0, 8}) : Field{0, 0};
  }
  std::optional<std::int64_t> constant(std::string_view) const override { return std::nullopt; }
  std::string origin() const override { return "type descriptors"; }
};

TEST(TableCheck, NamesWhatThisRuntimeHasOtherwise) {
  BuildFacts build;
  build.version = *parse_go_version("go1.27.4");
  build.arch = "amd64";
  std::vector<Binding> bindings;
  record_table(Described(), build, bindings);
  ASSERT_EQ(bindings.size(), 1u);
  EXPECT_EQ(bindings[0].fact, "layout of go1.27.4");
  EXPECT_EQ(bindings[0].checked, 2u);
  EXPECT_NE(bindings[0].check.find("runtime.sudog"), std::string::npos) << bindings[0].check;
  EXPECT_LT(bindings[0].passed, 2u);

  bindings.clear();
  record_table(*layout(), build, bindings);  // the table is no witness for itself
  expect(find(bindings, "layout of go1.27.4"), 0, 0, Standing::kUntried);
}

}  // namespace
}  // namespace goshawk::goruntime
