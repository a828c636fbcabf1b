// A dump lists objects, and a picture numbers them by span: a run of objects of one size, at
// distances that are multiples of it, within the pages that a span of that size can have, is taken
// for one. What lies between them is free. That no two objects overlap is checked; then whatever a
// word leads to is found as in a heap that was read. Where more than a few slots are free, the next
// object begins a span of its own: a file that lies costs no more than its length.
#include "snapshot/heap_dump.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "base/read_file.h"

namespace goshawk::snapshot {
namespace {

constexpr std::uint64_t kMostFileBytes = std::uint64_t{16} << 30;
constexpr std::uint64_t kMostSpanBytes = 80 << 10;  // sizeclasses.go: 10 pages
constexpr std::uint64_t kLeastObjectBytes = 8;
constexpr std::uint64_t kMostFreeSlots = 16;  // between two objects of a span
constexpr std::uint64_t kMostObjects = std::numeric_limits<ObjectId>::max() / (2 * kMostFreeSlots);

// What only says that something must come is enough: on what it waits nobody knows anyway.
WaitKind wait_kind_of(Status status, std::string_view reason) {
  if (status != Status::kWaiting) return WaitKind::kNotWaiting;
  if (reason == "IO wait") return WaitKind::kIo;
  if (reason == "sleep") return WaitKind::kSleep;
  if (reason.starts_with("chan receive")) return WaitKind::kChanReceive;
  if (reason.starts_with("chan send")) return WaitKind::kChanSend;
  if (reason.starts_with("select")) return WaitKind::kSelect;
  if (reason.starts_with("sync.Cond")) return WaitKind::kCondWait;
  if (reason.starts_with("sync.") || reason == "semacquire") return WaitKind::kSemacquire;
  return WaitKind::kUnknown;
}

// traceback.go showframe: of the runtime's functions only those that a program can call.
bool is_hidden(std::string_view function) {
  constexpr std::string_view kRuntime = "runtime.";
  if (!function.starts_with(kRuntime) || function.size() == kRuntime.size()) return false;
  char first = function[kRuntime.size()];
  return first < 'A' || first > 'Z';
}

class HeapDumpPicture {
 public:
  HeapDumpPicture(ByteView file, HeapDumpRecords records)
      : file_(file), records_(std::move(records)) {}

  Result<Snapshot> make(const std::string& name) {
    std::ranges::sort(records_.objects, {}, &DumpedMemory::address);
    if (records_.objects.size() > kMostObjects || !objects_are_apart())
      return fail(Malformed{name, 0, "its objects overlap, or are more than there can be"});
    add_facts(name);
    number_objects();
    add_references();
    add_roots();
    for (const DumpedGoroutine& goroutine : by_goid()) add_goroutine(goroutine);
    picture_.goroutine_root_rows.push_back(
        static_cast<std::uint32_t>(picture_.goroutine_roots.size()));
    return std::move(picture_);
  }

 private:
  bool objects_are_apart() const {
    std::uint64_t end = 0;
    for (const DumpedMemory& object : records_.objects) {
      std::uint64_t start = object.address.value();
      if (object.bytes.size() < kLeastObjectBytes || start < end ||
          start + object.bytes.size() < start)
        return false;
      end = start + object.bytes.size();
    }
    return true;
  }

  void add_facts(const std::string& name) {
    picture_.target.name = name;
    picture_.target.kind = "heap-dump";
    picture_.target.go_version = records_.go_version;
    picture_.target.arch = records_.arch;
    picture_.picture.way = "heap-dump";
    picture_.picture.bytes_read = file_.size();
    picture_.picture.has_references = picture_.picture.has_all_types = true;
    picture_.memory.known = true;
    for (const DumpedMemory& object : records_.objects)
      picture_.memory.bytes[static_cast<std::size_t>(MemoryPart::kSpans)] += object.bytes.size();
    picture_.doubts.push_back(
        {"a heap dump tells neither types nor how much of arrays and maps is used, neither what "
         "goroutines wait for nor what threads have in their registers",
         true});
    picture_.fill.known = true;  // there is nothing more to be had
  }

  bool continues(const Span& span, const DumpedMemory& object) const {
    std::uint64_t offset = object.address - span.base;
    return object.bytes.size() == span.element_size_bytes &&
           offset % span.element_size_bytes == 0 &&
           offset / span.element_size_bytes <= span.slots + kMostFreeSlots &&
           offset + span.element_size_bytes <= kMostSpanBytes;
  }

  // No pointer in it, by the list of them.
  bool is_plain(const DumpedMemory& object) const {
    return load<std::uint8_t>(file_, object.fields_at) == std::uint8_t{0};
  }

  void number_objects() {
    std::vector<Span> spans;
    for (const DumpedMemory& object : records_.objects) {
      if (spans.empty() || !continues(spans.back(), object))
        spans.push_back(
            {.base = object.address, .element_size_bytes = object.bytes.size(), .noscan = true});
      Span& span = spans.back();
      span.slots =
          static_cast<std::uint32_t>((object.address - span.base) / span.element_size_bytes) + 1;
      span.noscan = span.noscan && is_plain(object);
    }
    std::ranges::stable_partition(spans, [](const Span& span) { return !span.noscan; });
    picture_.objects = Objects(std::move(spans));
    Objects& objects = picture_.objects;
    objects.allocated.resize(objects.count() / 64 + 1);
    for (const DumpedMemory& object : records_.objects)
      if (auto id = objects.find(object.address))
        objects.allocated[*id / 64] |= std::uint64_t{1} << (*id % 64);
    picture_.types.names = {""};
    picture_.types.of_objects = ReservedArray<std::uint32_t>(std::max(1U, objects.count()));
  }

  std::optional<ObjectId> find(Address pointer) const {
    auto found = picture_.objects.find(pointer);
    return found && picture_.objects.is_allocated(*found) ? found : std::nullopt;
  }

  void add_references() {
    const Objects& objects = picture_.objects;
    std::vector<const DumpedMemory*> of_id(objects.row_count());
    for (const DumpedMemory& object : records_.objects)
      if (auto id = objects.find(object.address); id && *id < of_id.size()) of_id[*id] = &object;
    std::uint64_t most = 0;
    for (const DumpedMemory* object : of_id)
      if (object != nullptr) most += object->bytes.size() / 8 + 1;
    References& references = picture_.references;
    references.rows = ReservedArray<std::uint32_t>(std::max<std::uint64_t>(1, of_id.size()));
    references.edges = ReservedArray<ObjectId>(std::max<std::uint64_t>(1, most));
    for (std::size_t id = 0; id < of_id.size(); ++id) {
      references.rows[id] = static_cast<std::uint32_t>(references.edge_count);
      if (of_id[id] == nullptr) continue;
      std::uint64_t end = references.edge_count + of_id[id]->bytes.size() / 8;  // a list may lie
      visit_pointers(file_, *of_id[id], [&](Address pointer) {
        auto to = find(pointer);
        if (to && references.edge_count < end) references.edges[references.edge_count++] = *to;
      });
    }
  }

  void add_root(Address pointer, RootKind kind, Address source) {
    if (auto object = find(pointer)) picture_.roots.push_back({*object, kind, source});
  }

  void add_roots() {
    for (const DumpedMemory& segment : records_.globals) {
      Cursor fields(file_, segment.fields_at);
      while (fields.uvarint() == 1 && !fields.failed()) {
        std::uint64_t offset = fields.uvarint();
        if (auto word = load<std::uint64_t>(segment.bytes, offset))
          add_root(Address(*word), RootKind::kGlobal, segment.address + offset);
      }
    }
    for (const DumpedRoot& root : records_.other_roots)
      add_root(root.pointer, RootKind::kRuntime, {});
    for (const DumpedFinalizer& finalizer : records_.finalizers) add_finalizer(finalizer);
  }

  // What the object refers to stays until its finalizer has run; the object itself only where that
  // is due.
  void add_finalizer(const DumpedFinalizer& finalizer) {
    RootKind kind = finalizer.queued ? RootKind::kQueued : RootKind::kFinalizer;
    add_root(finalizer.function, kind, finalizer.object);
    if (finalizer.queued) add_root(finalizer.object, kind, finalizer.object);
    auto object = find(finalizer.object);
    if (finalizer.queued || !object || *object + 1 >= picture_.objects.row_count()) return;
    const References& references = picture_.references;
    for (std::uint32_t i = references.rows[*object]; i < references.rows[*object + 1]; ++i)
      picture_.roots.push_back({references.edges[i], kind, finalizer.object});
  }

  std::vector<DumpedGoroutine>& by_goid() {
    std::ranges::stable_sort(records_.goroutines, {}, &DumpedGoroutine::goid);
    return records_.goroutines;
  }

  void add_goroutine(const DumpedGoroutine& dumped) {
    auto status = static_cast<Status>(dumped.status & 0xf);
    if (status == Status::kDead || status == Status::kDeadExtra) return;
    Goroutine goroutine;
    goroutine.goid = dumped.goid;
    goroutine.descriptor = dumped.descriptor;
    if (auto object = find(dumped.descriptor)) goroutine.descriptor_object = *object;
    goroutine.status = status;
    goroutine.system = dumped.system;
    goroutine.wait_kind = wait_kind_of(status, dumped.wait_reason);
    goroutine.wait_reason =
        picture_.strings.intern(status == Status::kWaiting ? dumped.wait_reason : "");
    std::vector<FrameId> frames;
    for (const DumpedFrame& frame : dumped.frames) frames.push_back(add_frame(frame));
    goroutine.stack = picture_.stacks.intern(frames);
    goroutine.stack_complete = !frames.empty();
    if (status == Status::kWaiting)
      goroutine.doubt = picture_.strings.intern("a heap dump does not tell what it waits for");
    picture_.goroutine_root_rows.push_back(
        static_cast<std::uint32_t>(picture_.goroutine_roots.size()));
    add_goroutine_roots(dumped);
    picture_.goroutines.push_back(goroutine);
  }

  void add_goroutine_roots(const DumpedGoroutine& dumped) {
    auto add = [&](Address pointer) {
      if (auto object = find(pointer)) picture_.goroutine_roots.push_back(*object);
    };
    for (const DumpedFrame& frame : dumped.frames) visit_pointers(file_, frame.memory, add);
    for (Address pointer : dumped.others) add(pointer);
  }

  FrameId add_frame(const DumpedFrame& dumped) {
    auto [found, is_new] = frames_.try_emplace({dumped.pc, dumped.function}, 0);
    if (!is_new) return found->second;
    Frame frame;
    frame.function = picture_.strings.intern(dumped.function);
    frame.symbol = frame.function;
    frame.hidden = is_hidden(dumped.function);
    frame.pc = Address(dumped.pc);
    frame.entry_offset = dumped.pc >= dumped.entry ? dumped.pc - dumped.entry : 0;
    found->second = picture_.stacks.add_frame(frame);
    return found->second;
  }

  ByteView file_;
  HeapDumpRecords records_;
  Snapshot picture_;
  std::map<std::pair<std::uint64_t, std::string_view>, FrameId> frames_;
};

}  // namespace

Result<Snapshot> picture_of_heap_dump(ByteView file, const std::string& name) {
  return HeapDumpPicture(file, TRY(parse_heap_dump(file, name))).make(name);
}

Result<Snapshot> load_heap_dump(const std::string& path) {
  std::string file = TRY(read_file(path, kMostFileBytes, "a heap dump is a file of Go's own"));
  return picture_of_heap_dump(std::as_bytes(std::span(file)), path);
}

}  // namespace goshawk::snapshot
