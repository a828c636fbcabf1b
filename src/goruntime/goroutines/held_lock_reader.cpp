// Frame by frame, from the innermost on: what a function has locked and not unlocked, unless a
// function that it called has unlocked it since. Goroutines that stand at the same places share
// what their code says; only the addresses are each one's own.
//
// Evidence, not proof: another goroutine may have unlocked it. What a pointer in memory leads to is
// never certain (s.current.mu): somebody may have put another one there since.
#include "goruntime/goroutines/held_lock_reader.h"

#include <algorithm>

#include "goruntime/facts/sync_lock.h"
#include "goruntime/symbols/function_package.h"

namespace goshawk::goruntime {

using facts::MutexWords;
using facts::RWMutexWords;
using snapshot::FrameId;
using snapshot::HeldLock;

namespace {

// Between whoever calls Lock and gopark.
bool is_part_of_locking(std::string_view function) {
  for (std::string_view one : {"runtime.", "sync.runtime_", "internal/sync.runtime_",
                               "sync.(*Mutex).", "internal/sync.(*Mutex).", "sync.(*RWMutex)."})
    if (function.starts_with(one)) return true;
  return false;
}

snapshot::LockHold hold_of(LockUse use) {
  return use == LockUse::kMutex   ? snapshot::LockHold::kMutex
         : use == LockUse::kWrite ? snapshot::LockHold::kWrite
                                  : snapshot::LockHold::kRead;
}

}  // namespace

HeldLockReader::HeldLockReader(const target::Memory& memory, PageCache& cache,
                               const Functions& functions, const std::string& arch,
                               const std::vector<Address>& semaphores, snapshot::Snapshot& into)
    : memory_(memory),
      cache_(cache),
      functions_(functions),
      arch_(arch),
      into_(into),
      semaphores_(semaphores.begin(), semaphores.end()) {}

bool HeldLockReader::is_waited_for(Address lock) const {
  for (std::uint32_t offset :
       {MutexWords::kSema, RWMutexWords::kWriterSem, RWMutexWords::kReaderSem})
    if (semaphores_.contains(lock + offset)) return true;
  return false;
}

// Who waits for a lock that it has locked through an interface (sync.Cond's, one like it) may have
// unlocked it through that as well.
bool HeldLockReader::is_seen_to_lock(const WalkedStack& walked, const Places& places) const {
  bool locks = false;
  for (std::size_t i = 0; i < walked.functions.size(); ++i) {
    if (walked.functions[i] == kNoFunction) return false;
    std::string_view name = functions_.name(walked.functions[i]);
    if (is_part_of_locking(name)) {
      locks = locks || name.find("Mutex") != std::string_view::npos;
      continue;
    }
    auto place = std::ranges::find(places.places, i, &Place::frame);
    return !locks || (place != places.places.end() && place->locks.at_lock);
  }
  return true;
}

const HeldLockReader::Places& HeldLockReader::places_of(snapshot::StackId stack,
                                                        const WalkedStack& walked) {
  auto [entry, is_new] = places_.try_emplace(stack);
  Places& places = entry->second;
  if (!is_new) return places;
  if (!calls_) calls_.emplace(memory_, functions_, arch_);
  // Outermost first: only once a lock may be held it matters what else may unlock it.
  bool holds = false;
  for (std::size_t i = std::min(walked.functions.size(), walked.extents.size()); i-- > 0;) {
    FunctionId function = walked.functions[i];
    if (function == kNoFunction) continue;
    bool locks = calls_->are_in(function);
    if (!locks && (!holds || is_part_of_locking(functions_.name(function)))) continue;
    if (!flow_) flow_.emplace(memory_, functions_, arch_);
    const LocksAtPlace& place = flow_->at(function, walked.source_pc(i), holds);
    holds = holds || std::ranges::any_of(place.locks, &LockAtPlace::certain);
    places.places.push_back({i, place});
    if (holds && locks && !place.followed) places.lock_seen = false;
  }
  std::ranges::reverse(places.places);
  bool waits_for_cond = std::ranges::any_of(walked.functions, [&](FunctionId function) {
    return function != kNoFunction && functions_.name(function) == "sync.(*Cond).Wait";
  });
  places.lock_seen = places.lock_seen && !waits_for_cond && is_seen_to_lock(walked, places);
  return places;
}

std::optional<Address> HeldLockReader::find(const AddressRecipe& recipe, const Place& place,
                                            const Stack& stack) {
  Address at(static_cast<std::uint64_t>(recipe.start));
  if (!recipe.is_static) {
    Address sp = stack.walked.extents[place.frame].sp;
    std::uint64_t offset = sp + static_cast<std::uint64_t>(recipe.start) - stack.from;
    if (!fits(stack.bytes, offset, 8)) return std::nullopt;
    at = Address(load_unchecked<std::uint64_t>(stack.bytes.data() + offset));
  }
  for (std::int64_t load : recipe.loads) {
    auto word = cache_.value<std::uint64_t>(at + static_cast<std::uint64_t>(load));
    if (!word) return std::nullopt;
    at = Address(*word);
  }
  return at + static_cast<std::uint64_t>(recipe.delta);
}

std::string_view HeldLockReader::package_of(const Place& place, const Stack& stack) const {
  return goruntime::package_of(functions_.name(stack.walked.functions[place.frame]));
}

bool HeldLockReader::may_unlock(const std::vector<AddressRecipe>& called, LockUse use,
                                const Place& place, const Stack& stack) {
  return std::ranges::any_of(called, [&](const AddressRecipe& recipe) {
    auto code = find(recipe, place, stack);
    return !code || flow_->may_unlock(*code, use, package_of(place, stack));
  });
}

// Through pointers: by the frame itself since Lock, and by those that it has called. What those of
// other packages call that cannot be told is left out: they hardly know of the lock.
bool HeldLockReader::may_be_unlocked(const LockAtPlace& lock, const Place& place,
                                     std::span<const Place> inner_places, const Stack& stack) {
  if (may_unlock(lock.called, lock.use, place, stack)) return true;
  return std::ranges::any_of(inner_places, [&](const Place& inner) {
    return (inner.locks.called_more && package_of(inner, stack) == package_of(place, stack)) ||
           may_unlock(inner.locks.called, lock.use, inner, stack);
  });
}

std::vector<HeldLockReader::Given> HeldLockReader::given_in(const Place& place,
                                                            const Stack& stack) {
  std::vector<Given> given;
  for (const LockAtPlace& lock : place.locks.locks)
    if (!lock.held)
      given.push_back({lock.use, lock.address ? find(*lock.address, place, stack) : std::nullopt});
  return given;
}

FrameId HeldLockReader::frame_of(const snapshot::Goroutine& goroutine, Address pc) const {
  for (FrameId id : into_.stacks[goroutine.stack]) {
    const snapshot::Frame& frame = into_.stacks.frame(id);
    if (frame.pc == pc && !frame.inlined) return id;
  }
  return snapshot::kNone;
}

void HeldLockReader::add(const snapshot::Goroutine& goroutine, const WalkedStack& walked,
                         Address from, ByteView bytes) {
  if (semaphores_.empty()) return;
  const std::vector<Place>& places = places_of(goroutine.stack, walked).places;
  bool lock_seen = places_of(goroutine.stack, walked).lock_seen;
  Stack stack{walked, from, bytes};
  std::vector<Given> given;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Place& place = places[i];
    std::vector<Given> own = given_in(place, stack);
    std::vector<HeldLock> held;
    for (const LockAtPlace& lock : place.locks.locks) {
      auto address = lock.held && lock.address ? find(*lock.address, place, stack) : std::nullopt;
      if (!address || !is_waited_for(*address)) continue;
      // Of its own, those of another name that turn out to be the same lock.
      auto is_given = [&](const Given& one, bool is_own) {
        return one.use == lock.use && ((!is_own && !one.lock) || one.lock == *address);
      };
      bool certain =
          lock.certain && lock.address->loads.empty() && lock_seen &&
          std::ranges::none_of(given, [&](const Given& one) { return is_given(one, false); }) &&
          std::ranges::none_of(own, [&](const Given& one) { return is_given(one, true); }) &&
          !may_be_unlocked(lock, place, std::span(places).first(i), stack);
      held.push_back({.goid = goroutine.goid,
                      .lock = *address,
                      .hold = hold_of(lock.use),
                      .certain = certain,
                      .unlocks_ahead = lock.unlocks_ahead,
                      .frame = frame_of(goroutine, walked.pcs[place.frame])});
    }
    // What it has locked again is its own.
    std::erase_if(own, [&](const Given& one) {
      return one.lock && std::ranges::any_of(held, [&](const HeldLock& lock) {
               return lock.lock == *one.lock && lock.hold == hold_of(one.use) && lock.certain;
             });
    });
    given.insert(given.end(), own.begin(), own.end());
    into_.held_locks.insert(into_.held_locks.end(), held.begin(), held.end());
  }
}

}  // namespace goshawk::goruntime
