// Saved pictures. The input is a file, whose checksums are made right first (what they catch is of
// no interest here); what can be loaded is then judged and shown in every form, as a user would.
#include "analyses/goroutines/goroutine_kinds.h"
#include "analyses/goroutines/leaks.h"
#include "analyses/heap/allocated_kinds.h"
#include "analyses/heap/balance.h"
#include "analyses/heap/holder_inventory.h"
#include "analyses/heap/holders.h"
#include "analyses/heap/live_objects.h"
#include "analyses/heap/retention.h"
#include "analyses/heap/types.h"
#include "analyses/heap/unneeded.h"
#include "findings/difference.h"
#include "fuzz/fuzz.h"
#include "pprof/encoder.h"
#include "report/difference_json.h"
#include "report/difference_text.h"
#include "report/goroutine_dump.h"
#include "report/goroutine_profile.h"
#include "report/goroutines_json.h"
#include "report/goroutines_text.h"
#include "report/heap_json.h"
#include "report/heap_text.h"
#include "report/leaks_json.h"
#include "report/leaks_text.h"
#include "report/retained_profile.h"
#include "report/retention_json.h"
#include "report/retention_text.h"
#include "snapshot/rich_picture_for_tests.h"

namespace goshawk::fuzz {
namespace {

using snapshot::Snapshot;

// Small, so that many inputs are tried: what a limit cuts off is the same code again and again.
constexpr snapshot::LoadLimits kLimits{.floor_bytes = 1 << 20, .bytes_a_byte = 0};

void show_retention(report::Output& out, const Snapshot& picture, const findings::Asked& asked) {
  auto retention = analyses::heap::find_retention(picture, asked, nullptr);
  if (!retention) return;
  report::render_retention_text(out, picture, *retention, report::RetentionPart::kWhole,
                                {.palette = report::Palette(true)});
  report::render_retention_json(out, picture, *retention);
}

void show_heap(report::Output& out, const Snapshot& picture) {
  graph::Reachability live = analyses::heap::mark_live_objects(picture);
  analyses::heap::HeldHeap held(picture, analyses::heap::HolderTree(picture), nullptr);
  findings::HeapAnswer answer{.balance = analyses::heap::draw_up_balance(picture, live),
                              .holders = analyses::heap::find_holders(picture, held),
                              .types = std::nullopt};
  if (picture.picture.has_all_types) {
    answer.types = analyses::heap::add_up_types(picture, live);
    analyses::heap::Unneeded unneeded = analyses::heap::find_unneeded(picture, live, held.paths);
    answer.findings = std::move(unneeded.findings);
    answer.lines = std::move(unneeded.lines);
  }
  for (bool dominators : {false, true})
    report::render_heap_text(out, picture, answer, {.palette = report::Palette(true)},
                             {.dominators = dominators, .types = dominators});
  report::render_heap_json(out, picture, answer);
  report::render_folded(out, answer.holders.parts);
  out.write(pprof::encode(report::make_retained_profile(answer.holders.parts, 0)));
  if (!picture.picture.has_all_types) return;
  for (const snapshot::Span& span : picture.objects.spans())
    if (span.slots > 0) show_retention(out, picture, span.base);
  for (const std::string& type : picture.types.names)
    show_retention(out, picture, findings::OfType{type});
  for (const snapshot::Goroutine& goroutine : picture.goroutines)
    show_retention(out, picture, findings::OfGoroutine{goroutine.goid});
}

findings::Inventory take_inventory(const Snapshot& picture, const findings::Verdict& verdict) {
  findings::Inventory inventory{.name = "input"};
  inventory.taken_unix_ns = picture.picture.taken_unix_ns;
  inventory.kinds_of_goroutines = analyses::goroutines::list_goroutine_kinds(picture, verdict);
  if (picture.allocations.known)
    inventory.allocated = analyses::heap::list_allocated_kinds(picture);
  if (!picture.picture.has_references) return inventory;
  graph::Reachability live = analyses::heap::mark_live_objects(picture);
  inventory.live = analyses::heap::add_up_live_objects(picture, live);
  inventory.balance = analyses::heap::draw_up_balance(picture, live);
  if (!picture.picture.has_all_types) return inventory;
  using analyses::heap::HolderChoice;
  inventory.types = analyses::heap::add_up_types(picture, live);
  inventory.holders = analyses::heap::list_held_kinds(
      picture, analyses::heap::HolderTree(picture, HolderChoice::kGlobals), nullptr);
  return inventory;
}

// Against nothing at all: everything came, or everything went.
void show_difference(report::Output& out, const Snapshot& picture,
                     const findings::Verdict& verdict) {
  findings::Inventory all = take_inventory(picture, verdict), none{.name = "none"};
  none.taken_unix_ns = 1;
  none.balance.emplace();
  none.live.emplace();
  none.types.emplace();
  none.holders.emplace_back();
  none.allocated.emplace();
  for (const auto& [before, after] : {std::pair(&none, &all), std::pair(&all, &none)})
    for (findings::Relation relation :
         {findings::Relation::kSameProcess, findings::Relation::kOtherBuild}) {
      findings::Difference difference = findings::compare(*before, *after, relation);
      report::render_difference_text(out, picture, picture, difference,
                                     {.palette = report::Palette(true), .all = true});
      report::render_difference_json(out, picture, picture, difference, true);
    }
}

void show(const Snapshot& picture) {
  report::StringOutput out;
  report::GoroutineFilter filter;
  filter.system = true;
  auto selection = report::select_goroutines(picture, filter);
  report::render_goroutines_text(out, picture, selection, {.palette = report::Palette(true)});
  report::render_goroutines_json(out, picture, selection);
  report::render_goroutine_dump(out, picture, selection, true);
  out.write(pprof::encode(report::make_goroutine_profile(picture, selection, "goroutine", 0)));
  for (bool all : {false, true}) {
    findings::Verdict verdict =
        analyses::goroutines::find_leaks(analyses::goroutines::Judgement(picture));
    report::render_leaks_text(out, picture, verdict,
                              {.palette = report::Palette(true), .all = all});
    report::render_leaks_json(out, picture, verdict, all);
    if (all) show_difference(out, picture, verdict);
  }
  if (picture.picture.has_references) show_heap(out, picture);
  use(out.text());
}

// Goroutines that wait for each other, one of them for what a root holds.
Snapshot leaky_picture() {
  Snapshot picture = snapshot::testing::rich_picture();
  picture.doubts.clear();
  for (snapshot::Goroutine& goroutine : picture.goroutines) {
    goroutine.status = snapshot::Status::kWaiting;
    goroutine.wait_kind = snapshot::WaitKind::kChanReceive;
    goroutine.parked = goroutine.stack_complete = goroutine.waits_complete = true;
    goroutine.system = goroutine.scanning = goroutine.in_cgo_callback = false;
    goroutine.doubt = snapshot::kNone;
    goroutine.first_wait = 0;
    goroutine.wait_count = 1;
  }
  return picture;
}

// Of which goshawk heap answers everything.
Snapshot typed_picture() {
  Snapshot picture = snapshot::testing::rich_picture();
  picture.picture.has_all_types = true;
  picture.fill.arrays = {{.array = 7, .holder = 2, .place = 1, .room_bytes = 16}};
  picture.fill.maps = {{.header = 2, .entries = 3, .table_bytes = 1 << 20, .needed_bytes = 64}};
  picture.pending_timers.insert(picture.pending_timers.end(), 100, picture.pending_timers.front());
  return picture;
}

}  // namespace

void run(ByteView input) {
  std::string bytes(as_text(input));
  snapshot::testing::reseal(bytes);
  if (auto picture = snapshot::testing::loaded(bytes, kLimits))
    show(*picture);
  else
    use(describe(picture.error()));
}

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const Snapshot& picture :
       {snapshot::testing::rich_picture(), leaky_picture(), typed_picture(), Snapshot()})
    for (int compression : {0, 1})
      for (bool labels : {false, true})
        all.push_back(
            snapshot::testing::saved(picture, {.labels = labels, .compression = compression}));
  return all;
}

}  // namespace goshawk::fuzz
