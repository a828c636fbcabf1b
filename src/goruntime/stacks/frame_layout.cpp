// amd64: the call pushes the return address, so it stands at the top of the callee's frame, and
// below it the saved frame pointer if there is a frame at all. arm64: the callee stores the link
// register at the bottom of its frame; arguments begin one word above the caller's sp; the saved
// frame pointer stands below the *next* frame, which again takes the top word of the locals.
// Follows runtime/traceback.go resolveInternal, runtime/stkframe.go getStackMap (minsize).
#include "goruntime/stacks/frame_layout.h"

namespace goshawk::goruntime {

FrameLayout compute_frame_layout(std::uint32_t spdelta, bool arm64) {
  constexpr std::uint32_t kWord = 8;
  constexpr std::uint32_t kArm64StackAlign = 16;
  FrameLayout layout;
  layout.fp = arm64 ? spdelta : spdelta + kWord;
  layout.varp = spdelta > 0 ? spdelta - kWord : 0;
  layout.argp = arm64 ? layout.fp + kWord : layout.fp;
  layout.return_address = arm64 ? 0 : spdelta;
  layout.has_locals = layout.varp > (arm64 ? kArm64StackAlign : 0);
  return layout;
}

}  // namespace goshawk::goruntime
