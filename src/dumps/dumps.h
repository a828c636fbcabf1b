// All goroutine dumps of a file, as plain arrays.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "dumps/tables.h"

namespace goshawk::dumps {

struct Goroutine {
  std::uint64_t goid = 0;
  std::uint64_t creator_goid = 0;    // 0: not said
  std::uint64_t bubble = 0;          // of testing/synctest; 0: none
  TextId state = kNone;              // the runtime's text: "chan receive (nil chan)"
  TextId labels = kNone;             // as printed: `endpoint: /pay, "user name": x`
  StackId stack = 0;                 // with the creator
  std::uint32_t wait_minutes = 0;    // 0: less, or not known
  std::uint32_t first_ancestor = 0;  // of Dumps::ancestors
  std::uint16_t ancestor_count = 0;
  bool locked_to_thread = false;
  bool leaked = false;  // says the runtime
  bool scanning = false;
  bool durable = false;
  bool unavailable = false;  // it ran on another thread: no stack
  bool incomplete = false;   // the runtime could not unwind all of it
};

struct Ancestor {
  std::uint64_t goid = 0;
  StackId stack = 0;
};

// Times of one log can be compared with each other.
struct Time {
  enum class Scale : std::uint8_t { kUnknown, kUnix, kNoYear };
  Scale scale = Scale::kUnknown;
  std::int64_t ns = 0;  // since 1970 in UTC, or in the log's own zone; or since a year began
};

struct Dump {
  std::uint64_t offset = 0;  // of its first line in the file
  TextId opening = kNone;    // "SIGQUIT: quit", "panic: oops", "fatal error: ..."; kNone: none
  TextId writer = kNone;     // who wrote it, as the log calls it (writer_name); kNone: not told
  Time time = {};            // that its log gives its first line
  std::size_t first = 0;     // of Dumps::goroutines
  std::size_t count = 0;
  std::uint64_t damaged = 0;  // goroutines that were cut or garbled: only counted
  std::uint64_t threads = 0;  // stacks of threads (goroutine 0), which are not kept
};

struct Dumps {
  Tables tables;
  std::vector<Goroutine> goroutines;
  std::vector<Ancestor> ancestors;
  std::vector<Dump> dumps;     // in the order of the file
  std::uint64_t damaged = 0;   // of all dumps, and what belongs to none
  std::uint64_t left_out = 0;  // goroutines beyond what is kept
  std::uint64_t bytes = 0;     // that were read

  std::span<const Goroutine> goroutines_of(const Dump& dump) const {
    return std::span(goroutines).subspan(dump.first, dump.count);
  }
  std::string_view text(TextId id) const { return tables.texts[id]; }
};

}  // namespace goshawk::dumps
