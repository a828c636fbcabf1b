// The first line of a goroutine in a dump: "goroutine 18 [chan receive, 5 minutes]:".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace goshawk::dumps {

struct Header {
  std::uint64_t goid = 0;          // 0: a thread's own stack, which is no goroutine
  std::string_view state;          // "chan receive (nil chan)", without what the members below say
  std::uint32_t wait_minutes = 0;  // 0: less, or not known
  std::string_view labels = {};    // as printed, without the braces; empty: none
  std::uint64_t bubble = 0;        // of testing/synctest; 0: none
  bool leaked = false;             // the runtime's own word, after a goroutineleak profile
  bool scanning = false;
  bool durable = false;
  bool locked_to_thread = false;
};

// The whole line, without what a log has put before it and without its end.
std::optional<Header> parse_header(std::string_view line);

// Whether it begins as one does: what is none then was one before something came between.
bool begins_as_header(std::string_view line);

}  // namespace goshawk::dumps
