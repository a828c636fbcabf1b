// A function's steps are walked until nothing changes: what registers and stack words hold, and
// what was locked, on every way to each place. Values are by where they came from, so a Lock and an
// Unlock of one pointer are told to be of one lock without knowing its address; the frame has that,
// as the Unlock ahead needs it.
//
//   held      v, site     Lock(v) was passed; certain: on every way
//   released  v           Unlock(v) may have been passed, and the lock was not taken here
//
// Not followed: jumps through tables, what a called function locks, Lock and Unlock through an
// interface. A call that cannot be told and whose first argument is the lock itself may be its
// Unlock; what else a call may do, call_effects.h tells.
#include "goruntime/goroutines/locked_code.h"

#include <algorithm>
#include <set>

namespace goshawk::goruntime {

using binary::Flow;
using binary::Step;
using What = LockEvent::What;

namespace {

constexpr int kMostBranches = 3;
constexpr std::size_t kMostStepsToSlowWay = 16;
constexpr std::size_t kMostVisits = 1 << 16;  // of blocks, in one function

// Calls that do not come back, and the one that begins the function again.
bool ends(std::string_view callee) {
  for (std::string_view one :
       {"runtime.panic", "runtime.gopanic", "runtime.goPanic", "runtime.throw", "runtime.fatal",
        "runtime.block", "runtime.morestack", "runtime.Goexit"})
    if (callee.starts_with(one)) return true;
  return false;
}

}  // namespace

std::string_view LockedCode::callee(const Step& step) const {
  FunctionId called = step.target.is_null() ? kNoFunction : functions_.find(step.target);
  return called == kNoFunction ? std::string_view() : functions_.name(called);
}

std::size_t LockedCode::block_of(std::size_t step) const {
  auto after = std::ranges::upper_bound(blocks_, step, {}, &Block::begin);
  return static_cast<std::size_t>(after - blocks_.begin()) - 1;
}

std::optional<std::size_t> LockedCode::block_at(Address at) const {
  auto step = std::ranges::lower_bound(steps_, at, {}, &Step::at);
  if (step == steps_.end() || step->at != at) return std::nullopt;
  return block_of(static_cast<std::size_t>(step - steps_.begin()));
}

void LockedCode::find_events() {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (const LockEvent* found = events_.find(function_, steps_[i]))
      events_at_[i] = *found;
    else if (steps_[i].effect == binary::Effect::kAtomic)
      if (auto before = find_slow_way(i + 1, kMostBranches)) events_at_[i] = *before;
  }
}

// The call of a slow way that comes next, over a few branches.
std::optional<LockEvent> LockedCode::find_slow_way(std::size_t step, int branches) const {
  for (std::size_t left = kMostStepsToSlowWay; left > 0 && step < steps_.size(); --left, ++step) {
    const Step& here = steps_[step];
    if (here.flow == Flow::kCall) return events_.find_before(function_, here);
    if (here.effect == binary::Effect::kAtomic || here.flow == Flow::kEnd ||
        here.flow == Flow::kLost)
      return std::nullopt;
    if (here.flow == Flow::kNext) continue;
    auto target = std::ranges::lower_bound(steps_, here.target, {}, &Step::at);
    if (branches == 0 || target == steps_.end() || target->at != here.target) return std::nullopt;
    auto there = find_slow_way(static_cast<std::size_t>(target - steps_.begin()), branches - 1);
    if (there || here.flow == Flow::kJump) return there;
    --branches;
  }
  return std::nullopt;
}

bool LockedCode::find_blocks() {
  if (steps_.empty()) return false;
  std::set<std::size_t> begins{0};
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (step.flow == Flow::kNext || step.flow == Flow::kCall) continue;
    if (i + 1 < steps_.size()) begins.insert(i + 1);
    auto target = std::ranges::lower_bound(steps_, step.target, {}, &Step::at);
    if (target != steps_.end() && target->at == step.target)
      begins.insert(static_cast<std::size_t>(target - steps_.begin()));
  }
  for (std::size_t begin : begins) blocks_.push_back({.begin = begin});
  for (std::size_t i = 0; i < blocks_.size(); ++i)
    blocks_[i].end = i + 1 < blocks_.size() ? blocks_[i + 1].begin : steps_.size();
  for (std::size_t i = 0; i < blocks_.size(); ++i)
    if (!connect(i)) return false;
  return true;
}

// A block goes on from its last step, or ends at a call in it that does not come back.
bool LockedCode::connect(std::size_t number) {
  Block& block = blocks_[number];
  for (std::size_t i = block.begin; i < block.end; ++i)
    if (steps_[i].flow == Flow::kCall && ends(callee(steps_[i]))) {
      block.end = i + 1;
      return true;
    }
  const Step& last = steps_[block.end - 1];
  if (last.flow == Flow::kEnd) return true;
  if (last.flow == Flow::kJump || last.flow == Flow::kBranch) {
    if (auto target = block_at(last.target))
      block.next.push_back(*target);
    else if (last.flow == Flow::kBranch)
      return false;  // else a call at the function's end
  }
  if (last.flow != Flow::kJump && last.flow != Flow::kLost && number + 1 < blocks_.size())
    block.next.push_back(number + 1);
  return true;
}

bool LockedCode::walk() {
  blocks_[0].state.emplace();
  blocks_[0].state->pointers = PointerState::at_entry();
  std::vector<std::size_t> open{0};
  for (std::size_t visits = 0; !open.empty(); ++visits) {
    if (visits > kMostVisits) return false;
    std::size_t number = open.back();
    open.pop_back();
    LockState state = *blocks_[number].state;
    for (std::size_t i = blocks_[number].begin; i < blocks_[number].end; ++i) {
      if (steps_[i].flow == Flow::kLost) return false;
      apply(i, state);
    }
    for (std::size_t next : blocks_[number].next) {
      std::optional<LockState>& there = blocks_[next].state;
      bool changed = !there || there->merge(state);
      if (!there) there = state;
      if (changed && std::ranges::find(open, next) == open.end()) open.push_back(next);
    }
  }
  return true;
}

void LockedCode::note_unlocks() {
  for (const Block& block : blocks_) {
    if (!block.state) continue;
    LockState state = *block.state;
    for (std::size_t i = block.begin; i < block.end; ++i) {
      const LockEvent* found = event(i);
      if (found != nullptr && found->what == What::kUnlock)
        unlocks_[i] = {found->use, lock_of(*found, i, state)};
      apply(i, state);
    }
    note_end(state);
  }
}

void LockedCode::note_end(const LockState& state) {
  follows_ = follows_ && !state.overflown;
  if (!is_from_start_) return;
  passed_.add_all(state.passed);
  auto add = [&](const ReleasedAt& one) {
    if (std::ranges::find(released_, one) == released_.end()) released_.push_back(one);
  };
  std::ranges::for_each(state.released, add);
  std::ranges::for_each(calls_.released_by_deferred(state), add);
}

PointerValue LockedCode::lock_of(const LockEvent& event, std::size_t step,
                                 const LockState& state) const {
  if (!event.inlined) return state.pointers.reg(0);
  const Step& at = steps_[step];
  if (at.from == binary::kNoRegister) return {Origin::kStatic, 0, at.value - event.offset};
  return state.pointers.reg(at.from).plus(at.value - event.offset);
}

void LockedCode::apply_event(const LockEvent& event, std::size_t step, LockState& state) const {
  PointerValue lock = lock_of(event, step, state);
  if (event.what == What::kLock)
    state.lock(event.use, lock, event.site);
  else if (event.what == What::kUnlock)
    state.unlock(event.use, lock);
}

void LockedCode::apply(std::size_t number, LockState& state) const {
  const Step& step = steps_[number];
  const LockEvent* found = event(number);
  if (found != nullptr) apply_event(*found, number, state);
  if (step.flow == Flow::kCall) {
    if (found == nullptr) calls_.may_run_what_is_called(step, state);
    return calls_.leave(step, static_cast<std::uint32_t>(number), state);
  }
  if (step.effect == binary::Effect::kStore &&
      state.pointers.place_of(step).origin != Origin::kFrame)
    calls_.store(state.pointers.reg(step.to), state);
  state.pointers.apply(step, static_cast<std::uint32_t>(number), loads_);
}

std::optional<std::size_t> LockedCode::step_at(Address pc) const {
  auto after = std::ranges::upper_bound(steps_, pc, {}, &Step::at);
  if (after == steps_.begin()) return std::nullopt;
  auto found = std::ranges::lower_bound(steps_, std::prev(after)->at, {}, &Step::at);
  auto step = static_cast<std::size_t>(found - steps_.begin());
  const Block& block = blocks_[block_of(step)];
  return block.state && step < block.end ? std::optional(step) : std::nullopt;
}

LockState LockedCode::before(std::size_t step) const {
  const Block& block = blocks_[block_of(step)];
  LockState state = *block.state;
  for (std::size_t i = block.begin; i < step; ++i) apply(i, state);
  return state;
}

bool LockedCode::unlocks_ahead(std::size_t step, LockUse use, const PointerValue& lock) const {
  auto has = [&](std::size_t from, std::size_t to) {
    for (auto at = unlocks_.lower_bound(from); at != unlocks_.end() && at->first < to; ++at)
      if (at->second.use == use && at->second.lock == lock) return true;
    return false;
  };
  const Block& here = blocks_[block_of(step)];
  if (has(step, here.end)) return true;
  std::vector<bool> seen(blocks_.size());
  std::vector<std::size_t> open = here.next;
  while (!open.empty()) {
    std::size_t number = open.back();
    open.pop_back();
    if (seen[number]) continue;
    seen[number] = true;
    if (has(blocks_[number].begin, blocks_[number].end)) return true;
    open.insert(open.end(), blocks_[number].next.begin(), blocks_[number].next.end());
  }
  return false;
}

}  // namespace goshawk::goruntime
