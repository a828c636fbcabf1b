// A small picture in which no field has its default value, and what tests and fuzzers do with
// snapshot files in memory.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cassert>
#include <string>

#include "snapshot/file_blocks.h"
#include "snapshot/snapshot_file.h"

namespace goshawk::snapshot::testing {

// A file without a name, positioned at its beginning.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes = {}) : descriptor_(::memfd_create("snapshot", 0)) {
    [[maybe_unused]] ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    assert(written == static_cast<ssize_t>(bytes.size()));
    ::lseek(descriptor_, 0, SEEK_SET);
  }
  MemoryFile(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(descriptor_); }

  int descriptor() const { return descriptor_; }
  std::string bytes() const {
    std::string all(static_cast<std::size_t>(::lseek(descriptor_, 0, SEEK_END)), '\0');
    [[maybe_unused]] ssize_t got = ::pread(descriptor_, all.data(), all.size(), 0);
    assert(got == static_cast<ssize_t>(all.size()));
    return all;
  }

 private:
  int descriptor_;
};

inline std::string saved(const Snapshot& snapshot, const SaveOptions& options = {}) {
  MemoryFile file;
  [[maybe_unused]] auto written = save(snapshot, file.descriptor(), "memory", options);
  assert(written && *written == file.bytes().size());
  return file.bytes();
}

inline Result<Snapshot> loaded(std::string_view bytes, const LoadLimits& limits = {}) {
  MemoryFile file(bytes);
  return load(file.descriptor(), "memory", limits);
}

// Makes the checksums right, whatever the rest is: behind them is where hostile bytes begin.
inline void reseal(std::string& bytes) {
  auto view = [&](std::size_t from, std::size_t size) {
    return slice(std::as_bytes(std::span(bytes)), from, size);
  };
  if (bytes.size() < Preamble::kBytes) return;
  Preamble preamble = parse_preamble(view(0, Preamble::kBytes));
  bytes.replace(0, Preamble::kBytes, encode(preamble));
  for (std::size_t at = Preamble::kBytes; bytes.size() - at >= BlockHeader::kBytes;) {
    BlockHeader header = parse_block_header(view(at, BlockHeader::kBytes));
    ByteView payload = view(at + BlockHeader::kBytes, header.stored_bytes);
    bytes.replace(at, BlockHeader::kBytes, encode(header, payload));
    at += BlockHeader::kBytes + payload.size();
  }
}

inline void draw_goroutines(Snapshot& picture) {
  Strings& strings = picture.strings;
  StringId reason = strings.intern("chan receive"), doubt = strings.intern("its stack is cut");
  FrameId inner = picture.stacks.add_frame({.function = strings.intern("main.wait[...]"),
                                            .symbol = strings.intern("main.wait[int]"),
                                            .file = strings.intern("/src/main.go"),
                                            .line = 17,
                                            .pc = Address(0x401234),
                                            .entry_offset = 0x34,
                                            .inlined = true,
                                            .hidden = true,
                                            .elided = true});
  FrameId outer = picture.stacks.add_frame(
      {.function = strings.intern("main.main"), .line = 300, .pc = Address(0x400100)});
  StackId shallow = picture.stacks.intern(std::vector{outer});
  StackId deep = picture.stacks.intern(std::vector{inner, outer});
  picture.stacks.intern({});
  picture.waits = {{.address = Address(0xc000010040),
                    .object = 1,
                    .place = Place::kHeap,
                    .operation = WaitOperation::kSelectSend,
                    .linked = true,
                    .closed = true,
                    .is_timer_channel = true,
                    .is_context_done = true,
                    .length = 3,
                    .capacity = 200,
                    .element_type = strings.intern("struct {}"),
                    .lock = 1},
                   {.address = Address(0xc000010000)}};
  picture.locks = {{.address = Address(0xc000010080)},
                   {.kind = LockKind::kRWMutex,
                    .known = true,
                    .address = Address(0xc000010048),
                    .object = 1,
                    .state = -(1 << 30) + 1,
                    .more = 1}};
  picture.ancestors = {{.goid = 4, .created_by = outer, .stack = shallow}};
  Goroutine all{.goid = 7,
                .creator_goid = 4,
                .descriptor = Address(0xc000002000),
                .descriptor_object = 2,
                .status = Status::kWaiting,
                .wait_kind = WaitKind::kSelect,
                .scanning = true,
                .parked = true,
                .system = true,
                .locked_to_thread = true,
                .in_cgo_callback = true,
                .stack_complete = true,
                .stack_exact = true,
                .waits_complete = true,
                .select_done = true,
                .wait_reason = reason,
                .doubt = doubt,
                .wait_ns = 123'456'789'012,
                .stack = deep,
                .created_by = outer,
                .started_at = inner,
                .stack_bytes = 8192,
                .descriptor_bytes = 416,
                .first_wait = 1,
                .wait_count = 1,
                .first_label = 0,
                .label_count = 2,
                .first_ancestor = 0,
                .ancestor_count = 1};
  picture.goroutines = {{.goid = 1, .descriptor = {}},
                        all,
                        {.goid = 8, .descriptor = {}, .stack = shallow, .wait_count = 2}};
  picture.labels = {{strings.intern("request"), strings.intern("a secret value")},
                    {strings.intern("user"), strings.intern("")}};
  picture.goroutine_root_rows = {0, 2, 2, 5};
  picture.goroutine_roots = {5, 0, 1, 1, 6};
}

// Two scannable spans whose edges lie in the other order, and a noscan one.
inline void draw_heap(Snapshot& picture) {
  picture.objects = Objects({{.base = Address(0xc000010000), .element_size_bytes = 64, .slots = 3},
                             {.base = Address(0xc000020000), .element_size_bytes = 8, .slots = 1},
                             {.base = Address(0xc000000000),
                              .element_size_bytes = 16,
                              .slots = 2,
                              .noscan = true,
                              .tiny = true}});
  picture.objects.allocated[0] = 0b1010101;
  // Objects 0, 1, 2, a dummy, 4, a dummy.
  std::vector<std::uint32_t> rows = {3, 5, 5, 6, 1, 3};
  std::vector<ObjectId> edges = {0, 7, 2, 1, 2, 7};
  picture.references.rows = ReservedArray<std::uint32_t>(6);
  picture.references.edges = ReservedArray<ObjectId>(100);
  std::ranges::copy(rows, picture.references.rows.data());
  std::ranges::copy(edges, picture.references.edges.data());
  picture.references.edge_count = 5;
  picture.references.extra = {{.from = 0, .to = 6}, {.from = 2, .to = 1}};
  picture.types.names = {"", "main.entry", "[]uint8"};
  picture.types.of_objects = ReservedArray<std::uint32_t>(picture.objects.count());
  for (ObjectId object : {0, 2}) picture.types.of_objects[object] = 1;
  for (ObjectId object : {6, 7}) picture.types.of_objects[object] = 2;
  picture.roots = {{.object = 6, .kind = RootKind::kCleanup, .source = Address(0x5a0010)},
                   {.object = 0, .kind = RootKind::kGlobal, .source = Address(0x5a0008)}};
}

inline Snapshot rich_picture() {
  Snapshot picture;
  picture.target = {.kind = "process",
                    .pid = 4711,
                    .executable = "/usr/bin/shop",
                    .go_version = "go1.27.4 X:simd",
                    .arch = "amd64",
                    .build_id = "0123abcd",
                    .debug_file = "/usr/lib/debug/shop.debug"};
  picture.picture = {.way = "copy",
                     .way_reason = "a limit",
                     .pause_ns = 5'000'001,
                     .longest_pause_ns = 4'000'000,
                     .bytes_read = 1 << 20,
                     .stops = 2,
                     .quiet = false,
                     .has_references = true,
                     .labels_left_out = true,
                     .taken_unix_ns = 1'790'000'000'000'000'000};
  picture.doubts = {{"3 of 512 spans could not be read", true}, {"an odd thing", false}};
  picture.bindings = {tried("runtime.g", "debug information", "its saved context leads back", 7, 8),
                      missing("runtime.semtable", "a table of 251 roots")};
  picture.dead_descriptors = 12;
  draw_heap(picture);
  picture.contexts = {
      {.object = 1, .done = 6, .parent = 2},
      {.object = 2, .children = 4, .type = picture.strings.intern("context.cancelCtx")}};
  picture.told_paths = {{6, picture.strings.intern("main.server.ctx.children[...].done")}};
  picture.idle_timers = {{.object = 1, .channel = 6, .ticks = true, .may_be_set_again = false},
                         {.object = 2, .channel = 4}};
  picture.lock_frames = {
      {.goid = 7, .object = 1, .mutexes = 1, .writes = 2, .reads = 3, .alone = true},
      {.goid = 8, .object = 0, .mutexes = 1}};
  draw_goroutines(picture);
  picture.io_waits = {{.goid = 7,
                       .poll_desc = Address(0x7f0000001120),
                       .descriptor = 12,
                       .writes = true,
                       .deadline = Deadline::kAhead,
                       .deadline_in_ns = -5'000,
                       .protocol = picture.strings.intern("tcp"),
                       .local = picture.strings.intern("127.0.0.1:40000"),
                       .remote = picture.strings.intern("[::1]:443")},
                      {.goid = 8, .poll_desc = {}, .descriptor = 3, .listens = true, .owner = 2}};
  picture.held_locks = {{.goid = 7,
                         .lock = Address(0x5a0020),
                         .hold = LockHold::kWrite,
                         .certain = true,
                         .unlocks_ahead = true,
                         .frame = 0},
                        {.goid = 8, .lock = Address(0xc000012340), .hold = LockHold::kRead}};
  picture.endless_stacks = {{.stack = 0, .frame = 0}, {.stack = 1, .frame = 1}};
  picture.told_locks = {{Address(0x5a0020), picture.strings.intern("main.server.mu")}};
  picture.memory = {.known = true,
                    .by_kernel = true,
                    .kernel_rss_bytes = 12 << 20,
                    .swapped_bytes = 4096,
                    .page_table_bytes = 65536,
                    .bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 1 << 20},
                    .absent = {{Address(0xc000002000), Address(0xc000003000)},
                               {Address(0xc000006000), Address(0xc000008000)}}};
  picture.runtime_roots = {4, 2};
  picture.allocations = {.known = true,
                         .why_unknown = "why",
                         .remedy = "what to do",
                         .rate_bytes = 512 << 10,
                         .records = {{.stack = 1, .size_bytes = 4096, .allocated = 300, .freed = 2},
                                     {.stack = 0, .size_bytes = 16, .allocated = 1}},
                         .sampled = {{.object = 1, .record = 1}, {.object = 6, .record = 0}}};
  picture.fill = {.known = true,
                  .places = {"", "main.entry.text"},
                  .arrays = {{.array = 1,
                              .holder = 2,
                              .place = 1,
                              .holders = 3,
                              .read_only = true,
                              .room_bytes = 60,
                              .used_bytes = 5,
                              .reachable_bytes = 7},
                             {.array = 2}},
                  .maps = {{.header = 2, .entries = 3, .table_bytes = 4096, .needed_bytes = 64}},
                  .slices = {},
                  .channels = {{.channel = 1,
                                .buffer = 2,
                                .length = 1,
                                .capacity = 2,
                                .element_bytes = 8,
                                .closed = true}},
                  .pools = {{.pool = Address(0xc000002010),
                             .local = 2,
                             .victim = 4,
                             .values = 300,
                             .victim_values = 5,
                             .place = 1},
                            {.pool = Address(0xc000003000), .made_by = 1, .type = 1}}};
  picture.pending_timers = {{.object = 1,
                             .argument = 6,
                             .function = picture.strings.intern("time.sendTime"),
                             .sends_time = true,
                             .period_ns = 1'000'000'000,
                             .fires_in_ns = 5'000},
                            {}};
  picture.context_calls = {{.function = picture.strings.intern("main.serve"),
                            .place = 0,
                            .maker = picture.strings.intern("context.WithCancel"),
                            .called_by = picture.strings.intern("main.main"),
                            .starter = picture.strings.intern("main.watch"),
                            .leads_by = picture.strings.intern("main.begin"),
                            .of_standard_library = true}};
  return picture;
}

}  // namespace goshawk::snapshot::testing
