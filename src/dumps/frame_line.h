// The lines of a stack in a dump: a call, then where that is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace goshawk::dumps {

// "main.(*Server).handle(0xc000012340, {0x4d7a58?, 0x1})": the name. Nothing for what is no call.
std::optional<std::string_view> parse_call(std::string_view line);

struct Place {
  std::string_view file;  // empty: C code that nobody could name
  std::uint32_t line = 0;
  bool has_offset = false;  // "+0x1d": all have it but inlined calls
  bool of_c = false;        // "pc=0x4011c6" alone: as a cgo symbolizer tells it
};

// "\t/src/app/server.go:42 +0x1d fp=0xc000047f78 sp=0xc000047f50 pc=0x47c2d3": a line that begins
// with blanks, or with what became of a tab on its way ("#011").
std::optional<Place> parse_place(std::string_view line);
bool begins_as_place(std::string_view line);

struct Creator {
  std::string_view function;
  std::uint64_t goid = 0;  // 0: not said, before Go 1.21
};

// "created by main.start in goroutine 1"
std::optional<Creator> parse_creator(std::string_view line);

// "...additional frames elided...", "...23 frames elided..."
bool is_elision(std::string_view line);

// "[originating from goroutine 7]:": the goid.
std::optional<std::uint64_t> parse_ancestor(std::string_view line);

// What the runtime says in a stack of its own trouble with it: "runtime: g 7: unexpected return pc
// for ...", "stack: frame={sp:0x..", "0x000000c000047f50:  0x...".
bool is_runtime_note(std::string_view line);

// Begins as most loggers begin a line: with a time, a level, a brace, a key.
bool looks_like_log(std::string_view line);

// No line of a stack, but a part of one is in it.
bool has_part_of_stack(std::string_view line);

}  // namespace goshawk::dumps
