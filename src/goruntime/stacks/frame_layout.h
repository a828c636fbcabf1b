// Where the parts of a stack frame are, from the distance that its function has moved the stack
// pointer.
#pragma once

#include <cstdint>

namespace goshawk::goruntime {

// Distances from the frame's sp. runtime/stkframe.go stkframe.
struct FrameLayout {
  std::uint32_t fp = 0;              // the caller's sp
  std::uint32_t varp = 0;            // locals lie below it
  std::uint32_t argp = 0;            // arguments and results lie above it
  std::uint32_t return_address = 0;  // the word that holds it
  bool has_locals = false;           // large enough for the collector to want a map
};

// What sighandler pushes below a call that it injects on arm64: room for the link register.
inline constexpr std::uint32_t kArm64InjectedBytes = 16;
// What asyncPreempt saves of general registers, from its sp on (runtime/preempt_*.s): 14 words;
// 27 behind the link register's, with alignment. The same in all releases.
inline constexpr std::uint32_t kAmd64PreemptGeneralBytes = 14 * 8;
inline constexpr std::uint32_t kArm64PreemptGeneralBytes = 29 * 8;
inline constexpr std::uint32_t kLeastVectorBytes = 16 * 8;  // no frame with these has fewer

FrameLayout compute_frame_layout(std::uint32_t spdelta, bool arm64);

}  // namespace goshawk::goruntime
