// Two names may be of one lock: an Unlock by an unknown name doubts all that is held of its kind.
// Two variables of the program's own are two.
#include "goruntime/goroutines/lock_state.h"

#include <algorithm>

namespace goshawk::goruntime {

namespace {

constexpr std::size_t kMostLocks = 16;   // at one place
constexpr std::size_t kMostCalled = 12;  // through pointers, stored, sent

bool may_be_same(const PointerValue& one, const PointerValue& other) {
  return one.origin != Origin::kStatic || other.origin != Origin::kStatic || one == other;
}

// Whether there was room.
bool add(const PointerValue& one, std::vector<PointerValue>& to) {
  if (std::ranges::find(to, one) != to.end()) return true;
  if (to.size() >= kMostCalled) return false;
  to.push_back(one);
  return true;
}

// Becomes what may be on both ways.
void merge_same(HeldAt& one, const HeldAt* other) {
  one.stored = one.stored || (other != nullptr && other->stored);
  if (!one.certain || other == nullptr || !other->certain) return LockState::doubt(one);
  for (const PointerValue& called : other->called)
    if (!add(called, one.called)) return LockState::doubt(one);
}

}  // namespace

void PassedOn::add(const PointerValue& one, std::vector<PointerValue> PassedOn::* to) {
  bool has_room = goruntime::add(one, this->*to);
  more = more || (!has_room && to != &PassedOn::stored);  // of these the first ones will do
}

void PassedOn::add_all(const PassedOn& other) {
  for (auto list : {&PassedOn::called, &PassedOn::stored, &PassedOn::sent})
    for (const PointerValue& one : other.*list) add(one, list);
  more = more || other.more;
}

void LockState::lock(LockUse use, const PointerValue& lock, std::uint64_t site) {
  if (!lock.is_known() || lock.origin == Origin::kFrame) return;
  std::erase_if(held, [&](const HeldAt& one) {
    return one.use == use && one.lock == lock && one.site == site;
  });
  if (held.size() >= kMostLocks)
    overflown = true;
  else
    held.push_back({use, lock, site});
}

void LockState::unlock(LockUse use, const PointerValue& lock) {
  if (lock.origin == Origin::kFrame) return;  // nobody else has it
  bool was_held = lock.is_known() && std::erase_if(held, [&](const HeldAt& one) {
                                       return one.use == use && one.lock == lock;
                                     }) > 0;
  if (!was_held) may_have_unlocked({use, lock});
}

void LockState::may_have_unlocked(const ReleasedAt& one) {
  bool is_own = false;
  for (HeldAt& each : held) {
    if (one.use && *one.use != each.use) continue;
    bool is_same = one.lock.is_known() && one.lock == each.lock;
    if (is_same || (one.use && may_be_same(one.lock, each.lock))) doubt(each);
    is_own = is_own || is_same;
  }
  if (!is_own || !one.use) release(one);
}

void LockState::release(const ReleasedAt& one) {
  if (std::ranges::find(released, one) != released.end()) return;
  if (released.size() >= kMostLocks)
    overflown = true;
  else
    released.push_back(one);
}

void LockState::call_through(const PointerValue& code) {
  for (HeldAt& one : held)
    if (one.certain && (!code.is_known() || !add(code, one.called))) doubt(one);
  passed.add(code, &PassedOn::called);
}

void LockState::doubt(HeldAt& held) {
  held.certain = false;
  held.called.clear();
}

void LockState::doubt_all() { std::ranges::for_each(held, doubt); }

bool LockState::merge(const LockState& other) {
  bool changed = pointers.merge(other.pointers);
  auto find = [](const std::vector<HeldAt>& in, const HeldAt& one) {
    auto same = std::ranges::find_if(in, [&](const HeldAt& each) {
      return each.use == one.use && each.lock == one.lock && each.site == one.site;
    });
    return same == in.end() ? nullptr : &*same;
  };
  LockState before{
      .pointers = {}, .held = held, .released = released, .passed = passed, .overflown = overflown};
  for (HeldAt& one : held) merge_same(one, find(other.held, one));
  for (const HeldAt& one : other.held) {
    if (find(held, one) != nullptr) continue;
    if (held.size() >= kMostLocks) {
      overflown = true;
      break;
    }
    held.push_back(one);
    doubt(held.back());
  }
  for (const ReleasedAt& one : other.released) release(one);
  passed.add_all(other.passed);
  overflown = overflown || other.overflown;
  return changed || held != before.held || released != before.released || passed != before.passed ||
         overflown != before.overflown;
}

}  // namespace goshawk::goruntime
