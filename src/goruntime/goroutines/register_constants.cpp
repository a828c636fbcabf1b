// The steps before the call are walked back for as long as nothing jumps away from or into them:
// copies and additions (arm64 makes an address of a page and an offset) are followed to where the
// register was loaded with a constant.
#include "goruntime/goroutines/register_constants.h"

#include <algorithm>

namespace goshawk::goruntime {
namespace {

using binary::Effect;
using binary::Flow;
using binary::Step;

bool sets(const Step& step, std::uint8_t register_number) {
  return step.to == register_number &&
         (step.effect == Effect::kConstant || step.effect == Effect::kAdd ||
          step.effect == Effect::kLoad);
}

bool is_jumped_into(std::span<const Step> steps, Address from, Address to) {
  return std::ranges::any_of(steps, [&](const Step& step) {
    return (step.flow == Flow::kJump || step.flow == Flow::kBranch) && from < step.target &&
           step.target <= to;
  });
}

}  // namespace

std::optional<Address> find_constant_argument(std::span<const Step> steps, Address call,
                                              std::uint8_t register_number) {
  auto at = std::ranges::find(steps, call, &Step::at);
  std::int64_t added = 0;
  while (at != steps.begin() && at != steps.end()) {
    const Step& step = *--at;
    if (step.flow != Flow::kNext) break;
    if (sets(step, register_number)) {
      if (step.effect == Effect::kLoad) break;
      added += step.value;
      if (step.effect == Effect::kConstant) {
        if (is_jumped_into(steps, step.at, call)) break;
        return Address(static_cast<std::uint64_t>(added));
      }
      register_number = step.from;
    } else if ((step.written >> register_number & 1) != 0) {
      break;
    }
  }
  return std::nullopt;
}

}  // namespace goshawk::goruntime
