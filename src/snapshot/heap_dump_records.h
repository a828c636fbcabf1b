// What debug.WriteHeapDump has written, record by record, as it stands in the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"

namespace goshawk::snapshot {

// Of memory: its bytes, and at which offsets in them there are pointers (an encoded list).
struct DumpedMemory {
  Address address;
  ByteView bytes;
  std::uint64_t fields_at = 0;  // in the file
};

struct DumpedFrame {
  DumpedMemory memory;
  std::uint64_t entry = 0, pc = 0;
  std::string_view function;
};

struct DumpedGoroutine {
  Address descriptor;
  std::uint64_t goid = 0, status = 0;
  bool system = false;
  std::string_view wait_reason;
  std::vector<DumpedFrame> frames;  // innermost first
  std::vector<Address> others;      // what its defers and panics refer to, and its context
};

struct DumpedFinalizer {
  Address object, function;
  bool queued = false;
};

struct DumpedRoot {
  std::string_view what;
  Address pointer;
};

// Views lead into the file's bytes, which must outlive it.
struct HeapDumpRecords {
  std::string_view arch, go_version;
  std::vector<DumpedMemory> objects;  // in no order
  std::vector<DumpedMemory> globals;  // data and bss
  std::vector<DumpedGoroutine> goroutines;
  std::vector<DumpedFinalizer> finalizers;
  std::vector<DumpedRoot> other_roots;
};

// By its first bytes.
bool is_heap_dump(ByteView first_bytes);

// Malformed with the place where it stops to make sense; a cut file is.
Result<HeapDumpRecords> parse_heap_dump(ByteView file, const std::string& name);

// Calls visit(pointer) for each word of it that is one.
template <typename Visit>
void visit_pointers(ByteView file, const DumpedMemory& memory, Visit&& visit) {
  Cursor fields(file, memory.fields_at);
  while (fields.uvarint() == 1 && !fields.failed())
    if (auto word = load<std::uint64_t>(memory.bytes, fields.uvarint())) visit(Address(*word));
}

}  // namespace goshawk::snapshot
