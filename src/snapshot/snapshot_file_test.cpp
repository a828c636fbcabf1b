// Saved and loaded again: the same picture. Damaged or hostile: an error, or a picture in which
// every index can be followed.
#include "snapshot/snapshot_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "snapshot/edge_codec.h"
#include "snapshot/rich_picture_for_tests.h"

namespace goshawk::snapshot {
namespace {

using ::testing::HasSubstr;
using testing::loaded;
using testing::reseal;
using testing::rich_picture;
using testing::saved;

constexpr SaveOptions kEverything{.labels = true, .compression = 1};
constexpr SaveOptions kAsItIs{.labels = true, .compression = 0};

// A new field must be written and read (records.h), get a value in rich_picture(), and raise the
// version of the format.
static_assert(sizeof(TargetFacts) == 7 * sizeof(std::string) + 8);  // all but name, the file's own
static_assert(sizeof(PictureFacts) == 2 * sizeof(std::string) + 40);
static_assert(sizeof(Doubt) == sizeof(std::string) + 8);
static_assert(sizeof(Frame) == 40 && sizeof(Span) == 32 && sizeof(Wait) == 48);
static_assert(sizeof(Label) == 8 && sizeof(Ancestor) == 16 && sizeof(Goroutine) == 112);
static_assert(sizeof(Root) == 16 && sizeof(References::Extra) == 8);

std::vector<std::string_view> strings_of(const Snapshot& picture) {
  std::vector<std::string_view> all;
  for (StringId id = 0; id < picture.strings.size(); ++id) all.push_back(picture.strings[id]);
  return all;
}

std::vector<ObjectId> row_of(const Snapshot& picture, ObjectId object) {
  const References& references = picture.references;
  return {references.edges.data() + references.rows[object],
          references.edges.data() + references.rows[object + 1]};
}

// The last number of a span is nobody's; rows may jump behind it.
void expect_same_references(const Snapshot& expected, const Snapshot& got) {
  ASSERT_EQ(got.objects.row_count(), expected.objects.row_count());
  EXPECT_EQ(got.references.edge_count, expected.references.edge_count);
  for (const Span& span : expected.objects.spans())
    for (ObjectId object = span.first; object < span.first + span.slots && !span.noscan; ++object)
      ASSERT_EQ(row_of(got, object), row_of(expected, object)) << object;
  EXPECT_EQ(got.references.extra, expected.references.extra);
}

void expect_same(const Snapshot& expected, const Snapshot& got) {
  EXPECT_EQ(got.target, expected.target);
  EXPECT_EQ(got.picture, expected.picture);
  EXPECT_EQ(got.doubts, expected.doubts);
  EXPECT_EQ(got.bindings, expected.bindings);
  EXPECT_EQ(got.dead_descriptors, expected.dead_descriptors);
  EXPECT_EQ(strings_of(got), strings_of(expected));
  ASSERT_EQ(got.stacks.frame_count(), expected.stacks.frame_count());
  for (FrameId id = 0; id < got.stacks.frame_count(); ++id)
    EXPECT_EQ(got.stacks.frame(id), expected.stacks.frame(id));
  ASSERT_EQ(got.stacks.size(), expected.stacks.size());
  for (StackId id = 0; id < got.stacks.size(); ++id)
    EXPECT_TRUE(std::ranges::equal(got.stacks[id], expected.stacks[id]));
  EXPECT_EQ(got.goroutines, expected.goroutines);
  EXPECT_EQ(got.waits, expected.waits);
  EXPECT_EQ(got.labels, expected.labels);
  EXPECT_EQ(got.ancestors, expected.ancestors);
  EXPECT_EQ(got.objects.spans(), expected.objects.spans());
  EXPECT_EQ(got.objects.allocated, expected.objects.allocated);
  EXPECT_EQ(got.roots, expected.roots);
  EXPECT_EQ(got.goroutine_root_rows, expected.goroutine_root_rows);
  EXPECT_EQ(got.goroutine_roots, expected.goroutine_roots);
  EXPECT_EQ(got.contexts, expected.contexts);
  EXPECT_EQ(got.context_calls, expected.context_calls);
  EXPECT_EQ(got.told_paths, expected.told_paths);
  EXPECT_EQ(got.locks, expected.locks);
  EXPECT_EQ(got.lock_frames, expected.lock_frames);
  EXPECT_EQ(got.held_locks, expected.held_locks);
  EXPECT_EQ(got.endless_stacks, expected.endless_stacks);
  EXPECT_EQ(got.told_locks, expected.told_locks);
  EXPECT_EQ(got.io_waits, expected.io_waits);
  EXPECT_EQ(got.idle_timers, expected.idle_timers);
  EXPECT_EQ(got.memory, expected.memory);
  EXPECT_EQ(got.runtime_roots, expected.runtime_roots);
  EXPECT_EQ(got.allocations, expected.allocations);
  EXPECT_EQ(got.fill, expected.fill);
  EXPECT_EQ(got.pending_timers, expected.pending_timers);
  if (expected.picture.has_references) expect_same_references(expected, got);
  EXPECT_EQ(got.types.names, expected.types.names);
  ASSERT_EQ(got.types.were_read(), expected.types.were_read());
  for (ObjectId object = 0; object < got.objects.count() && got.types.were_read(); ++object)
    EXPECT_EQ(got.types.of_objects[object], expected.types.of_objects[object]);
}

void expect_loads_as(const Snapshot& expected, const std::string& bytes) {
  auto got = loaded(bytes);
  ASSERT_TRUE(got) << describe(got.error());
  expect_same(expected, *got);
}

std::string why_not(const std::string& bytes, const LoadLimits& limits = {}) {
  auto got = loaded(bytes, limits);
  return got ? "it was loaded" : describe(got.error());
}

// Follows all that an analysis would; the sanitizers watch.
std::uint64_t follow_everything(const Snapshot& picture) {
  std::uint64_t sum = picture.roots.size();
  for (const Goroutine& goroutine : picture.goroutines) {
    for (FrameId frame : picture.stacks[goroutine.stack])
      sum += picture.strings[picture.stacks.frame(frame).function].size();
    for (std::uint32_t i = 0; i < goroutine.wait_count; ++i)
      if (ObjectId object = picture.waits.at(goroutine.first_wait + i).object; object != kNone)
        sum += picture.objects.address(object).value();
    for (std::uint32_t i = 0; i < goroutine.label_count; ++i)
      sum += picture.strings[picture.labels.at(goroutine.first_label + i).value].size();
    for (std::uint32_t i = 0; i < goroutine.ancestor_count; ++i)
      sum += picture.stacks[picture.ancestors.at(goroutine.first_ancestor + i).stack].size();
    if (goroutine.created_by != kNone) sum += picture.stacks.frame(goroutine.created_by).line;
  }
  for (ObjectId root : picture.goroutine_roots) sum += picture.objects.size_bytes(root);
  for (const Context& context : picture.contexts)
    sum += picture.objects.size_bytes(context.object) + picture.strings[context.type].size();
  for (const ContextCall& call : picture.context_calls)
    sum += picture.strings[call.function].size() + picture.stacks.frame(call.place).line +
           picture.strings[call.maker].size() + picture.strings[call.called_by].size() +
           picture.strings[call.starter].size() + picture.strings[call.leads_by].size();
  for (const ToldPath& told : picture.told_paths)
    sum += picture.objects.size_bytes(told.object) + picture.strings[told.text].size();
  for (const Wait& wait : picture.waits)
    if (wait.lock != kNone) sum += picture.locks.at(wait.lock).address.value();
  for (const Lock& lock : picture.locks)
    if (lock.object != kNone) sum += picture.objects.size_bytes(lock.object);
  for (const EndlessStack& endless : picture.endless_stacks)
    sum += picture.stacks[endless.stack].size() + picture.stacks.frame(endless.frame).line;
  for (const LockFrame& frame : picture.lock_frames)
    sum += picture.objects.size_bytes(frame.object);
  for (const HeldLock& held : picture.held_locks)
    if (held.frame != kNone) sum += picture.stacks.frame(held.frame).line;
  for (const ToldLock& told : picture.told_locks) sum += picture.strings[told.text].size();
  for (const IoWait& wait : picture.io_waits)
    sum += picture.strings[wait.protocol].size() + picture.strings[wait.local].size() +
           picture.strings[wait.remote].size();
  for (const IdleTimer& timer : picture.idle_timers)
    sum += picture.objects.size_bytes(timer.object) + picture.objects.size_bytes(timer.channel);
  for (ObjectId root : picture.runtime_roots) sum += picture.objects.size_bytes(root);
  for (const AllocationRecord& record : picture.allocations.records)
    for (FrameId frame : picture.stacks[record.stack]) sum += picture.stacks.frame(frame).line;
  for (const SampledObject& sampled : picture.allocations.sampled)
    sum += picture.objects.size_bytes(sampled.object) +
           picture.allocations.records.at(sampled.record).size_bytes;
  for (const ArrayFill& array : picture.fill.arrays)
    sum += picture.objects.size_bytes(array.array) + picture.fill.places.at(array.place).size();
  for (const MapFill& map : picture.fill.maps) sum += picture.objects.size_bytes(map.header);
  for (const ChannelFill& channel : picture.fill.channels)
    sum += picture.objects.size_bytes(channel.channel) + picture.objects.size_bytes(channel.buffer);
  for (const PoolFill& pool : picture.fill.pools)
    for (std::uint32_t name : {pool.place, pool.made_by, pool.type})
      sum += picture.fill.places.at(name).size();
  for (const PoolFill& pool : picture.fill.pools)
    for (ObjectId object : {pool.local, pool.victim})
      if (object != kNone) sum += picture.objects.size_bytes(object);
  for (const PendingTimer& timer : picture.pending_timers) {
    if (timer.object != kNone) sum += picture.objects.size_bytes(timer.object);
    if (timer.argument != kNone) sum += picture.objects.size_bytes(timer.argument);
    sum += picture.strings[timer.function].size();
  }
  if (!picture.picture.has_references) return sum;
  for (ObjectId object = 0; object < picture.objects.row_count(); ++object)
    for (ObjectId to : row_of(picture, object)) sum += picture.objects.address(to).value();
  return sum;
}

TEST(SnapshotFile, HoldsEveryField) {
  expect_loads_as(rich_picture(), saved(rich_picture(), kEverything));
  expect_loads_as(rich_picture(), saved(rich_picture(), kAsItIs));
}

TEST(SnapshotFile, HoldsNothingToo) { expect_loads_as({}, saved({})); }

TEST(SnapshotFile, HoldsGoroutinesWithoutAHeap) {
  Snapshot picture;
  testing::draw_goroutines(picture);
  picture.waits[0].object = picture.goroutines[1].descriptor_object = kNone;
  picture.locks[1].object = kNone;
  picture.goroutine_root_rows.clear();
  picture.goroutine_roots.clear();
  expect_loads_as(picture, saved(picture, kEverything));
  picture.goroutine_root_rows = {0, 0, 0, 0};
  expect_loads_as(picture, saved(picture, kEverything));
}

TEST(SnapshotFile, LeavesLabelsOutUnlessAskedFor) {
  Snapshot picture = rich_picture();
  picture.picture.labels_left_out = false;
  IoWait& of_path = picture.io_waits.back();
  of_path.protocol = picture.strings.intern("unix");
  of_path.local = picture.strings.intern("/run/secret.sock");
  auto bytes = saved(picture, {.labels = false, .compression = 0});
  EXPECT_EQ(bytes.find("secret"), std::string::npos);
  EXPECT_EQ(bytes.find("request"), std::string::npos);
  EXPECT_NE(saved(picture, kAsItIs).find("secret"), std::string::npos);

  picture.picture.labels_left_out = true;
  picture.labels.clear();
  of_path.local = kNone;
  for (Goroutine& goroutine : picture.goroutines) goroutine.first_label = goroutine.label_count = 0;
  Strings without_labels;
  for (std::string_view text : strings_of(picture))
    if (text != "request" && text != "a secret value" && text != "user" &&
        text != "/run/secret.sock" && !text.empty())
      without_labels.intern(text);
  for (IoWait& wait : picture.io_waits)  // whose texts come after those of labels
    for (StringId* text : {&wait.protocol, &wait.local, &wait.remote})
      if (*text != kNone) *text = without_labels.intern(picture.strings[*text]);
  for (ToldLock& told : picture.told_locks)
    told.text = without_labels.intern(picture.strings[told.text]);
  for (PendingTimer& timer : picture.pending_timers)
    if (timer.function != kNone)
      timer.function = without_labels.intern(picture.strings[timer.function]);
  for (ContextCall& call : picture.context_calls)
    for (StringId* text :
         {&call.function, &call.maker, &call.called_by, &call.starter, &call.leads_by})
      *text = without_labels.intern(picture.strings[*text]);
  picture.strings = std::move(without_labels);
  expect_loads_as(picture, bytes);
}

TEST(SnapshotFile, SaysNothingOfLabelsWhereThereAreNone) {
  Snapshot picture = rich_picture();
  picture.picture.labels_left_out = false;
  picture.labels.clear();
  for (Goroutine& goroutine : picture.goroutines) goroutine.label_count = 0;
  auto got = loaded(saved(picture));
  ASSERT_TRUE(got);
  EXPECT_FALSE(got->picture.labels_left_out);
}

// Strings keep their order when some before them are left out.
TEST(SnapshotFile, RenumbersStrings) {
  Snapshot picture;
  picture.strings.intern("left out");
  StringId kept = picture.strings.intern("kept");
  picture.waits = {{.address = {}, .element_type = kept}};
  auto got = loaded(saved(picture));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->strings[got->waits[0].element_type], "kept");
  EXPECT_EQ(got->strings.size(), 1);
}

// Heaps of many blocks: rows and edges cut anywhere, one row longer than a block.
Snapshot large_picture() {
  std::mt19937 random(1);
  Snapshot picture;
  picture.picture.has_references = true;
  std::vector<Span> spans;
  for (std::uint64_t i = 0; i < 1300; ++i)
    spans.push_back({.base = Address(0xc000000000 + i * 8192),
                     .element_size_bytes = 8,
                     .slots = 1000,
                     .noscan = i >= 1200});
  picture.objects = Objects(spans);
  References& references = picture.references;
  references.rows = ReservedArray<std::uint32_t>(picture.objects.row_count());
  references.edges = ReservedArray<ObjectId>(4'000'000);
  std::uint32_t at = 0;
  for (ObjectId object = 0; object < picture.objects.row_count(); ++object) {
    references.rows[object] = at;
    if (object % 1001 == 1000) continue;
    std::uint32_t degree = object == 777'777 ? 700'000 : object % 1000 == 0 ? 254 + object % 3 : 1;
    for (std::uint32_t i = 0; i < degree; ++i)
      references.edges[at++] = static_cast<ObjectId>(random() % picture.objects.count());
  }
  references.edge_count = at;
  picture.objects.allocated[12345] = 99;
  picture.goroutine_root_rows = {0};
  for (std::uint64_t goid = 1; goid < 40'000; ++goid) {
    picture.goroutines.push_back({.goid = 3 * goid, .descriptor = Address(random())});
    picture.goroutine_roots.push_back(static_cast<ObjectId>(goid));
    picture.goroutine_root_rows.push_back(static_cast<std::uint32_t>(goid));
  }
  return picture;
}

TEST(SnapshotFile, HoldsManyBlocks) {
  Snapshot picture = large_picture();
  auto bytes = saved(picture);
  EXPECT_LT(bytes.size(), 7'000'000);
  expect_loads_as(picture, bytes);
}

TEST(SnapshotFile, RefusesMoreThanItsLimit) {
  auto bytes = saved(large_picture());
  EXPECT_THAT(why_not(bytes, {.floor_bytes = 1 << 20, .bytes_a_byte = 0}),
              HasSubstr("far more than a file of its size"));
}

TEST(SnapshotFile, IsToldByItsFirstBytes) {
  std::string bytes = saved({});
  auto view = std::as_bytes(std::span(bytes));
  EXPECT_TRUE(is_snapshot_file(view));
  EXPECT_TRUE(is_snapshot_file(view.first(8)));
  EXPECT_FALSE(is_snapshot_file(view.first(7)));
  EXPECT_FALSE(is_snapshot_file(view.subspan(1)));
  EXPECT_FALSE(is_snapshot_file({}));
  EXPECT_EQ(why_not("an ELF file, perhaps, or something else"),
            "memory is malformed at offset 0x0: it is no snapshot of Goshawk");
}

TEST(SnapshotFile, NamesBothVersionsWhenItIsNewer) {
  std::string bytes = saved({});
  bytes.replace(0, Preamble::kBytes, encode({.version = 13, .writer = "9.8.7"}));
  EXPECT_THAT(why_not(bytes), HasSubstr("format 13, written by Goshawk 9.8.7; this Goshawk " +
                                        std::string(GOSHAWK_VERSION) + " reads format 12"));
}

TEST(SnapshotFile, RefusesAnOlderOneByName) {
  std::string bytes = saved({});
  bytes.replace(0, Preamble::kBytes, encode({.version = 2, .writer = "0.1.0"}));
  EXPECT_THAT(why_not(bytes), HasSubstr("format 2, written by Goshawk 0.1.0"));
}

TEST(SnapshotFile, TellsThatItWasCutOff) {
  std::string bytes = saved(rich_picture(), kEverything);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    ASSERT_THAT(why_not(bytes.substr(0, length)), HasSubstr("it ends early")) << length;
  EXPECT_THAT(why_not(bytes + "x"), HasSubstr("something follows its end"));
}

TEST(SnapshotFile, SeesEveryFlippedByte) {
  std::string bytes = saved(rich_picture(), kEverything);
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (int flip : {0x01, 0x80}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      ASSERT_NE(why_not(damaged), "it was loaded") << at;
    }
}

TEST(SnapshotFile, SeesMissingBlocks) {
  std::string bytes = saved(rich_picture(), kAsItIs);
  for (std::size_t at = Preamble::kBytes; at < bytes.size();) {
    BlockHeader header = parse_block_header(std::as_bytes(std::span(bytes)).subspan(at));
    std::size_t size = BlockHeader::kBytes + header.stored_bytes;
    std::string without = bytes;
    without.erase(at, size);
    EXPECT_NE(why_not(without), "it was loaded") << at;
    std::string twice = bytes;
    twice.insert(at, bytes.substr(at, size));
    EXPECT_NE(why_not(twice), "it was loaded") << at;
    at += size;
  }
}

// With checksums that are right: every byte, set to what may hurt.
TEST(SnapshotFile, SurvivesHostileBytes) {
  std::string bytes = saved(rich_picture(), kAsItIs);
  std::size_t survived = 0;
  for (std::size_t at = Preamble::kBytes; at < bytes.size(); ++at)
    for (int value : {0, 1, 7, 0x7f, 0x80, 0xff}) {
      std::string hostile = bytes;
      hostile[at] = static_cast<char>(value);
      reseal(hostile);
      auto got = loaded(hostile, {.floor_bytes = 64 << 20});
      if (got) {
        follow_everything(*got);
        ++survived;
      }
    }
  EXPECT_GT(survived, bytes.size());  // most fields may have most values
}

struct Lie {
  std::string_view what;
  std::function<void(Snapshot&)> tell;
};

// What save() writes of a picture that is wrong, load() refuses.
TEST(SnapshotFile, RefusesIndicesThatLeadNowhere) {
  const Lie lies[] = {
      {"stack", [](Snapshot& p) { p.goroutines[1].stack = 3; }},
      {"creator", [](Snapshot& p) { p.goroutines[1].created_by = 2; }},
      {"start", [](Snapshot& p) { p.goroutines[1].started_at = 2; }},
      {"descriptor", [](Snapshot& p) { p.goroutines[1].descriptor_object = 9; }},
      {"waits", [](Snapshot& p) { p.goroutines[1].wait_count = 2; }},
      {"first wait", [](Snapshot& p) { p.goroutines[1].first_wait = kNone; }},
      {"labels", [](Snapshot& p) { p.goroutines[1].label_count = 3; }},
      {"ancestors", [](Snapshot& p) { p.goroutines[1].ancestor_count = kNone; }},
      {"status", [](Snapshot& p) { p.goroutines[1].status = Status{5}; }},
      {"wait kind", [](Snapshot& p) { p.goroutines[1].wait_kind = WaitKind{19}; }},
      {"waited object", [](Snapshot& p) { p.waits[0].object = 9; }},
      {"place", [](Snapshot& p) { p.waits[0].place = Place{5}; }},
      {"operation", [](Snapshot& p) { p.waits[0].operation = WaitOperation{7}; }},
      {"ancestor's frame", [](Snapshot& p) { p.ancestors[0].created_by = 2; }},
      {"ancestor's stack", [](Snapshot& p) { p.ancestors[0].stack = 3; }},
      {"root", [](Snapshot& p) { p.roots[0].object = 9; }},
      {"root's kind", [](Snapshot& p) { p.roots[0].kind = RootKind{8}; }},
      {"goroutine's root", [](Snapshot& p) { p.goroutine_roots[0] = 9; }},
      {"missing roots", [](Snapshot& p) { p.goroutine_root_rows.pop_back(); }},
      {"idle timer", [](Snapshot& p) { p.idle_timers[0].object = 9; }},
      {"idle timer's channel", [](Snapshot& p) { p.idle_timers[1].channel = kNone; }},
      {"idle timers' order", [](Snapshot& p) { std::swap(p.idle_timers[0], p.idle_timers[1]); }},
      {"extra", [](Snapshot& p) { p.references.extra[0].to = 9; }},
      {"extra's order",
       [](Snapshot& p) { std::swap(p.references.extra[0], p.references.extra[1]); }},
      {"edge", [](Snapshot& p) { p.references.edges[3] = 9; }},
      {"bits", [](Snapshot& p) { p.objects.allocated.push_back(0); }},
      {"runtime's root", [](Snapshot& p) { p.runtime_roots[1] = 9; }},
      {"allocation's stack", [](Snapshot& p) { p.allocations.records[0].stack = 3; }},
      {"allocation without stack", [](Snapshot& p) { p.allocations.records[0].stack = kNone; }},
      {"freed too often", [](Snapshot& p) { p.allocations.records[1].freed = 2; }},
      {"unknown allocations", [](Snapshot& p) { p.allocations.known = false; }},
      {"absent pages' order",
       [](Snapshot& p) { std::swap(p.memory.absent[0], p.memory.absent[1]); }},
      {"absent pages' end", [](Snapshot& p) { p.memory.absent[1].end = p.memory.absent[1].start; }},
      {"types that are not there",
       [](Snapshot& p) {
         p.picture.has_all_types = true;
         p.types = {};
       }},
      {"spans' order",
       [](Snapshot& p) {
         auto spans = p.objects.spans();
         spans[0].base = spans[1].base + 8;
         p.objects = Objects(spans);
       }},
  };
  for (const Lie& lie : lies) {
    Snapshot picture = rich_picture();
    lie.tell(picture);
    EXPECT_NE(why_not(saved(picture, kAsItIs)), "it was loaded") << lie.what;
  }
}

TEST(SnapshotFile, TellsWhyItCouldNotBeWritten) {
  int full = ::open("/dev/full", O_WRONLY);
  auto written = save(rich_picture(), full, "/dev/full");
  ::close(full);
  ASSERT_FALSE(written);
  EXPECT_EQ(describe(written.error()),
            "cannot write /dev/full: No space left on device; free some room, or choose another "
            "place with -o");
}

TEST(SnapshotFile, TellsWhyItCouldNotBeRead) {
  auto got = load("/nowhere/at/all");
  ASSERT_FALSE(got);
  EXPECT_EQ(describe(got.error()), "cannot read /nowhere/at/all: No such file or directory");
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// Blocks as text: header, payload.
std::vector<std::pair<std::string, std::string>> hex_blocks(std::string_view bytes) {
  std::vector<std::pair<std::string, std::string>> blocks;
  for (std::size_t at = Preamble::kBytes; at < bytes.size();) {
    BlockHeader header = parse_block_header(std::as_bytes(std::span(bytes)).subspan(at));
    blocks.emplace_back(hex(bytes.substr(at, BlockHeader::kBytes)),
                        hex(bytes.substr(at + BlockHeader::kBytes, header.stored_bytes)));
    at += BlockHeader::kBytes + header.stored_bytes;
  }
  return blocks;
}

// The format itself. A change of these bytes is a change of the format: it needs a new version.
TEST(SnapshotFile, HasTheseBytes) {
  EXPECT_EQ(hex(encode(Preamble{.version = 1, .writer = "1.2.3"})),
            "89474f53484b0d0a01000000312e322e330000000000000000000000eeac8832");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"010000000100000000000000000000000d0100000d010000752f9bd7",
       "0770726f63657373ce490d2f7573722f62696e2f73686f700f676f312e32372e3420583a73696d640561"
       "6d643634083031323361626364192f7573722f6c69622f64656275672f73686f702e646562756704636f"
       "70790761206c696d697482ade20480a4e8038080400206808098bf84e1add7310c022033206f66203531"
       "32207370616e7320636f756c64206e6f742062652072656164010c616e206f6464207468696e67000209"
       "72756e74696d652e6711646562756720696e666f726d6174696f6e1c69747320736176656420636f6e74"
       "657874206c65616473206261636b0708011072756e74696d652e73656d7461626c65001461207461626c"
       "65206f662032353120726f6f7473000004"},
      {"020000001600000000000000000000001e0100001e010000207b924f",
       "11636f6e746578742e63616e63656c437478226d61696e2e7365727665722e6374782e6368696c647265"
       "6e5b2e2e2e5d2e646f6e650c6368616e20726563656976651069747320737461636b206973206375740e"
       "6d61696e2e776169745b2e2e2e5d0e6d61696e2e776169745b696e745d0c2f7372632f6d61696e2e676f"
       "096d61696e2e6d61696e09737472756374207b7d07726571756573740e61207365637265742076616c75"
       "65047573657200037463700f3132372e302e302e313a3430303030095b3a3a315d3a3434330e6d61696e"
       "2e7365727665722e6d750d74696d652e73656e6454696d650a6d61696e2e736572766512636f6e746578"
       "742e5769746843616e63656c0a6d61696e2e77617463680a6d61696e2e626567696e"},
      {"030000000200000000000000000000001300000013000000f742ae16",
       "05060711e8c880043407080000ac02e7440000"},
      {"04000000030000000000000000000000060000000600000067246dde", "010202010200"},
      {"05000000010000000000000000000000080000000800000023a336f0", "5500000000000000"},
      {"060000000300000000000000000000001500000015000000626c11c5",
       "808088808030400300808008080100ffff0f100203"},
      {"0700000002000000000000000000000015000000150000008af297b5",
       "000080828880803000000001016f02fdffffff0702"},
      {"080000000200000000000000000000001800000018000000d3ceb643",
       "8081888080300200030f03c80109027f0004000000000000"},
      {"090000000200000000000000000000000400000004000000a2a7f163", "0a0b0c0d"},
      {"0a00000001000000000000000000000003000000030000003bdea174", "040201"},
      {"0b0000000300000000000000000000005300000053000000b04cb4cf",
       "0100000000000000000000000000000000000000000006048080818080300304041f0f0304a8e8c8e997"
       "070202018040a0030201000200010100ffff8080803000000000000000000100000000030203000100"},
      {"0c0000000300000000000000000000000800000008000000200eebcc", "020a09000302000a"},
      {"0d0000000200000000000000000000000900000009000000551329c2", "0c04a080d0050b000f"},
      {"0e000000020000000000000000000000040000000400000068da3959", "00070402"},
      {"0f0000000200000000000000000000000a0000000a000000f9a04567", "02070300000200000501"},
      {"1000000001000000000000000000000002000000020000009cde1019", "0c02"},
      {"110000000200000000000000000000000c0000000c0000003334e1fe", "070201020301080101000000"},
      {"1200000002000000000000000000000012000000120000002988777c",
       "07c080d00501030108c08cb9faff2f020000"},
      {"1300000002000000000000000000000004000000040000006856c0a2", "01010202"},
      {"140000000100000000000000000000000500000005000000c7f3c3b6", "c080d00511"},
      {"1500000002000000000000000000000006000000060000007846348a", "020701020502"},
      {"1600000002000000000000000000000021000000210000005f3a7025",
       "07c0c4808080c03f0c0100018f4e0e0f1008bfc4808080c03f0302030000000000"},
      {"1700000001000000000000000000000013000000130000006372daa0",
       "01037768790a7768617420746f20646f808020"},
      {"180000000200000000000000000000000a0000000a0000007d2f83b2", "028020ac020201100100"},
      {"190000000100000000000000000000001b0000001b000000f979290f",
       "038080800680208080040102030405060708090a0b0c0d0e808040"},
      {"1a0000000200000000000000000000000e0000000e000000066ee753", "808081808030804080c001808001"},
      {"1b00000002000000000000000000000002000000020000000a467d94", "0803"},
      {"1c0000000600000005000000000000000600000006000000fa25d4ff", "020001000200"},
      {"1d0000000500000000000000000000001400000014000000015e738f",
       "02040a0603000000000000000000000000000000"},
      {"1e0000000200000000000000000000001300000013000000eb4ca566",
       "0a6d61696e2e656e747279075b5d75696e7438"},
      {"1f0000000900000000000000000000000c0000000c0000003e203947", "010000000100000202010000"},
      {"200000000200000000000000000000001100000011000000d1752a2d",
       "000f6d61696e2e656e7472792e74657874"},
      {"210000000200000000000000000000001000000010000000a0d5b762",
       "02030203013c05070200010000000000"},
      {"220000000100000000000000000000000500000005000000eb7ad00c", "0403802040"},
      {"230000000100000000000000000000000600000006000000812c32b9", "020301020801"},
      {"240000000200000000000000000000001700000017000000f9cddb5b",
       "a080818080300305ac0205020101e03f00000000010202"},
      {"250000000200000000000000000000001100000011000000ac35959a",
       "0207120180a8d6b907904e000000000000"},
      {"260000000200000000000000000000000400000004000000bb6920bc", "02010a00"},
      {"270000000100000000000000000000000700000007000000bf834826", "13011408151601"},
      {"2800000027000000000000000000000000000000000000007cfea274", ""},
  };
  EXPECT_EQ(hex_blocks(saved(rich_picture(), kAsItIs)), expected);
}

}  // namespace
}  // namespace goshawk::snapshot
