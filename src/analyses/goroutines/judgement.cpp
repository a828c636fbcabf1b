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
  loops = find_unstoppable_loops(picture, *wakes, proof);
  endless_loops = find_endless_loops(picture, proof);
}

Holder Judgement::holder_of(std::size_t goroutine) const {
  State state = proof.states[goroutine];
  Holder holder = state == State::kHeld ? holders->of(goroutine) : Holder::kNone;
  bool by_lock = holder == Holder::kNone && (state == State::kHeld || state == State::kAlive) &&
                 locks && locks->waits_for_ever(goroutine);
  if (by_lock) return Holder::kLock;
  if (holder == Holder::kNone && !loops.empty()) holder = loops[goroutine];
  bool is_endless = !endless_loops.empty() && endless_loops[goroutine];
  return holder == Holder::kNone && is_endless ? Holder::kEndless : holder;
}

}  // namespace goshawk::analyses::goroutines
