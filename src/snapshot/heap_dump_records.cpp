// Follows runtime/heapdump.go: records of varints and of strings with their length before them, the
// same from Go 1.19 to 1.27. Types, itabs, threads, runtime.MemStats and samples of allocations are
// passed over: no object has a type here.
#include "snapshot/heap_dump_records.h"

#include <array>
#include <utility>

namespace goshawk::snapshot {
namespace {

constexpr std::string_view kMagic = "go1.7 heap dump\n";
constexpr std::uint64_t kLittleEndian = 0, kPointerBytes = 8, kEndOfFields = 0, kPointerField = 1;
constexpr std::uint64_t kMostPassedOver = 1 << 20;  // frames of one sampled stack
constexpr int kNumbersOfMemStats = 24 + 256 + 1;

enum Tag : std::uint64_t {
  kEnd,
  kObject,
  kOtherRoot,
  kType,
  kGoroutine,
  kFrame,
  kParameters,
  kFinalizer,
  kItab,
  kThread,
  kMemStats,
  kQueuedFinalizer,
  kData,
  kBss,
  kDefer,
  kPanic,
  kProfile,
  kSample,
};

class Parser {
 public:
  Parser(ByteView file, std::string name) : cursor_(file), name_(std::move(name)) {
    cursor_.skip(kMagic.size());
  }

  Result<HeapDumpRecords> parse() {
    for (;;) {
      std::uint64_t begin = cursor_.position();
      std::uint64_t tag = number();
      if (tag == kEnd && !cursor_.failed()) return std::move(records_);
      if (tag > kSample || !parse_record(static_cast<Tag>(tag)) || cursor_.failed())
        return fail(Malformed{name_, begin, "no record of a heap dump, or it is cut off"});
    }
  }

 private:
  std::uint64_t number() { return cursor_.uvarint(); }
  Address address() { return Address(number()); }
  ByteView bytes() { return cursor_.bytes(number()); }
  std::string_view text() { return as_text(bytes()); }
  void skip_numbers(int count) {
    for (int i = 0; i < count; ++i) number();
  }

  // Where the list begins.
  std::uint64_t fields() {
    std::uint64_t begin = cursor_.position();
    while (!cursor_.failed()) {
      std::uint64_t kind = number();
      if (kind == kEndOfFields) return begin;
      if (kind != kPointerField) cursor_.seek(UINT64_MAX);
      number();
    }
    return begin;
  }

  DumpedMemory memory() {
    DumpedMemory memory{.address = address(), .bytes = bytes()};
    memory.fields_at = fields();
    return memory;
  }

  // False: it makes no sense.
  bool parse_record(Tag tag) {
    switch (tag) {
      case kObject:
        records_.objects.push_back(memory());
        return true;
      case kData:
      case kBss:
        records_.globals.push_back(memory());
        return true;
      case kOtherRoot: {
        std::string_view what = text();
        records_.other_roots.push_back({what, address()});
        return true;
      }
      case kGoroutine:
        parse_goroutine();
        return true;
      case kFrame:
        return parse_frame();
      case kDefer:
        return parse_defer_or_panic(4, 2);
      case kPanic:
        return parse_defer_or_panic(3, 2);
      case kParameters:
        return parse_parameters();
      case kFinalizer:
      case kQueuedFinalizer: {
        Address object = address();
        records_.finalizers.push_back({object, address(), tag == kQueuedFinalizer});
        skip_numbers(3);
        return true;
      }
      default:
        return pass_over(tag);
    }
  }

  bool pass_over(Tag tag) {
    switch (tag) {
      case kType:
        skip_numbers(2);
        text();
        skip_numbers(1);
        return true;
      case kItab:
      case kSample:
        skip_numbers(2);
        return true;
      case kThread:
        skip_numbers(3);
        return true;
      case kMemStats:
        skip_numbers(kNumbersOfMemStats);
        return true;
      case kProfile:
        return pass_over_profile();
      default:
        return false;
    }
  }

  bool pass_over_profile() {
    skip_numbers(2);
    std::uint64_t frames = number();
    if (frames > kMostPassedOver) return false;
    for (std::uint64_t i = 0; i < frames && !cursor_.failed(); ++i) {
      text();
      text();
      number();
    }
    skip_numbers(2);
    return true;
  }

  bool parse_parameters() {
    std::uint64_t order = number(), pointer_bytes = number();
    skip_numbers(2);
    records_.arch = text();
    records_.go_version = text();
    skip_numbers(1);
    return order == kLittleEndian && pointer_bytes == kPointerBytes;
  }

  void parse_goroutine() {
    DumpedGoroutine goroutine{
        .descriptor = address(), .wait_reason = {}, .frames = {}, .others = {}};
    skip_numbers(1);  // its stack pointer
    goroutine.goid = number();
    skip_numbers(1);  // where the go statement is, in code without names
    goroutine.status = number();
    goroutine.system = number() != 0;
    skip_numbers(2);
    goroutine.wait_reason = text();
    goroutine.others.push_back(address());
    skip_numbers(3);
    records_.goroutines.push_back(std::move(goroutine));
  }

  bool parse_frame() {
    DumpedFrame frame{.memory = {.address = address(), .bytes = {}}, .function = {}};
    skip_numbers(2);
    frame.memory.bytes = bytes();
    frame.entry = number();
    frame.pc = number();
    skip_numbers(1);
    frame.function = text();
    frame.memory.fields_at = fields();
    if (records_.goroutines.empty()) return false;
    records_.goroutines.back().frames.push_back(frame);
    return true;
  }

  // The pointer that it has stands behind some numbers.
  bool parse_defer_or_panic(int before, int behind) {
    skip_numbers(before);
    Address pointer = address();
    skip_numbers(behind);
    if (records_.goroutines.empty()) return false;
    records_.goroutines.back().others.push_back(pointer);
    return true;
  }

  Cursor cursor_;
  std::string name_;
  HeapDumpRecords records_;
};

}  // namespace

bool is_heap_dump(ByteView first_bytes) { return as_text(first_bytes).starts_with(kMagic); }

Result<HeapDumpRecords> parse_heap_dump(ByteView file, const std::string& name) {
  if (!is_heap_dump(file)) return fail(Malformed{name, 0, "it is no heap dump of Go"});
  return Parser(file, name).parse();
}

}  // namespace goshawk::snapshot
