// context.cancelCtx (context/context.go): {Context iface @0, mu @16, done atomic.Value @24, ...}
// since before 1.19, embedded at the head of timerCtx. done holds {type of chan struct{}, the
// channel}. Any context begins with its parent's interface, so the chain is followed through the
// word at 8.
#include "goruntime/context_finder.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint32_t kParentWord = 8, kDoneType = 24, kDoneChannel = 32;
constexpr int kMaxChain = 16;
constexpr std::uint32_t kSamples = 16;

}  // namespace

bool ContextFinder::holds_done(Address context, Address channel) {
  for (int link = 0; link < kMaxChain && !context.is_null() && context.is_aligned(8); ++link) {
    if (cache_.pointer(context + kDoneChannel) == channel &&
        types_.is_channel(cache_.pointer(context + kDoneType)))
      return true;
    context = cache_.pointer(context + kParentWord);
  }
  return false;
}

bool ContextFinder::is_done_channel(Address channel, std::span<const std::uint64_t> pointers,
                                    std::uint32_t stack) {
  Seen& seen = seen_[stack];
  if (seen.asked >= kSamples) return seen.found * 2 > seen.asked;
  ++seen.asked;
  for (std::uint64_t pointer : pointers) {
    if (!holds_done(Address(pointer), channel)) continue;
    ++seen.found;
    return true;
  }
  return false;
}

}  // namespace goshawk::goruntime
