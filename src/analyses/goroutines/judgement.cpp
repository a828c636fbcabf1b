#include "analyses/goroutines/judgement.h"

namespace goshawk::analyses::goroutines {

Judgement::Judgement(const snapshot::Snapshot& picture)
    : snapshot(picture), standings(compute_standings(picture)), spoiled(spoiled_by(picture)) {
  if (!spoiled.empty()) {
    proof = prove_nothing(standings, spoiled);
    return;
  }
  wakes.emplace(picture, standings);
  proof = prove(picture, *wakes);
  holders.emplace(picture, *wakes, proof);
  locks.emplace(picture, proof, *holders);
}

Holder Judgement::holder_of(std::size_t goroutine) const {
  State state = proof.states[goroutine];
  Holder holder = state == State::kHeld ? holders->of(goroutine) : Holder::kNone;
  bool by_lock = holder == Holder::kNone && (state == State::kHeld || state == State::kAlive) &&
                 locks && locks->waits_for_ever(goroutine);
  return by_lock ? Holder::kLock : holder;
}

}  // namespace goshawk::analyses::goroutines
