// Goroutines that the standard library and popular modules keep for as long as they are used, or as
// the program runs: no leaks, though nobody ends them. A short list, each with its reason.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace goshawk::findings {

struct KnownBackground {
  std::string_view function;  // as FunctionPattern takes it: on the goroutine's stack
  // What that one has called, likewise; empty: it waits itself, in nothing but the runtime.
  std::string_view calls;
  std::string_view reason;  // "os/signal: waits for signals that the program has asked for"
};

std::span<const KnownBackground> known_background();

// Which of them a goroutine is, by the functions on its stack, innermost first; nullptr: none. A
// goroutine of a library that has called back into the program, say, is none.
const KnownBackground* find_known_background(std::span<const std::string_view> stack);

}  // namespace goshawk::findings
